"""Control groups of the embedded engine's containers, on cgroup v1, v2 and both at once."""

import contextlib
import os
import signal
import time
from pathlib import Path

PARENT = "careen"
HIERARCHIES = Path("/sys/fs/cgroup")
_PROCESSES = 4096
_CONTROLLERS = 64


def cgroup_path(container_id: str) -> str:
    """Return the runtime specification's `cgroupsPath`.

    Its last component is the id, by which a sensor identifies the container.
    """
    return f"/{PARENT}/{container_id}"


def is_unified() -> bool:
    """Return whether /sys/fs/cgroup is one cgroup v2 hierarchy."""
    return (HIERARCHIES / "cgroup.controllers").exists()


def is_mixed() -> bool:
    """Return whether v1 and v2 hierarchies are mounted side by side."""
    return not is_unified() and any(
        (entry / "cgroup.controllers").exists() for entry in hierarchies()
    )


def hierarchies(base: Path = HIERARCHIES) -> list[Path]:
    """Return the mount points of the hierarchies.

    There is one on v2. On v1 there is one for each controller, and possibly a v2 one.
    """
    if (base / "cgroup.controllers").exists():
        return [base]
    with contextlib.suppress(OSError):
        return [entry for entry in base.iterdir() if entry.is_dir() and not entry.is_symlink()]
    return []


def has_controller(name: str, base: Path = HIERARCHIES) -> bool:
    """Return whether a controller (`memory`, `pids`) can limit a container.

    v1 mounts it, v2 lists it at its root.
    """
    if (base / name / "cgroup.procs").exists():
        return True
    with contextlib.suppress(OSError):
        return name in (base / "cgroup.controllers").read_text().split()
    return False


def _directories(container_id: str) -> list[Path]:
    """Return the container's directories in all hierarchies."""
    return [path for base in hierarchies() if (path := base / PARENT / container_id).is_dir()]


def oom_kills(container_id: str) -> int:
    """Return the number of the container's processes that the kernel's OOM killer ended.

    Sources are `memory.events` (v2) and `memory.oom_control` (v1).
    """
    for directory in _directories(container_id):
        for name in ("memory.events", "memory.oom_control"):
            counts = _counts(directory / name)
            if "oom_kill" in counts:
                return counts["oom_kill"]
    return 0


def _counts(file: Path) -> dict[str, int]:
    """Return the lines `NAME NUMBER` of a control file, none if it cannot be read."""
    with contextlib.suppress(OSError, ValueError):
        lines = (line.partition(" ") for line in file.read_text().splitlines())
        return {word: int(number) for word, _, number in lines}
    return {}


def accounts_swap() -> bool:
    """Return whether the memory controller counts swap, so that it can be limited."""
    return (HIERARCHIES / "memory" / "memory.memsw.limit_in_bytes").exists() or any(
        HIERARCHIES.glob("*/memory.swap.max")
    )


def _peak(directories: list[Path]) -> int | None:
    """Return a control group's peak memory in bytes, less its current page cache.

    Sources are `memory.peak` (v2, kernel 5.19) and `max_usage_in_bytes` (v1).
    """
    for directory in directories:
        for name in ("memory.peak", "memory.max_usage_in_bytes"):
            with contextlib.suppress(OSError, ValueError):
                peak = int((directory / name).read_text())
                # The kernel charges a file's pages to the group that reads it first: the same
                # container takes twice as much if the image's layers were not in memory yet.
                return max(peak - _page_cache(directory), 0)
    return None


def _page_cache(directory: Path) -> int:
    """Return the bytes of page cache of a group (`memory.stat`), 0 if unknown."""
    counts = _counts(directory / "memory.stat")
    # v1 counts the groups below apart, in `total_`.
    return sum(
        counts.get(f"total_{name}", counts.get(name, 0))
        for name in ("active_file", "inactive_file")
    )


def memory_peak(container_id: str) -> int | None:
    """Return the peak memory (bytes) of a container of the embedded engine, or None if unknown."""
    return _peak(_directories(container_id))


def processes_of(container_id: str) -> list[int]:
    """Return the processes of a container of the embedded engine, none if it has ended."""
    return next(filter(None, map(_processes, _directories(container_id))), [])


def memory_peak_of(pid: int, container_id: str) -> int | None:
    """Return the peak memory (bytes) of a process's control group, if it is the container's."""
    return _peak(_directories_of(pid, container_id))


def processes_beside(pid: int, container_id: str) -> list[int]:
    """Return the processes of a process's control group, none if it is not the container's."""
    return next(filter(None, map(_processes, _directories_of(pid, container_id))), [])


def _directories_of(pid: int, container_id: str) -> list[Path]:
    """Return the directory of a process's control group, if it is the container's."""
    found: list[Path] = []
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()[:_CONTROLLERS]:
            _, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            base = HIERARCHIES if is_unified() else HIERARCHIES / "memory"
            if controllers in {"", "memory"} and container_id in path and ".." not in path:
                found.append(base / path.lstrip("/"))
    return found


def _processes(directory: Path) -> list[int]:
    with contextlib.suppress(OSError, ValueError):
        return [int(word) for word in (directory / "cgroup.procs").read_text().split()[:_PROCESSES]]
    return []


def end_cgroup(container_id: str, seconds: float = 10.0) -> None:
    """Kill all processes in the container's control groups and remove the groups.

    Does nothing if there are no groups. Gives up after `seconds`.
    """
    until = time.monotonic() + seconds
    while directories := _directories(container_id):
        for directory in directories:
            # Nested groups first. cgroupfs has no links.
            for inner, _, _ in os.walk(directory, topdown=False):
                for pid in _processes(Path(inner)):
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(OSError):
                    Path(inner).rmdir()
        if time.monotonic() > until:
            return
        time.sleep(0.02)
    for base in hierarchies():
        with contextlib.suppress(OSError):  # it does not exist, or another run uses it
            (base / PARENT).rmdir()
