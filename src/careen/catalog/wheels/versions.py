"""Whether the root has the symbol versions that the libraries of wheels need."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from packaging.utils import parse_wheel_filename

from careen.catalog.wheels.target import Target
from careen.errors import InputError
from careen.formats.elf.program import ElfInfo, elf_info
from careen.formats.elf.versions import defined_versions, needed_versions
from careen.oci.tree.rootfs import Rootfs

_NUMBERS = re.compile(r"[0-9]{1,9}")
_SHOWN = 120


def require_versions(
    wheels: Sequence[Path], unpacked: Path, target: Target, rootfs: Rootfs
) -> None:
    """Raise InputError for a wheel whose libraries need newer ones of the system than the root's.

    Libraries that the wheels bring are theirs to find. `unpacked` is the directory that stands for
    the root, with the files of all wheels.
    """
    brought = {path.name for wheel in wheels for _, path in _files(wheel, unpacked, target)}
    defined: dict[str, frozenset[str] | None] = dict.fromkeys(brought)
    for wheel in filter(_says_nothing, wheels):
        for name, path in _files(wheel, unpacked, target):
            for library, needed in _needs(path):
                if library not in defined:
                    defined[library] = _defined(library, target, rootfs)
                found = defined[library]
                if found and (missing := needed - found):
                    raise _too_new(wheel, name, library, missing, found)


def _says_nothing(wheel: Path) -> bool:
    """Return whether the name leaves open which C library is needed; manylinux_2_28 states it."""
    *_, tags = parse_wheel_filename(wheel.name)
    return any(each.platform.startswith("linux_") for each in tags)


def _too_new(
    wheel: Path, name: str, library: str, missing: frozenset[str], found: frozenset[str]
) -> InputError:
    newest = max(missing, key=_order)
    kind = newest.partition("_")[0]
    ours = max((each for each in found if each.partition("_")[0] == kind), key=_order, default="")
    there = f"the newest of the root is {ours}" if ours else "the root has none"
    return InputError(
        f"the wheel {wheel.name[:_SHOWN]} cannot be used: {name[:_SHOWN]} needs"
        f" {newest[:_SHOWN]} of {library[:_SHOWN]}, and {there}; name an index (--wheel-index) or a"
        " version in `pip` with a wheel for an older system"
    )


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in _NUMBERS.findall(version)[:8])


def _files(wheel: Path, unpacked: Path, target: Target) -> Iterator[tuple[str, Path]]:
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
    for name in names:
        path = unpacked / _place(name, target).lstrip("/")
        if ".so" in path.name and path.is_file():
            yield name, path


def _place(name: str, target: Target) -> str:
    """Return where a file of a wheel is unpacked: NAME.data/SCHEME has a directory of its own."""
    first, _, rest = name.partition("/")
    scheme, _, below = rest.partition("/")
    if first.endswith(".data") and scheme in (schemes := target.schemes()):
        return f"{schemes[scheme]}/{below}"
    return f"{target.site}/{name}"


def _needs(path: Path) -> Iterator[tuple[str, frozenset[str]]]:
    with path.open("rb") as stream:
        if (info := _elf(stream)) is not None:
            yield from needed_versions(stream, info).items()


def _defined(library: str, target: Target, rootfs: Rootfs) -> frozenset[str] | None:
    """Return the versions that the root's library defines, None if it has no such library."""
    if "/" in library:
        return None
    triplet = f"{target.machine}-linux-gnu"
    for folder in (f"/usr/lib/{triplet}", f"/lib/{triplet}", "/usr/lib", "/lib", "/lib64"):
        entry = rootfs.find(f"{folder}/{library}")
        if entry is not None and entry.is_file:
            with rootfs.open(entry.path) as stream:
                info = _elf(stream)
                return None if info is None else defined_versions(stream, info)
    return None


def _elf(stream: BinaryIO) -> ElfInfo | None:
    found = elf_info(stream)
    return found if isinstance(found, ElfInfo) else None
