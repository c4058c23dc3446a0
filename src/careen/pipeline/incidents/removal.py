"""Whether the files of a package can go, by the RBOM and the plan of the last result."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from careen.model.packages.package import Package
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.rbom import RunKind
from careen.pipeline.incidents.last_result import LastResult
from careen.plan.core.globs import glob_problem
from careen.plan.core.keeping import BY_PLACE
from careen.triage.roles import code_of

MAX_PATHS = 10_000
_SPECIAL = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Removal:
    """Paths that can go, with what kept them so far; or why they have to stay."""

    paths: tuple[ImagePath, ...] = ()
    kept_by: tuple[str, ...] = ()
    against: str = ""


def removal_of(purls: Sequence[str], last: LastResult) -> Removal:
    """Return whether the files of these packages of a result can go."""
    complete = last.bom.completeness
    if not complete.complete:
        return Removal(against=f"the profile is incomplete: {complete.sentence()}")
    if last.bom.image.config_digest != last.profiled.ref.config_digest:
        return Removal(against="the profile is of another image")
    if last.plan.level is Level.PACKAGE:
        return Removal(against="whole packages are kept (level package)")
    if not any(run.kind is RunKind.WORKLOAD and run.tests for run in last.bom.runs):
        return Removal(against="no test of it would show that they are missed")
    used = {file.path for file in last.bom.files}
    paths = dict[ImagePath, None]()
    for purl in purls:
        package = last.result.inventory.packages[purl]
        mine = [path for path in _code(package) if path in last.result.rootfs]
        if (path := next((each for each in mine if each in used), None)) is not None:
            return Removal(against=f"{path} was used")
        paths.update(dict.fromkeys(mine))
    if not paths or len(paths) > MAX_PATHS:
        return Removal(against="no file of it is known" if not paths else f"{len(paths):,} files")
    reasons = {path: last.plan.keep.get(path) for path in paths}
    for path, reason in reasons.items():
        if reason is None or reason.code not in BY_PLACE:
            why = "is not in the plan" if reason is None else f"is kept: {reason.detail}"
            return Removal(against=f"{path} {why}")
    if (path := next((each for each in paths if glob_problem(as_glob(each))), None)) is not None:
        return Removal(against=f"the path is too long: {path[:80]}…")
    kept_by = dict.fromkeys(reason.code for reason in reasons.values() if reason is not None)
    return Removal(tuple(paths), tuple(kept_by))


def as_glob(path: ImagePath) -> str:
    """Return the glob that matches this path alone."""
    return _SPECIAL.sub(lambda found: f"[{found[0]}]", path)


def _code(package: Package) -> tuple[ImagePath, ...]:
    """Return the files with a package's code; of a package inside an archive, the archive."""
    return code_of(package) or (package.record,)
