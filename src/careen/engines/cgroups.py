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
    """Return the runtime specification's `cgroupsPath`; its last component is the id, which is how
    a sensor knows the container.
    """
    return f"/{PARENT}/{container_id}"


def is_unified() -> bool:
    """Tell whether /sys/fs/cgroup is one cgroup v2 hierarchy."""
    return (HIERARCHIES / "cgroup.controllers").exists()


def is_mixed() -> bool:
    """Tell whether v1 hierarchies and a v2 one are mounted side by side."""
    return not is_unified() and any(
        (entry / "cgroup.controllers").exists() for entry in hierarchies()
    )


def hierarchies(base: Path = HIERARCHIES) -> list[Path]:
    """Return where hierarchies are mounted: one on v2; on v1 one for each controller, and perhaps a
    v2 one beside them.
    """
    if (base / "cgroup.controllers").exists():
        return [base]
    with contextlib.suppress(OSError):
        return [entry for entry in base.iterdir() if entry.is_dir() and not entry.is_symlink()]
    return []


def has_controller(name: str, base: Path = HIERARCHIES) -> bool:
    """Tell whether a controller (`memory`, `pids`) can limit a container: v1 mounts it, v2 offers
    it at its root.
    """
    if (base / name / "cgroup.procs").exists():
        return True
    with contextlib.suppress(OSError):
        return name in (base / "cgroup.controllers").read_text().split()
    return False


def _directories(container_id: str) -> list[Path]:
    """Return the container's directory in each hierarchy that has one."""
    return [path for base in hierarchies() if (path := base / PARENT / container_id).is_dir()]


def oom_kills(container_id: str) -> int:
    """Return how many processes of the container the kernel ended because memory ran out (v2
    `memory.events`, v1 `memory.oom_control`).
    """
    for directory in _directories(container_id):
        for name in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(OSError, ValueError):
                for line in (directory / name).read_text().splitlines():
                    word, _, number = line.partition(" ")
                    if word == "oom_kill":
                        return int(number)
    return 0


def accounts_swap() -> bool:
    """Tell whether this machine's memory controller counts swap, so that it can be limited."""
    return (HIERARCHIES / "memory" / "memory.memsw.limit_in_bytes").exists() or any(
        HIERARCHIES.glob("*/memory.swap.max")
    )


def _peak(directories: list[Path]) -> int | None:
    """Return the highest count of bytes that a control group's memory controller has seen (v2
    `memory.peak`, kernel 5.19; v1 `max_usage_in_bytes`), without the page cache it holds now.
    """
    for directory in directories:
        for name in ("memory.peak", "memory.max_usage_in_bytes"):
            with contextlib.suppress(OSError, ValueError):
                peak = int((directory / name).read_text())
                # A file's pages count for whoever reads it first: the same container takes twice as
                # much where the image's layers were not in memory yet.
                return max(peak - _page_cache(directory), 0)
    return None


def _page_cache(directory: Path) -> int:
    """Return the bytes of files that the group keeps in memory (`memory.stat`), 0 if not known."""
    counts: dict[str, int] = {}
    with contextlib.suppress(OSError, ValueError):
        for line in (directory / "memory.stat").read_text().splitlines():
            word, _, number = line.partition(" ")
            if word.removeprefix("total_") in {"active_file", "inactive_file"}:
                counts[word.removeprefix("total_")] = int(number)
    return sum(counts.values())


def memory_peak(container_id: str) -> int | None:
    """Return the peak (bytes) of a container of the embedded engine, None where it cannot be
    read.
    """
    return _peak(_directories(container_id))


def memory_peak_of(pid: int, container_id: str) -> int | None:
    """Return the peak (bytes) of the control group that the process is in, if that group is the
    container's.
    """
    found: list[Path] = []
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()[:_CONTROLLERS]:
            _, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            base = HIERARCHIES if is_unified() else HIERARCHIES / "memory"
            if controllers in {"", "memory"} and container_id in path and ".." not in path:
                found.append(base / path.lstrip("/"))
    return _peak(found)


def _processes(directory: Path) -> list[int]:
    with contextlib.suppress(OSError, ValueError):
        return [int(word) for word in (directory / "cgroup.procs").read_text().split()[:_PROCESSES]]
    return []


def end_cgroup(container_id: str, seconds: float = 10.0) -> None:
    """Kill whatever runs in the container's control groups and remove them; silent when there are
    none.
    """
    until = time.monotonic() + seconds
    while directories := _directories(container_id):
        for directory in directories:
            # Nested groups first: os.walk bottom-up, without following links (there are none in
            # cgroupfs).
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
        with contextlib.suppress(OSError):  # not there, or in use by another run
            (base / PARENT).rmdir()
