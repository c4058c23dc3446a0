"""Start of the closure: observed files, what every container needs, and the user's keeps."""

from collections.abc import Iterator

from careen.model.paths import ROOT, ImagePath
from careen.model.plan import CONTRACT, DRIFT, EXPLORED, Reason
from careen.model.rbom import IMPORT_SWEEP, UsedFile
from careen.model.runs.trace import Use
from careen.plan.core.mechanism import Work
from careen.plan.core.scene import Scene

_ORDER = {use: position for position, use in enumerate(Use)}
_OTHERS_WRITE = 0o022
# paths in an image, not on this host
MOUNT_POINTS = (
    "/proc",
    "/sys",
    "/dev",
    "/dev/pts",
    "/dev/shm",  # noqa: S108
    "/run",
    "/tmp",  # noqa: S108
    "/var/tmp",  # noqa: S108
    "/etc",
)


def plant(work: Work) -> None:
    """Keep what the run used, then what a container runtime expects of any image."""
    if ROOT in work.scene.rootfs:
        work.keeping.add(ROOT, Reason("directory", "the root directory"))
    worked = {file.path: file for file in work.scene.bom.without_exploration().files}
    for file in work.scene.observed:
        # Byte code of modules that the workload never imported is not needed.
        if work.scene.wide and work.is_spare_byte_code(file.path) and _is_swept(file):
            continue
        by_workload = worked.get(file.path)
        reason = (
            Reason(EXPLORED, _observation(file))
            if by_workload is None
            else Reason("observed", _observation(by_workload))
        )
        work.keeping.add(file.path, reason)
    for path, why in _expected(work.scene):
        work.keeping.reach(path, Reason("image-config", why))
    if work.scene.wide:
        for entry in work.scene.rootfs:
            if entry.is_dir and (entry.uid != 0 or entry.mode & _OTHERS_WRITE):
                work.keeping.add(
                    entry.path,
                    Reason("writable-directory", "users other than root may write there"),
                )
        if Use.LOOKED_UP not in work.scene.bom.evidence:
            _plant_unseen(work)


def _is_swept(file: UsedFile) -> bool:
    """Return whether only the import sweep used a file."""
    return bool(file.uses) and all(use.origin == IMPORT_SWEEP for use in file.uses)


def _plant_unseen(work: Work) -> None:
    """Keep directories, and empty files of no package (marks, locks).

    They can only be looked up, and the sensor does not see look-ups.
    """
    for entry in work.scene.rootfs:
        if entry.is_dir or (
            entry.is_file and entry.size == 0 and entry.path not in work.scene.inventory.owners
        ):
            work.keeping.add(
                entry.path,
                Reason(
                    "look-ups-unseen",
                    "the sensor does not see look-ups, and nothing else can be done with it",
                ),
            )


def _observation(file: UsedFile) -> str:
    strongest = min(
        file.uses, key=lambda use: (_ORDER[use.use], use.executable, use.origin), default=None
    )
    if strongest is None:
        return "used"
    phases = " and ".join(sorted(phase.value for phase in strongest.phases))
    by = f" by {strongest.executable}" if strongest.executable else ""
    within = f" in {phases}" if phases else ""
    return f"{strongest.use.value}{by}{within} ({strongest.origin})"


def _expected(scene: Scene) -> Iterator[tuple[str, str]]:
    for path in MOUNT_POINTS:
        yield path, "a mount point that container runtimes expect"
    yield scene.config.working_dir, "the working directory"
    for path in scene.config.volumes:
        yield path, "a declared volume"
    for home in scene.homes:
        yield home, "the home directory of the image's user"
    for path in scene.command_path:
        yield path, "a directory of PATH"
    for item in scene.config.env.get("LD_LIBRARY_PATH", "").split(":"):
        if item.startswith("/"):
            yield item, "a directory of LD_LIBRARY_PATH"


def user_keeps(work: Work) -> tuple[str, ...]:
    """Keep what `--keep` names; a directory stands for everything below it.

    Returns a note for each glob that matches nothing.
    """
    notes = []
    for glob in work.scene.policy.keep:
        matched = expand(work.scene, glob)
        for path in matched:
            work.keeping.reach(path, Reason("user-keep", f"--keep {glob}"))
            work.keeping.add(path, Reason("user-keep", f"--keep {glob}"))
        if not matched:
            notes.append(f"--keep {glob!r} matches no path of the image")
    return tuple(notes)


