"""Which directories must be writable: from the writes of the RBOM, and the image's volumes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath, image_path, name, parent
from careen.model.policies.policy import Writable, WritableBy
from careen.model.rbom import UsedFile
from careen.model.runs.trace import Use
from careen.policy.blind_runs import without_writes
from careen.policy.subject import Subject
from careen.policy.tables import cache_rules

TEMPORARY = frozenset({"/tmp", "/var/tmp", "/run"})  # noqa: S108 — in the container
_KERNEL = ("/dev", "/proc", "/sys")
# A mount over one of these would hide or open what the image is made of.
_SYSTEM = frozenset({"/", "/etc", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/boot", "/usr"})
_BELOW_SYSTEM = ("/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/etc/")
_CONTENT = frozenset({Use.EXECUTED, Use.MAPPED, Use.OPENED})
_STICKY = 0o1777
_SHOWN = 80  # characters of a name that a message repeats
CACHE = "__pycache__"
# A colon, a comma or a space has a meaning in mount options and in lists of flags.
_NAMEABLE = re.compile(r"/[A-Za-z0-9._/+@~-]*")


@dataclass(frozen=True, slots=True)
class Writes:
    """Directories to make writable, and writes that need a writable root.

    `left` names what the image asks for and the policy does not do.
    """

    writable: tuple[Writable, ...]
    fixed_root: tuple[str, ...]
    left: tuple[str, ...] = ()


def writes_of(subject: Subject) -> Writes:
    """Return what must be writable; a directory below another one is left out.

    Raises ImageError for a VOLUME that is no path of an image.
    """
    wanted: dict[ImagePath, str] = {}
    fixed: list[str] = []
    left: list[str] = []

    def want(directory: ImagePath, what: str, reason: str) -> None:
        if directory in _SYSTEM or directory.startswith(_BELOW_SYSTEM):
            fixed.append(f"{what}, in a directory of the system")
        elif not _NAMEABLE.fullmatch(directory):
            fixed.append(f"{what}: no mount option can name it")
        else:
            wanted.setdefault(directory, reason)

    if blind := without_writes(subject.bom):
        fixed.append(
            f"what was written is not known of all runs: the sensor of {blind} does not see it"
        )
    for file in subject.bom.files:
        if (who := _writer(file)) is None or _is_of_kernel(file.path):
            continue
        directory = file.path if file.kind == "directory" else parent(file.path)
        if is_byte_code(subject, file, directory):
            continue
        shown = file.path if _NAMEABLE.fullmatch(directory) else repr(directory)
        want(directory, f"{shown} was written by {who}", f"written by {who}")
    for volume in subject.config.volumes:
        path = image_path(volume, f"VOLUME {volume[:_SHOWN]!r} of the image")
        if _is_of_kernel(path):
            left.append(f"VOLUME {path} of the image: the kernel provides what is there")
        else:
            want(path, f"{path!r} is a VOLUME of the image", "a VOLUME of the image")
    for path, reason in subject.writable.items():
        wanted.setdefault(path, reason)
    outer = [path for path in sorted(wanted) if not _is_below_any(path, wanted)]
    used = {file.path for file in subject.bom.files if {use.use for use in file.uses} & _CONTENT}
    return Writes(
        tuple(_writable(subject, path, wanted[path], used) for path in outer),
        tuple(fixed),
        tuple(left),
    )


def is_byte_code(subject: Subject, file: UsedFile, directory: ImagePath) -> bool:
    """Return whether a write was of Python's byte code, which it does without if it must.

    Where it made a new cache, the RBOM has the directory of the sources. That counts below the
    system's directories alone: elsewhere a program may keep its data beside its code.
    """
    if name(directory) == CACHE:
        return True
    programs = {use.executable for use in file.uses if use.use is Use.WRITTEN}
    return (
        file.kind == "directory"
        and directory.startswith(_BELOW_SYSTEM)
        and all(name(ImagePath(program)).startswith("python") for program in programs)
        and any(path.endswith(".py") for path in _inside(subject, directory))
    )


def _writer(file: UsedFile) -> str | None:
    """Return who wrote: programs and workloads, or None if nobody did."""
    found = [use for use in file.uses if use.use is Use.WRITTEN]
    if not found:
        return None
    programs = sorted({use.executable for use in found if use.executable})
    origins = sorted({use.origin for use in found})
    return f"{', '.join(programs) or 'an unknown program'} (workload {', '.join(origins)})"


def _is_of_kernel(path: str) -> bool:
    return any(path == top or path.startswith(f"{top}/") for top in _KERNEL)


def _is_below_any(path: str, others: dict[ImagePath, str]) -> bool:
    return any(path != other and path.startswith(f"{other}/") for other in others)


def _writable(subject: Subject, path: ImagePath, reason: str, used: set[ImagePath]) -> Writable:
    entry = subject.rootfs.get(path)
    has_used = any(each.startswith(f"{path}/") for each in used)
    empty = next(iter(_inside(subject, path)), None) is None
    by = WritableBy.VOLUME if has_used or not (empty or path in TEMPORARY) else WritableBy.TMPFS
    shared = path in TEMPORARY
    owner = (0, 0) if shared else (subject.user.uid, subject.user.gid)
    mode = _STICKY if shared else 0o755
    if entry is not None and not (subject.other_user and not shared):
        owner, mode = (entry.uid, entry.gid), entry.mode
    return Writable(path, by, *owner, mode, maps_code(subject), reason)


def _inside(subject: Subject, path: ImagePath) -> Iterator[ImagePath]:
    entry = subject.rootfs.get(path)
    if entry is not None and entry.is_dir:
        yield from subject.rootfs.children(path)


def maps_code(subject: Subject) -> bool:
    """Return whether a package compiles code at run time, and maps it from where it can write."""
    compilers = {rule.package for rule in cache_rules() if rule.executable} - {"torch"}
    return any(
        package.ecosystem is Ecosystem.PYPI and package.name.lower() in compilers
        for package in subject.inventory.packages.values()
    )
