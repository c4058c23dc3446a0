"""The TCP ports on which a container listens, by the kernel's tables of its network namespace."""

import contextlib
from pathlib import Path

from careen.model.runs.engine import Listening

_LISTENS = "0A"
_LIMIT = 1 << 20
# Each word of an address is in the machine's byte order: little-endian here.
_LOOPBACK = "00000000000000000000000001000000"  # ::1
_LOOPBACK_NETWORK = "7F"  # 127.0.0.0/8
_IPV4, _MAPPED = 8, "0000000000000000FFFF0000"  # ::ffff:127.0.0.1
_RESOLVER = "0B00007F"
"""127.0.0.11, docker's own resolver in a container's namespace."""


def listening(pid: int, container_id: str) -> tuple[Listening, ...] | None:
    """Return the ports on which something listens in the namespace of a container's process.

    Returns None if that is unknown: the process has ended, is not the container's, may not be
    looked at, or shares this machine's network.
    """
    proc = Path(f"/proc/{pid}")
    found: dict[int, bool] = {}
    try:
        if (proc / "ns/net").readlink() == Path("/proc/self/ns/net").readlink():
            return None
        for name in ("tcp", "tcp6"):
            with contextlib.suppress(FileNotFoundError), (proc / "net" / name).open() as table:
                for port, is_local in listening_in(table.read(_LIMIT)):
                    found[port] = found.get(port, True) and is_local
        # Read last, so the PID was still the container's.
        if container_id not in (proc / "cgroup").read_text():
            return None
    except OSError:
        return None
    return tuple(Listening(port, is_local) for port, is_local in sorted(found.items()))


def listening_in(table: str) -> list[tuple[int, bool]]:
    """Return the ports of the listening sockets of a /proc/net/tcp table.

    The flag says whether only the container itself can connect (a loopback address).
    """
    found: list[tuple[int, bool]] = []
    for line in table.splitlines()[1:]:
        match line.split():
            case [_, local, _, state, *_] if state == _LISTENS:
                address, _, port = local.rpartition(":")
                if address != _RESOLVER:
                    found.append((int(port, 16), _is_loopback(address)))
    return found


def _is_loopback(address: str) -> bool:
    is_ipv4 = len(address) == _IPV4 or address.startswith(_MAPPED)
    return address.endswith(_LOOPBACK_NETWORK) if is_ipv4 else address == _LOOPBACK
