"""Which other file the kernel needs to execute one: the word after `#!`, or the loader that an ELF file names."""

import struct

from careen.model.paths import ImagePath
from careen.oci.rootfs import Rootfs

_HEAD = 64 * 1024
_PT_INTERP = 3
_EI_CLASS, _EI_DATA = 4, 5
_MOST_HEADERS = 512
_LONGEST = 4096


def interpreter_of(rootfs: Rootfs, path: ImagePath) -> str | None:
    """Return the interpreter's path as written in the file at `path`, or None. Looks at the first 64 KiB only; never raises for what they hold."""
    entry = rootfs.get(path)
    if entry is None or not entry.is_file:
        return None
    with rootfs.open(path) as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"#!"):
        words = head[2:256].split(b"\n", 1)[0].split()
        return words[0].decode("utf-8", "surrogateescape") if words and b"\0" not in words[0] else None
    return _elf_interpreter(head) if head.startswith(b"\x7fELF") else None


def _elf_interpreter(head: bytes) -> str | None:
    """PT_INTERP of an ELF file of either class and byte order (System V ABI, chapters 4 and 5)."""
    try:
        order = {1: "<", 2: ">"}[head[_EI_DATA]]
        wide = {1: False, 2: True}[head[_EI_CLASS]]
        table = struct.unpack_from(f"{order}Q" if wide else f"{order}I", head, 32 if wide else 28)[0]
        size, count = struct.unpack_from(f"{order}HH", head, 54 if wide else 42)
        for number in range(min(count, _MOST_HEADERS)):
            start = table + number * size
            kind = struct.unpack_from(f"{order}I", head, start)[0]
            if kind == _PT_INTERP:
                offset = struct.unpack_from(f"{order}Q" if wide else f"{order}I", head, start + (8 if wide else 4))[0]
                text = head[offset : offset + _LONGEST].split(b"\0", 1)[0]
                return text.decode("utf-8", "surrogateescape") or None
    except (KeyError, IndexError, struct.error):
        return None
    return None
