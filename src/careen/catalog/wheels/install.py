"""Wheels unpacked as an installer does, without running anything, and the layer of the files."""

import os
import zipfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile

from careen.catalog.wheels.damaged import DAMAGED, cause, is_of_wheel
from careen.catalog.wheels.target import Target
from careen.errors import InputError, ToolError
from careen.model.entry import EntryKind
from careen.model.paths import ImagePath
from careen.oci.tar.write import END, TarHeaderFields, header, padding
from careen.oci.tree.rootfs import Rootfs

MAX_UNPACKED = 16 << 30
"""Bytes that the wheels of a step may unpack to; those of a CUDA stack take some 8 GB."""
MAX_FILES = 500_000
_PIECE = 1 << 20
_PLAIN = 0o644


def unpack(wheels: Sequence[Path], target: Target, into: Path) -> None:
    """Unpack wheels below a directory that stands for the root.

    Raises InputError for one that is damaged, too large, or holds a file of another.
    """
    destination = SchemeDictionaryDestination(
        target.schemes(), target.interpreter, "posix", destdir=str(into)
    )
    left = [MAX_UNPACKED, MAX_FILES]
    for path in wheels:
        try:
            _require_bounded(path, left)
            with WheelFile.open(path) as source:
                source.validate_record(validate_contents=True)
                install(source, destination, {"INSTALLER": b"careen\n"})
        except OSError as error:
            if is_of_wheel(error):
                raise _unusable(path, error) from error
            msg = f"unpacking {path.name}: {cause(error)}"
            raise ToolError(msg) from error
        except DAMAGED as error:
            raise _unusable(path, error) from error


def _unusable(path: Path, error: Exception) -> InputError:
    return InputError(f"the wheel {path.name[:120]} cannot be installed: {str(error)[:300]}")


def _require_bounded(path: Path, left: list[int]) -> None:
    with zipfile.ZipFile(path) as wheel:
        rows = wheel.infolist()
    left[0] -= sum(each.file_size for each in rows)
    left[1] -= len(rows)
    if min(left) < 0:
        msg = f"with it the step has more than {MAX_UNPACKED >> 30} GiB or {MAX_FILES:,} files"
        raise ValueError(msg)


def write_layer(
    folder: Path, rootfs: Rootfs, seconds: int, tar: Path, gone: Collection[ImagePath] = ()
) -> None:
    """Write the layer of all files below a directory; equal files give equal bytes.

    A directory that the root has keeps its mode and owner. `gone` are paths of the root that the
    layer hides. Raises ToolError, as without room.
    """
    try:
        with tar.open("xb") as out:
            for hidden in sorted(gone):
                above, _, name = hidden.rpartition("/")
                fields = TarHeaderFields(f"{above}/.wh.{name}"[1:], EntryKind.FILE, _PLAIN)
                out.write(header(fields))
            for path in sorted(files_below(folder)):
                _write(out, path, "/" + str(path.relative_to(folder)), rootfs, seconds)
            out.write(END)
    except OSError as error:
        msg = f"writing the layer {str(tar)!r}: {cause(error)}"
        raise ToolError(msg) from error


def files_below(folder: Path) -> Iterator[Path]:
    """Yield all files and directories below a directory."""
    for here, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(here) / name


def _write(out: BinaryIO, path: Path, name: str, rootfs: Rootfs, seconds: int) -> None:
    if path.is_dir():
        known = rootfs.get(ImagePath(name))
        same = (known.mode, known.uid, known.gid) if known and known.is_dir else (0o755, 0, 0)
        fields = TarHeaderFields(name[1:], EntryKind.DIRECTORY, *same, mtime=seconds)
        out.write(header(fields))
        return
    seen = path.stat()
    mode = 0o755 if seen.st_mode & 0o111 else _PLAIN
    size = seen.st_size
    out.write(header(TarHeaderFields(name[1:], EntryKind.FILE, mode, size=size, mtime=seconds)))
    with path.open("rb") as stream:
        while block := stream.read(_PIECE):
            out.write(block)
    out.write(bytes(padding(size)))
