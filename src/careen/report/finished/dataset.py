"""The files of an image as columns, which the page's script reads: evidence, reason, package."""

from collections.abc import Iterator, Mapping
from typing import Any

from careen.model.entry import Entry
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.plan import Plan, Reason
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs

EVIDENCE = ("executed", "loaded", "opened", "kept, not used", "removed")
"""What a colour of the page stands for; a file's digit in `evidence` is its place here."""

_EXECUTED, _LOADED, _OPENED, _KEPT, _REMOVED = range(len(EVIDENCE))
_BY_USE = {Use.EXECUTED: _EXECUTED, Use.MAPPED: _LOADED}
_NONE = -1


def dataset(plan: Plan, bom: RuntimeBom, rootfs: Rootfs, inventory: Inventory) -> dict[str, Any]:
    """Return the columns of all files and links of an image, in path order.

    Paths are front-coded: `shared` has how many UTF-16 units, as scripts count, a path has in
    common with the one before it, `rest` what follows. `sizes` count the content of several names
    once. `reasons` and `packages` are rows that the columns name by number, -1 for none.
    """
    entries = sorted((each for each in rootfs if not each.is_dir), key=lambda each: each.path)
    uses = {each.path: _strongest(each.uses) for each in bom.files}
    reasons = _Numbers()
    packages = _Numbers()
    decided = {**plan.keep, **plan.remove}
    return {
        **_front_coded([each.path for each in entries]),
        "sizes": list(_sizes(entries)),
        "evidence": "".join(str(_evidence(each.path, plan, uses)) for each in entries),
        "reason": [reasons.of(_reason_row(decided.get(each.path))) for each in entries],
        "package": [packages.of(_package_row(each.path, inventory)) for each in entries],
        "reasons": reasons.rows,
        "packages": packages.rows,
    }


class _Numbers:
    """Rows by number; None is -1."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []
        self._numbers: dict[tuple[str, ...], int] = {}

    def of(self, row: tuple[str, ...] | None) -> int:
        if row is None:
            return _NONE
        if row not in self._numbers:
            self._numbers[row] = len(self.rows)
            self.rows.append(row)
        return self._numbers[row]


def _front_coded(paths: list[ImagePath]) -> dict[str, Any]:
    shared, rest, before = [], [], ""
    for path in paths:
        same = next(
            (at for at, (one, other) in enumerate(zip(before, path, strict=False)) if one != other),
            min(len(before), len(path)),
        )
        shared.append(len(path[:same].encode("utf-16-le", "surrogatepass")) // 2)
        rest.append(path[same:])
        before = path
    return {"shared": shared, "rest": rest}


def _sizes(entries: list[Entry]) -> Iterator[int]:
    counted: set[int] = set()
    for entry in entries:
        new = entry.is_file and entry.inode not in counted
        counted.add(entry.inode)
        yield entry.size if new else 0


def _strongest(uses: Any) -> int:
    return min((_BY_USE.get(each.use, _OPENED) for each in uses), default=_KEPT)


def _evidence(path: ImagePath, plan: Plan, uses: Mapping[ImagePath, int]) -> int:
    if path not in plan.keep:
        return _REMOVED
    return uses.get(path, _KEPT)


def _reason_row(reason: Reason | None) -> tuple[str, ...] | None:
    return None if reason is None else (reason.code, reason.detail, reason.because or "")


def _package_row(path: ImagePath, inventory: Inventory) -> tuple[str, ...] | None:
    for purl in inventory.owners.get(path, ()):
        package = inventory.packages.get(purl)
        if package is not None:
            return (package.name, package.version, package.ecosystem.value)
    return None
