"""Sizes of what no workload exercised: files that only exploration reached and what they keep."""

import enum
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from careen.adequacy.chains import Sizes, heads
from careen.adequacy.sights import FirstUses
from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.model.runs.exploration import Answer


class Cold(enum.Enum):
    """Kind of an unexercised thing, most specific first; a file of several counts for the first."""

    OPERATION = "operation"  # an operation that no test called
    IMPORT = "import"  # a module that exploration imported
    TRY = "try"  # one request, command or signal of exploration
    CONDITION = "condition"  # the conditions of an experiment: another user, a restart
    MODULE = "module"  # a module of the application that no workload loaded


_RANK = {cold: number for number, cold in enumerate(Cold)}


@dataclass(frozen=True, slots=True)
class Hanging:
    """Something that no workload exercised, and the bytes that only it reaches."""

    cold: Cold
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Reached:
    """Result of one experiment: title, answers, and when each file was first used."""

    title: str
    answers: tuple[Answer, ...]
    sights: FirstUses


@dataclass(frozen=True, slots=True)
class Seen:
    """Files that workloads used in any way (`used`), and those executed, mapped or read (`run`)."""

    used: AbstractSet[ImagePath]
    run: AbstractSet[ImagePath]


Key = tuple[Cold, str]


def cold_files(
    reached: Iterable[Reached], called: AbstractSet[str] | None, used: AbstractSet[ImagePath]
) -> Mapping[ImagePath, Key]:
    """Return the files that exploration used and no workload did, each with what reached it.

    `called` are the operations that the tests called (None: unknown). A file belongs to the answer
    during which it was first used. Without one, or if an earlier experiment made the same try, it
    belongs to the experiment's conditions.
    """
    out: dict[ImagePath, Key] = {}
    tried: set[str] = set()
    for experiment in reached:
        windows = sorted(
            (answer for answer in experiment.answers if answer.begun > 0),
            key=lambda answer: answer.begun,
        )
        starts = [answer.begun for answer in windows]
        for path, first in experiment.sights.items():
            if path in used:
                continue
            at = -1 if first is None else bisect_right(starts, first) - 1
            answer = (
                windows[at]
                if at >= 0
                and first is not None
                and first <= windows[at].begun + windows[at].seconds
                else None
            )
            key = _key(answer, called, tried) or (Cold.CONDITION, experiment.title)
            if path not in out or _RANK[key[0]] < _RANK[out[path][0]]:
                out[path] = key
        tried.update(answer.id for answer in experiment.answers)
    return out


def _key(
    answer: Answer | None, called: AbstractSet[str] | None, tried: AbstractSet[str]
) -> Key | None:
    """Return what reached a file first used during an answer, None if the answer does not count."""
    if answer is None:
        return None
    if answer.operation and called is not None and answer.operation not in called:
        return Cold.OPERATION, answer.operation
    if answer.kind == "import":
        return Cold.IMPORT, answer.id.removeprefix("import ")
    return None if answer.id in tried else (Cold.TRY, answer.id)


def hanging(
    cold: Mapping[ImagePath, Key],
    idle: Sequence[ImagePath],
    seen: Seen,
    sizes: Sizes,
    plan: Plan | None,
) -> tuple[Hanging, ...]:
    """Return the bytes that hang on each unexercised thing, most first.

    These are the files that only it reached, and what the plan keeps because of them. `idle` are
    the application's modules that no workload loaded. Dependent files do not count if a workload
    used them.
    """
    totals: dict[Key, int] = {}
    for path, key in cold.items():
        _add(totals, key, sizes.bytes.get(path, 0))
    for path in idle:
        _add(totals, (Cold.MODULE, path), sizes.bytes.get(path, 0))
    if plan is not None:
        # A package that a workload runs would be kept anyway.
        needed = {purl for path in seen.run for purl in sizes.owners.get(path, ())}
        for keys in (cold, {path: (Cold.MODULE, str(path)) for path in idle}):
            for path, head in heads(plan, keys).items():
                if (
                    path != head
                    and path not in keys
                    and path not in seen.used
                    and needed.isdisjoint(sizes.owners.get(path, ()))
                ):
                    _add(totals, keys[head], sizes.bytes.get(path, 0))
    found = (Hanging(cold, name, count) for (cold, name), count in totals.items() if count)
    return tuple(sorted(found, key=lambda item: (-item.bytes, _RANK[item.cold], item.name)))


def _add(totals: dict[Key, int], key: Key, count: int) -> None:
    totals[key] = totals.get(key, 0) + count