def plant_missed(work: Work) -> tuple[str, ...]:
    """Keep what a running container used or missed; a directory stands for everything below it.

    Returns notes about paths that the image does not have, and those that `--remove` names.
    """
    lacking, banned = list[ImagePath](), list[ImagePath]()
    for missed in work.scene.policy.missed:
        reason = Reason(DRIFT, missed.why)
        final = work.keeping.reach(missed.path, reason)
        if final is None:
            lacking.append(missed.path)
        elif final.path not in work.keeping:
            banned.append(missed.path)
        elif final.is_dir:
            for below in work.scene.index.below(final.path):
                work.keeping.add(below.path, reason)
    return tuple(
        f"--with-events names paths that {what}: {len(paths):,}, {paths[0]} first"
        for paths, what in (
            (lacking, "are not in this image"),
            (banned, "are removed all the same, by --remove"),
        )
        if paths
    )


def plant_repairs(work: Work) -> None:
    """Keep what verification failed without, and the links on the way to it."""
    for repair in sorted(work.scene.policy.repairs, key=lambda repair: repair.path):
        reason = Reason("repair", repair.why)
        work.keeping.reach(repair.path, reason)
        work.keeping.add(repair.path, reason)


def plant_terms(work: Work) -> None:
    """Keep what a contract demands, and the links on the way to it."""
    for path, why in sorted(work.scene.policy.terms.keep.items()):
        reason = Reason(CONTRACT, why)
        work.keeping.reach(path, reason)
        work.keeping.add(path, reason)


def unneeded(scene: Scene) -> dict[ImagePath, str]:
    """Return the paths that go unless they are needed, with their globs.

    Not among them are paths that `--keep` names, that a contract demands or that verification
    failed without.
    """
    policy = scene.policy
    spared = {path for glob in policy.keep for path in expand(scene, glob)} | {ROOT}
    spared |= policy.terms.keep.keys() | {repair.path for repair in policy.repairs}
    matched = {path: glob for glob in policy.remove_unneeded for path in expand(scene, glob)}
    return {path: glob for path, glob in matched.items() if path not in spared}


def user_removes(scene: Scene) -> tuple[dict[ImagePath, str], tuple[str, ...]]:
    """Return the paths that `--remove` bans, with their globs, and notes for the user.

    With them are those that a contract forbids, with the reason. Paths that `--keep` names, that a
    contract demands or that verification failed without, are not banned. The notes are
    about paths that were used or came back, and about globs that match nothing.
    """
    repaired = {repair.path for repair in scene.policy.repairs}
    worked = {file.path for file in scene.bom.without_exploration().files}
    terms = scene.policy.terms
    spared = {path for glob in scene.policy.keep for path in expand(scene, glob)}
    spared |= terms.keep.keys()
    banned = {path: terms.remove[path] for path in terms.remove.keys() - spared - repaired}
    notes = []
    for glob in scene.policy.remove:
        matched = [path for path in expand(scene, glob) if path not in spared and path != ROOT]
        if not matched:
            notes.append(f"--remove {glob!r} matches no path of the image")
        if back := [path for path in matched if path in repaired]:
            notes.append(
                f"--remove {glob!r} is overruled for {len(back)} paths, {back[0]} first:"
                " verification failed without them"
            )
        matched = [path for path in matched if path not in repaired]
        used = [path for path in matched if path in worked]
        tried = [path for path in matched if path in scene.uses and path not in worked]
        for paths, who in ((used, "the workload"), (tried, "exploration alone")):
            if paths:
                notes.append(
                    f"--remove {glob!r} removes {len(paths)} paths that {who} used, {paths[0]}"
                    " first: verification may fail"
                )
        for path in matched:
            banned.setdefault(path, glob)
    return banned, tuple(notes)


def expand(scene: Scene, glob: str) -> list[ImagePath]:
    """Return the paths of a user's glob in order; a directory stands for everything below it."""
    out: dict[ImagePath, None] = {}
    for path in scene.index.match(glob):
        if path in out:
            continue
        out[path] = None
        entry = scene.rootfs.get(path)
        if entry is not None and entry.is_dir:
            out.update((below.path, None) for below in scene.index.below(path))
    return sorted(out)
