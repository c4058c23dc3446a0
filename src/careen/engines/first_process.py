"""The first process of a container on this machine: whether it still runs, by the kernel."""

from dataclasses import dataclass
from pathlib import Path

_ENDED = (b"Z", b"X", b"x")
_STATE, _BEGUN = 0, 19
"""Fields of /proc/PID/stat, counted from behind the name. Source: proc_pid_stat(5)."""


@dataclass(frozen=True, slots=True)
class FirstProcess:
    """A process, and when it began, so that another one with the same PID is not taken for it."""

    pid: int
    begun: int

    def runs(self) -> bool:
        """Return whether it has not ended."""
        return _begun(self.pid) == self.begun


def first_process(pid: int, container_id: str) -> FirstProcess | None:
    """Return the container's first process.

    Returns None if it has ended or is not the container's, as with an engine on another machine.
    """
    begun = _begun(pid)
    try:
        groups = Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return None
    return FirstProcess(pid, begun) if begun is not None and container_id in groups else None


def _begun(pid: int) -> int | None:
    """Return when a process began, in clock ticks since boot; None if it has ended."""
    try:
        # The name is in parentheses, and may have some of its own.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[_STATE] in _ENDED else int(fields[_BEGUN])
