"""Interpreters that the kernel needs to execute a file: of `#!`, or the loader of an ELF file."""

from careen.formats.elf.program import ElfInfo, elf_info
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

_LINE = 256  # BINPRM_BUF_SIZE: limit of the kernel on a script's first line


def interpreter_of(rootfs: Rootfs, path: ImagePath) -> str | None:
    """Return the interpreter's path as written in the file, or None (also if unreadable)."""
    entry = rootfs.get(path)
    if entry is None or not entry.is_file:
        return None
    with rootfs.open(path) as stream:
        head = stream.read(_LINE)
        elf = elf_info(stream)
    if isinstance(elf, ElfInfo):
        return elf.interpreter or None
    words = head[2:].split(b"\n", 1)[0].split() if head.startswith(b"#!") else []
    return words[0].decode("utf-8", "surrogateescape") if words and b"\0" not in words[0] else None
