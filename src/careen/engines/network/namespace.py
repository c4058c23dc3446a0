"""Network namespaces of containers, held by file descriptors."""

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from careen.errors import InputError, ToolError

_T = TypeVar("_T")

_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1
_REQUEST = "16sh14x"  # struct ifreq with ifr_flags
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Namespace(Protocol):
    """A network namespace that a thread may enter."""

    @property
    def descriptor(self) -> int: ...


def enter(namespace: int) -> None:
    """Move only the calling thread into the network namespace."""
    _checked(_libc.setns(namespace, _CLONE_NEWNET))


def in_own_thread(name: str, work: Callable[[], _T]) -> _T:
    """Run `work`, which may enter another namespace, in a new thread; raise its exceptions."""
    # A thread that has changed its namespace must do no other work.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix=name) as pool:
        return pool.submit(work).result()


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack(_REQUEST, b"lo", 0)
        _, flags = struct.unpack(_REQUEST, fcntl.ioctl(handle, _SIOCGIFFLAGS, request))
        fcntl.ioctl(handle, _SIOCSIFFLAGS, struct.pack(_REQUEST, b"lo", flags | _IFF_UP))


def check_network(asked: str | None) -> None:
    """Raise InputError for a network other than the default, `none` and `host`.

    No user option gives `host`; careen's sandboxes use it.
    """
    if asked not in {None, "none", "host"}:
        msg = f"--network {asked!r}: only 'none' is known"
        raise InputError(msg)


class JoinedNetwork:
    """The network namespace of another process, held open."""

    def __init__(self, descriptor: int) -> None:
        self._fd = descriptor

    @property
    def descriptor(self) -> int:
        return self._fd

    def close(self) -> None:
        """Close the descriptor; idempotent."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)


def join(pid: int, container_id: str) -> JoinedNetwork | None:
    """Open the network namespace of a container's process, or return None if it has ended.

    Raises ToolError if the machine or user does not permit it.
    """
    try:
        joined = JoinedNetwork(os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC))
    except (FileNotFoundError, ProcessLookupError):
        return None
    except OSError as error:
        msg = (
            f"reaching a container without a network: its namespace: {error.strerror}; that needs"
            " root, on docker's own machine"
        )
        raise ToolError(msg) from error
    with contextlib.suppress(OSError):
        # Read after the namespace was opened, so the PID is still the container's.
        if container_id in Path(f"/proc/{pid}/cgroup").read_text():
            return joined
    joined.close()
    return None


class Network:
    """A new network namespace with only a loopback, alive while the descriptor is open.

    `path` names it for a runtime on this machine. The kernel frees it when careen is killed.
    """

    def __init__(self) -> None:
        """Create the namespace; raise ToolError on failure."""

        def make() -> int:
            _checked(_libc.unshare(_CLONE_NEWNET))
            _loopback_up()
            return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

        try:
            self._fd = in_own_thread("network", make)
        except OSError as error:
            msg = (
                f"making a network namespace: {error.strerror}; the embedded engine needs root with"
                " CAP_SYS_ADMIN and CAP_NET_ADMIN, or use --engine docker"
            )
            raise ToolError(msg) from error

    @property
    def descriptor(self) -> int:
        return self._fd

    @property
    def path(self) -> str:
        return f"/proc/{os.getpid()}/fd/{self._fd}"

    def close(self) -> None:
        """Close the descriptor; idempotent."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)
