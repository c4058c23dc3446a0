"""Files below one directory, opened without following links (openat2(2))."""

import ctypes
import os

_OPENAT2 = 437  # the same number on all architectures
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x01, 0x02, 0x04, 0x08
_libc = ctypes.CDLL(None, use_errno=True)


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


_READ = _How(
    os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW,
    0,
    _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH,
)
_REQUEST, _SIZE = ctypes.byref(_READ), ctypes.sizeof(_READ)


class RootedDirectory:
    """A directory that is open as `fd`; the caller keeps it open.

    `programs` are the names of all its files that begin as ELF does, or None if nobody looked.
    """

    __slots__ = ("fd", "programs", "where")

    def __init__(self, fd: int, where: str) -> None:
        self.fd = fd
        self.where = where
        self.programs: frozenset[bytes] | None = None

    def open(self, name: bytes) -> int:
        """Open a file for reading by its relative path; the caller closes the descriptor.

        Raises OSError, also if a component is a link or leaves the directory.
        """
        opened: int = _libc.syscall(_OPENAT2, self.fd, name, _REQUEST, _SIZE)
        if opened < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), os.fsdecode(name))
        return opened
