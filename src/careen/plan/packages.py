"""Outcome of each package, and the records and licences of those that stay."""

from collections import deque
from collections.abc import Container, Mapping
from dataclasses import dataclass

from careen.model.packages.package import Package
from careen.model.paths import ImagePath, ancestors, name, parent
from careen.model.plan import CONTRACT, DRIFT, Outcome, PackagePlan, Reason
from careen.model.runs.trace import Use
from careen.plan.core.dependencies import alternatives, providers
from careen.plan.core.keeping import Keeping
from careen.plan.core.listed import METADATA
from careen.plan.core.scene import SYSTEM, Scene
from careen.plan.mechanisms.python.distributions import RECORD


@dataclass(frozen=True, slots=True)
class Settled:
    """The packages that go.

    `gone`: purls of packages that go whole. `dropped`: their records that a scan of the database
    had opened, with the package's name.
    """

    gone: frozenset[str]
    dropped: Mapping[ImagePath, str]


def settle_records(scene: Scene, keeping: Keeping) -> Settled:
    """Keep the metadata and licences of packages that stay, and drop those of the others.

    A package stays if something else of it is kept, if another one needs a licence that is its
    file, or if none of its files is known.
    """
    packages = scene.inventory.packages
    staying: dict[str, ImagePath | None] = {}
    for purl, package in sorted(packages.items()):
        because = why_it_stays(scene, keeping, package)
        # Without files, the package's file list may have been unreadable.
        if because is not None or not package.files:
            staying[purl] = because
    todo = deque(staying)
    while todo:
        package = packages[todo.popleft()]
        because = staying[package.purl]
        what = "of which something is kept" if package.files else "of which no file is known"
        for path in (*package.metadata, *package.licences):
            keeping.add(
                path,
                Reason("package-record", f"record or licence of {package.name}, {what}", because),
            )
            for owner in scene.inventory.owners.get(path, ()):
                if owner not in staying and path in keeping:
                    staying[owner] = path
                    todo.append(owner)
    needed = {
        path for purl in staying for path in (*packages[purl].metadata, *packages[purl].licences)
    }
    gone = frozenset(packages.keys() - staying.keys())
    dropped = {
        path: packages[purl].name
        for purl in sorted(gone)
        for path in (*packages[purl].metadata, *packages[purl].licences)
        if path in keeping
    }
    dropped = {path: package_name for path, package_name in dropped.items() if path not in needed}
    for path in dropped:
        del keeping.reasons[path]
    folders = _record_folders(scene, keeping, gone)
    for path in folders:
        del keeping.reasons[path]
    return Settled(gone, {**dropped, **folders})


def _record_folders(
    scene: Scene, keeping: Keeping, gone: frozenset[str]
) -> Mapping[ImagePath, str]:
    """Return the kept metadata directories of Python distributions that go, if nothing is below."""
    # importlib.metadata lists such a directory, empty too, as a distribution without a name.
    needed = {above for path in keeping.reasons for above in ancestors(path)}
    return {
        parent(path): scene.inventory.packages[purl].name
        for purl in sorted(gone)
        for path in scene.inventory.packages[purl].metadata
        if parent(path).endswith((".dist-info", ".egg-info"))
        and parent(path) in keeping
        and parent(path) not in needed
    }


def why_it_stays(scene: Scene, keeping: Keeping, package: Package) -> ImagePath | None:
    """Return the first kept path that is a reason for its package to stay, or None.

    Directories are no reason. Records and licences count only if the user or a repair kept them, if
    a Python distribution requires them, or if a program asked for that Python metadata by name.
    """
    records = frozenset((*package.metadata, *package.licences, package.record))
    for path in package.files:
        reason, entry = keeping.reasons.get(path), scene.rootfs.get(path)
        if reason is None or entry is None or entry.is_dir:
            continue
        if (
            reason.code in ("user-keep", "repair", CONTRACT, DRIFT, RECORD)
            or path not in records
            or _asked_for(scene, path)
        ):
            return path
    return None


def _asked_for(scene: Scene, path: ImagePath) -> bool:
    return (
        name(path) in METADATA
        and scene.used_as(path, Use.OPENED)
        and parent(parent(path)) not in scene.listed_sites
    )


def hidden(scene: Scene, keeping: Keeping, banned: Container[ImagePath]) -> tuple[str, ...]:
    """Return a note if the user removes the records of packages whose files stay."""
    found = [
        (package, path)
        for _, package in sorted(scene.inventory.packages.items())
        for path in ((package.record,) if package.ecosystem in SYSTEM else package.metadata)
        if path in banned and (package.ecosystem in SYSTEM or name(path) in METADATA)
        if why_it_stays(scene, keeping, package) is not None
    ]
    if not found:
        return ()
    package, path = found[0]
    more = f", and of {len(found) - 1} more" if len(found) > 1 else ""
    return (
        (
            f"--remove takes away {path}, the record of {package.name}{more}, although files of it"
            " stay: scanners will not find it"
        ),
    )


def package_plans(
    scene: Scene, keep: Mapping[ImagePath, Reason], outcomes_gone: frozenset[str]
) -> Mapping[str, PackagePlan]:
    """Return the outcome of each package: kept and removed files, and who depends on it.

    `broken` are the kept packages that depend on one that goes, and on no other that stays.
    """
    plans: dict[str, PackagePlan] = {}
    names = providers(scene.inventory)
    broken: dict[str, list[str]] = {}
    for purl, package in sorted(scene.inventory.packages.items()):
        if purl in outcomes_gone:
            continue
        for group in package.depends:
            candidates = [
                item
                for alternative in alternatives(group)
                for item in names.get((package.ecosystem, alternative), ())
            ]
            if candidates and all(item.purl in outcomes_gone for item in candidates):
                for item in candidates:
                    broken.setdefault(item.purl, []).append(purl)
    for purl, package in sorted(scene.inventory.packages.items()):
        counts = _counts(scene, keep, package)
        outcome = (
            Outcome.REMOVED
            if purl in outcomes_gone
            else (Outcome.PARTIAL if counts[1] else Outcome.KEPT)
        )
        plans[purl] = PackagePlan(purl, outcome, *counts, tuple(sorted(set(broken.get(purl, ())))))
    return plans


def _counts(
    scene: Scene, keep: Mapping[ImagePath, Reason], package: Package
) -> tuple[int, int, int, int]:
    numbers = [0, 0, 0, 0]
    for path in package.files:
        entry = scene.rootfs.get(path)
        if entry is None or entry.is_dir:
            continue
        gone = path not in keep
        numbers[gone] += 1
        numbers[2 + gone] += entry.size
    return numbers[0], numbers[1], numbers[2], numbers[3]


def prune_directories(keeping: Keeping) -> None:
    """Drop directories that were kept only for a path that is no longer kept."""
    needed = {
        above
        for path, reason in keeping.reasons.items()
        if reason.code != "directory"
        for above in ancestors(path)
    }
    for path in [
        path
        for path, reason in keeping.reasons.items()
        if reason.code == "directory" and path not in needed and path != "/"
    ]:
        del keeping.reasons[path]
