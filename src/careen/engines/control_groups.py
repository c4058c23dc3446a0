"""Find control groups of pods and their containers on this node."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from careen.engines.cgroups import HIERARCHIES, hierarchies
from careen.errors import ToolError
from careen.model.runs.control_group import parse_control_group, pod_uid

_DEEPEST = 8  # /kubelet.slice/kubelet-kubepods.slice/…-burstable.slice/…-podUID.slice/ID and more
_GROUPS = 65536
_HIDDEN = (
    "see only the control groups of careen's own container: mount the node's /sys/fs/cgroup"
    " (hostPath, read-only) into it (docs/kubernetes.md)"
)


def group_of(container_id: str) -> Path:
    """Return the directory of a container's control group.

    Raises ToolError if this node has none of it, or hides it.
    """
    for directory in _below(_bases()):
        found = parse_control_group(directory.name)
        if found is not None and found.container_id == container_id:
            return directory
    msg = f"no control group below {HIERARCHIES} is of container {container_id[:12]}: {_advice()}"
    raise ToolError(msg)


def group_of_pod(uid: str) -> Path:
    """Return the directory of a pod's control group. Raises as `group_of`."""
    for directory in _below(_bases()):
        if pod_uid(directory.name) == uid:
            return directory
    msg = f"no control group below {HIERARCHIES} is of pod {uid!r}: {_advice()}"
    raise ToolError(msg)


def containers_in(pod: Path) -> frozenset[str]:
    """Return the ids of the containers whose control groups are directly in a pod's.

    Cheap enough to call hundreds of times a second.
    """
    with contextlib.suppress(OSError):
        names = os.listdir(pod)  # noqa: PTH208 — names alone, many times a second
        found = (parse_control_group(name) for name in names[:_GROUPS])
        return frozenset(group.container_id for group in found if group is not None)
    return frozenset()


def group_in(pod: Path, container_id: str) -> Path:
    """Return the directory of a container's control group directly in a pod's.

    It need not exist.
    """
    with contextlib.suppress(OSError):
        for name in os.listdir(pod)[:_GROUPS]:  # noqa: PTH208
            found = parse_control_group(name)
            if found is not None and found.container_id == container_id:
                return pod / name
    return pod / container_id


def _bases() -> list[Path]:
    """Return the hierarchies to search: on v1 one that every runtime uses."""
    every = hierarchies()
    return [base for base in every if base.name == "pids"] or every


def _below(bases: list[Path]) -> Iterator[Path]:
    """Yield the groups below, nearest first, bounded in depth and number."""
    level, left = bases, _GROUPS
    for _ in range(_DEEPEST):
        following: list[Path] = []
        for directory in level:
            with contextlib.suppress(OSError), os.scandir(directory) as entries:
                for entry in entries:
                    left -= 1
                    if left < 0:
                        return
                    if entry.is_dir(follow_symlinks=False):
                        following.append(Path(entry.path))
        yield from following
        level = following


def _advice() -> str:
    """Return what keeps the group from being seen, or that it is not there."""
    base = HIERARCHIES if (HIERARCHIES / "cgroup.controllers").exists() else None
    # The root of the whole hierarchy alone has no cgroup.type (cgroup-v2.rst).
    if base is not None and (base / "cgroup.type").exists():
        return f"careen may {_HIDDEN}"
    if not hierarchies():
        return f"{HIERARCHIES} has no hierarchy at all; mount the node's (hostPath, read-only)"
    return (
        "it has ended, is on another node, or runs in a sandbox of its own (gVisor, Kata), which"
        " a sensor cannot watch"
    )
