"""The import sweep: import every module within reach that the workload did not import.

It shows which files these modules need and which of them fail.
"""

import base64
import json
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from itertools import groupby
from typing import Any

from careen.explore.experiment import Experiment, ReadyContainer
from careen.explore.import_reach import own_modules, reachable_modules
from careen.explore.import_roots import find_python
from careen.explore.throwaway import throwaway
from careen.model.image import ImageConfig
from careen.model.packages.package import Inventory
from careen.model.rbom import RuntimeBom
from careen.model.runs.exploration import Answer, Effort, Explored
from careen.model.runs.workload import ReadyExit, Workload
from careen.oci.tree.rootfs import Rootfs

ID = "imports"
MARK = "careen-import "
END = "careen-import-end"
_CHUNK = 96 * 1024  # an argument may have 128 KiB (MAX_ARG_STRLEN)
_MARGIN = 30.0  # seconds for the container's own start and end
_MAX_BASE = 1500
_GROUP = 50
_PATIENCE = 3.0
_ID = "import "


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of a sweep: the number of modules, and time in seconds.

    `each` is for one module, `whole` is processor time and `wall` wall-clock time for all;
    importing the base may take as long again. Times are a last resort, since results must not
    depend on the load.
    """

    modules: int
    each: float
    whole: float
    wall: float

    def stretched(self, times: float) -> "Budget":
        """Return the budget with its times multiplied."""
        return replace(
            self, each=times * self.each, whole=times * self.whole, wall=times * self.wall
        )


BUDGETS: Mapping[Effort, Budget] = {
    Effort.SAFE: Budget(200, 15.0, 60.0, 180.0),
    Effort.DEEP: Budget(3000, 60.0, 600.0, 1800.0),
}


@dataclass(frozen=True, slots=True)
class Sweep:
    """What to import, with which interpreter.

    `paths` are additional search directories, `base` the modules that the workload imports anyway.
    The first `own` of `modules` are the application's.
    """

    interpreter: str
    paths: tuple[str, ...]
    base: tuple[str, ...]
    modules: tuple[str, ...]
    own: int = 0

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The modules to import in one process each.

        Each of the application's has its own process, since a script may do anything. Others are
        grouped with neighbours of the same package.
        """
        others = self.modules[self.own :]
        runs = (tuple(run) for _, run in groupby(others, lambda module: module.partition(".")[0]))
        return (
            *((module,) for module in self.modules[: self.own]),
            *(run[at : at + _GROUP] for run in runs for at in range(0, len(run), _GROUP)),
        )


def plan_sweep(
    rootfs: Rootfs, inventory: Inventory, bom: RuntimeBom, config: ImageConfig, effort: Effort
) -> Sweep | None:
    """Return what to import in an image whose workload has this RBOM, or None.

    None if it ran no Python, nothing is left to import, or `effort` is off.
    """
    budget = BUDGETS.get(effort)
    python = find_python(rootfs, bom, config) if budget is not None else None
    if budget is None or python is None:
        return None
    own = own_modules(rootfs, inventory, python)[: budget.modules]
    modules = reachable_modules(rootfs, python, own, budget.modules)
    if not modules:
        return None
    base = (
        module
        for module, path in sorted(python.imported.items())
        if path.startswith(tuple(f"{site}/" for site in python.sites)) and module.count(".") <= 1
    )
    kept = tuple(module for module in base if not module.endswith("__main__"))[:_MAX_BASE]
    return Sweep(python.interpreter, (*python.own, *python.sites), kept, modules, len(own))


def import_experiment(
    sweep: Sweep, workload: Workload, effort: Effort, pace: float = 1.0
) -> Experiment:
    """Return the experiment: a batch job in which the image's Python imports the modules.

    It has no network. Answers of kind `import` follow the order of the modules. Status 0 is
    imported, 1 an exception (in the note), 128 + N killed by signal N, None out of time or not
    reached. Times are multiplied by `pace`, the slowness of the machine.
    """
    return _experiment(sweep, workload, BUDGETS[effort].stretched(pace))


def repeated(
    sweep: Sweep, seen: Explored, workload: Workload, effort: Effort, pace: float = 1.0
) -> tuple[Experiment, Explored]:
    """Return the experiment for other images and the original's result to compare with.

    It has only the modules that were answered here, with three times the time. Modules that a busy
    machine did not reach are thus not differences between images.
    """
    answers = tuple(answer for answer in seen.answers if answer.status is not None)
    answered = frozenset(answer.id.removeprefix(_ID) for answer in answers)
    modules = tuple(module for module in sweep.modules if module in answered)
    own = sum(module in answered for module in sweep.modules[: sweep.own])
    longer = BUDGETS[effort].stretched(_PATIENCE * pace)
    # For records, as the program and its list take some 20 kB.
    words = (sweep.interpreter, "-c", f"import of {len(sweep.modules)} modules")
    return _experiment(replace(sweep, modules=modules, own=own), workload, longer), replace(
        seen, answers=answers, command=words
    )


def _experiment(sweep: Sweep, workload: Workload, budget: Budget) -> Experiment:
    program = (
        resources.files("careen.explore.inside")
        .joinpath("import_sweep.py")
        .read_text(encoding="utf-8")
    )
    plan = {
        "paths": sweep.paths,
        "base": sweep.base,
        "groups": sweep.groups,
        "limit": budget.each,
        "budget": budget.whole,
        "wall": budget.wall,
    }
    packed = base64.b64encode(zlib.compress(json.dumps(plan).encode(), 9)).decode()
    chunks = (packed[at : at + _CHUNK] for at in range(0, len(packed), _CHUNK))
    options = replace(
        throwaway(workload.run),
        entrypoint=sweep.interpreter,
        args=("-c", program, *chunks),
        network="none",
        ports=(),
    )
    limit = 2 * budget.wall + budget.each + _MARGIN
    job = replace(
        workload,
        ready=ReadyExit(),
        tests=(),
        observe=0.0,
        run=options,
        limits=replace(workload.limits, test=limit),
    )
    title = f"import of {len(sweep.modules)} modules that the workload did not import"
    drive = partial(read_answers, sweep.modules)
    return Experiment(ID, title, job, drive, limit=limit, aside=True)


def read_answers(modules: Sequence[str], live: ReadyContainer) -> Iterator[Answer]:
    """Yield the answer for each module from the output of a container that has ended.

    The output is hostile: only the first line for a requested module counts.
    """
    found: dict[str, Answer] = {}
    wanted = frozenset(modules)
    ended = False
    for line in live.container.logs().splitlines():
        ended = ended or line.strip() == END
        answer = _answer(line) if line.startswith(MARK) else None
        if answer is not None and (module := answer.id.removeprefix(_ID)) in wanted:
            found.setdefault(module, answer)
    why = "not reached in time" if ended else "not reached: the sweep did not come to its end"
    for module in modules:
        yield found.get(module) or Answer(f"{_ID}{module}", "import", None, note=why, late=ended)


def _answer(line: str) -> Answer | None:
    try:
        read: Any = json.loads(line[len(MARK) :])
    except (ValueError, RecursionError):
        return None
    match read:
        case [
            str(module),
            int() | None as status,
            str(note),
            int() | float() as begun,
            int() | float() as seconds,
        ]:
            late = status is None
            return Answer(
                f"{_ID}{module}",
                "import",
                status,
                note=note[:400],
                begun=_finite(begun),
                seconds=_finite(seconds),
                late=late,
            )
        case _:
            return None


def _finite(value: float) -> float:
    return float(value) if math.isfinite(value) else 0.0
