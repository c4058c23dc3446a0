"""The files of an RBOM beside a hardened image: the same contents, or absent as planned."""

import hashlib
from dataclasses import dataclass, field

from careen.errors import ImageError
from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent, source_of
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom, UsedFile
from careen.oci.tree.rootfs import Rootfs

# What careen rewrites where packages are removed (the RBOM has the former content).
_LISTS = frozenset({"RECORD", "installed-files.txt", "SOURCES.txt", "easy-install.pth"})
_LIST_FOLDERS = (".dist-info", ".egg-info", "/EGG-INFO")
_DATABASES = (
    "/var/lib/dpkg/",
    "/var/lib/apt/extended_states",
    "/lib/apk/db/",
    "/usr/lib/apk/db/",
    "/var/lib/rpm/",
    "/usr/lib/sysimage/rpm/",
    "/usr/share/rpm/",
)
_HEADER, _TIME = 16, slice(8, 12)  # of byte code (PEP 552): the time of its source
_CHUNK = 1 << 20


@dataclass(slots=True)
class Recorded:
    """The used files of an RBOM: how many have the same content in the result, were rewritten by
    careen (package databases, ELF files without symbols), are absent as planned; what is wrong.
    """

    same: int = 0
    rewritten: int = 0
    absent: int = 0
    problems: list[str] = field(default_factory=list)


def recorded_files(bom: RuntimeBom, plan: Plan, original: Rootfs, result: Rootfs) -> Recorded:
    """Compare each used file with the result; `original` needs no content."""
    found = Recorded()
    for file in bom.files:
        entry = result.get(file.path)
        if file.path not in plan.keep:
            if entry is None:
                found.absent += 1
            else:
                found.problems.append(f"{file.path} is in the image, and the plan removes it")
        elif entry is None:
            found.problems.append(f"{file.path} is not in the image, and the plan keeps it")
        elif problem := _kind_problem(file, entry):
            found.problems.append(f"{file.path} {problem}")
        elif file.sha256:
            _compare(file, entry, plan, (original, result), found)
    return found


def _kind_problem(file: UsedFile, entry: Entry) -> str:
    if entry.kind.value != file.kind:
        return f"is a {entry.kind.value} in the image, and a {file.kind} in the RBOM"
    if entry.is_symlink and entry.target != file.target:
        return f"leads to {entry.target} in the image, and to {file.target} in the RBOM"
    return ""


def _compare(
    file: UsedFile, entry: Entry, plan: Plan, sides: tuple[Rootfs, Rootfs], found: Recorded
) -> None:
    saved = plan.symbols.dropped.get(file.path) if plan.symbols is not None else None
    try:
        if saved is not None and entry.size == file.size - saved:
            found.rewritten += 1
        elif entry.size == file.size and file.sha256 in _digests(file.path, sides):
            found.same += 1
        elif saved is None and _is_database(file.path):
            found.rewritten += 1
        else:
            found.problems.append(f"{file.path} has another content than the RBOM says")
    except ImageError as error:
        found.problems.append(f"{file.path} cannot be read: {error}")


def _digests(path: ImagePath, sides: tuple[Rootfs, Rootfs]) -> tuple[str, ...]:
    """Return the digests (hex) that a file may have had: as it is, and with its former stamp."""
    original, result = sides
    source = original.get(source_of(path) or path)
    digests = [hashlib.sha256()]
    with result.open(path) as stream:
        header = stream.read(_HEADER)
        digests[0].update(header)
        if source is not None and source.path != path and len(header) == _HEADER:
            former = bytearray(header)
            former[_TIME] = (int(source.mtime) & 0xFFFFFFFF).to_bytes(4, "little")
            digests.append(hashlib.sha256(former))
        while chunk := stream.read(_CHUNK):
            for digest in digests:
                digest.update(chunk)
    return tuple(digest.hexdigest() for digest in digests)


def _is_database(path: ImagePath) -> bool:
    if path.startswith(_DATABASES):
        return True
    return name(path) in _LISTS and (
        name(path) == "easy-install.pth" or parent(path).endswith(_LIST_FOLDERS)
    )
