"""The bytes that hang on what no workload exercised: what only exploration reached, and what is
kept because of it.
"""

import enum
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from careen.adequacy.chains import Sizes, heads
from careen.adequacy.sights import Sights
from careen.model.exploration import Answer
from careen.model.paths import ImagePath
from careen.model.plan import Plan


class Cold(enum.Enum):
    """What was not exercised, the more tangible first: a file that several reached hangs on the
    first kind.
    """

    OPERATION = "operation"  # an operation that no test called
    IMPORT = "import"  # a module that exploration imported
    TRY = "try"  # one request, command or signal of exploration
    CONDITION = "condition"  # an experiment's circumstances: another user, a restart
    MODULE = "module"  # a module of the application's own that no workload loaded


_RANK = {cold: number for number, cold in enumerate(Cold)}


@dataclass(frozen=True, slots=True)
class Hanging:
    """Something that no workload exercised, and the bytes that only it reaches."""

    cold: Cold
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Reached:
    """What one experiment reached: its title, its answers, and when each file was first used in
    it.
    """

    title: str
    answers: tuple[Answer, ...]
    sights: Sights


@dataclass(frozen=True, slots=True)
class Seen:
    """What the workloads used: `used` in any way, `run` executed, mapped or read."""

    used: AbstractSet[ImagePath]
    run: AbstractSet[ImagePath]


Key = tuple[Cold, str]


def cold_files(
    reached: Iterable[Reached], called: AbstractSet[str] | None, used: AbstractSet[ImagePath]
) -> Mapping[ImagePath, Key]:
    """Return the files that exploration used and no workload did, each with the one thing that it
    hangs on.

    `called` are the operations that the tests called (None: not known). A file belongs to the
    answer in whose time it was first used, else to the experiment itself; so it does when an
    earlier experiment made the same try: then its circumstances are what was new.
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
    """Return what a file hangs on that was first used in the time of an answer, None when it is not
    the answer.
    """
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
    """Add up, for each thing that was not exercised, the files that only it reached and what the
    plan keeps because of them; most bytes first.

    `idle` are the application's modules that no workload loaded. What is kept because of such a
    file counts if no workload used it, nor ran a file of a package that owns it: a package that
    workloads need would stay anyway.
    """
    totals: dict[Key, int] = {}
    for path, key in cold.items():
        _add(totals, key, sizes.bytes.get(path, 0))
    for path in idle:
        _add(totals, (Cold.MODULE, path), sizes.bytes.get(path, 0))
    if plan is not None:
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
