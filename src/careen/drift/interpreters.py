"""The interpreter of a program: an exec fails with "no such file" if it is missing."""

from functools import lru_cache

from careen.errors import CareenError
from careen.formats.elf.program import ElfInfo, elf_info
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

_LINE = 256  # bytes of a `#!` line that the kernel reads
_KNOWN = 1024


class Interpreters:
    """The interpreters of the programs of one image, of which the latest are remembered."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self.of = lru_cache(_KNOWN)(self._of)

    def _of(self, path: ImagePath) -> str:
        """Return the path that a program's `#!` line or ELF header names, "" without one."""
        try:
            with self._rootfs.open(path) as stream:
                head = stream.read(_LINE)
            if head.startswith(b"#!"):
                words = head[2:].split(b"\n", 1)[0].split()
                return words[0].decode("utf-8", "surrogateescape") if words else ""
            if not head.startswith(b"\x7fELF"):
                return ""
            with self._rootfs.open(path) as stream:
                info = elf_info(stream)
            return info.interpreter if isinstance(info, ElfInfo) else ""
        except (CareenError, OSError):  # the image went from the engine's store meanwhile
            return ""
