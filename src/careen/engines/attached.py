"""Find a running container that careen did not start, by its name or control group.

Nothing in the container is changed.
"""

import contextlib
import itertools
import os
import re
import select
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.engines.cgroups import HIERARCHIES, hierarchies
from careen.engines.client.client import Client, full_id
from careen.errors import InputError, ToolError
from careen.model.runs.attached import RunningContainer
from careen.model.runs.control_group import parse_control_group

PROC = Path("/proc")
_LIST_LIMIT = 1 << 20
_TEXT_LIMIT = 1 << 16
_GROUPS = 4096  # a container can create any number of groups below its own
_PROCESSES = 65536
_SHOWN = 3


def find_container(name: str, clients: Iterable[Client]) -> tuple[RunningContainer, Client]:
    """Return the running container with this name or id, and the first engine that has it.

    Raises InputError if it does not exist or does not run. Raises ToolError if an engine fails or
    the container's processes are on another machine.
    """
    if not name or name.startswith("-") or any(char.isspace() for char in name):
        msg = f"not a container's name: {name!r}"
        raise InputError(msg)
    doing = f"looking up container {name!r}"
    asked: list[str] = []
    for client in clients:
        asked.append(client.name)
        words = ("container", "inspect", "--", name)
        done = client.try_call(*words, doing=doing, absent=("no such container",))
        if done is not None:
            return _running(name, client, client.document(done, doing)), client
    msg = (
        f"no container {name!r} in {' or '.join(asked)}; `{asked[0]} ps` lists those that run, and"
        " --cgroup names one of another engine"
    )
    raise InputError(msg)


def _running(name: str, client: Client, found: Mapping[str, Any]) -> RunningContainer:
    """Return a running container from its inspect record. Raises as `find_container`."""
    state, host = found.get("State") or {}, found.get("HostConfig") or {}
    pid, identifier = int(state.get("Pid") or 0), str(found.get("Id") or "")
    if not state.get("Running") or pid <= 0:
        msg = (
            f"container {name!r} does not run (it is {state.get('Status') or 'stopped'!r}): start"
            " it, then attach"
        )
        raise InputError(msg)
    running = RunningContainer(
        name=str(found.get("Name") or "").lstrip("/") or name,
        pid=pid,
        container_id=identifier,
        engine=client.name,
        image=str((found.get("Config") or {}).get("Image") or found.get("ImageName") or ""),
        image_id=full_id(found.get("Image")),
        command=(str(found.get("Path") or ""), *(str(word) for word in found.get("Args") or ())),
        runtime=str(found.get("OCIRuntime") or host.get("Runtime") or ""),
    )
    if not _is_in(running):
        msg = (
            f"container {name!r}: process {pid} on this machine is not of it: {client.service} is"
            " on another machine, or sees other processes than careen does"
        )
        raise ToolError(msg)
    return running


def find_cgroup(path: Path) -> RunningContainer:
    """Return the container whose processes are in a control group or the groups below it.

    `path` is the group's directory in any hierarchy of /sys/fs/cgroup (v1 or v2), or its name from
    /proc/PID/cgroup. The first process is the one with PID 1 in its own namespace, else the oldest.
    Raises InputError if the group does not exist or does not hold exactly one container, ToolError
    if this user may not look at its processes.
    """
    directory = _directory(path)
    # careen may have its own mount namespace, as under systemd's PrivateTmp.
    machine = {_namespace(os.getpid()), _namespace(1)}
    pids = list(_processes(directory))
    if not pids and is_outside(directory):
        msg = (
            f"control group {str(path)!r}: its processes are outside of careen's own process"
            " namespace: give careen's pod `hostPID: true` (docker: --pid host)"
        )
        raise InputError(msg)
    inside = [one for pid in pids if (one := _look(pid)) is not None]
    isolated = [one for one in inside if one.mount_namespace not in machine]
    if not inside and any(map(_is_hidden, pids)):
        msg = (
            f"control group {str(path)!r}: its processes are another user's and may not be looked"
            " at: run as root, or with CAP_SYS_PTRACE, too (docs/privileges.md)"
        )
        raise ToolError(msg)
    if not isolated:
        what = (
            "has no process"
            if not inside
            else (
                f"has {len(inside)} processes, all in the mount namespace of this machine, so no"
                " container"
            )
        )
        msg = f"control group {str(path)!r} {what}: name the group of a running container"
        raise InputError(msg)
    first = _first(isolated, path)
    named = parse_control_group(str(directory))
    return RunningContainer(
        str(path),
        first.pid,
        named.container_id if named is not None else "",
        "none",
        command=first.command,
    )


def _directory(path: Path) -> Path:
    if ".." not in path.parts:
        for directory in (path, *(base / str(path).lstrip("/") for base in hierarchies())):
            if (
                directory.is_relative_to(HIERARCHIES)
                and (directory / "cgroup.procs").is_file()
                and directory not in hierarchies()
            ):
                return directory
    msg = (
        f"no control group {str(path)!r}: give a container's directory below {HIERARCHIES}, or its"
        " name as /proc/PID/cgroup has it (`cat /proc/PID/cgroup`)"
    )
    raise InputError(msg)


def _groups(directory: Path) -> Iterator[Path]:
    """Yield a group and the groups below it, at most `_GROUPS`."""
    todo = [directory]  # not os.walk, which is recursive in older Pythons
    for _ in range(_GROUPS):
        if not todo:
            return
        here = todo.pop()
        yield here
        with contextlib.suppress(OSError), os.scandir(here) as entries:
            todo.extend(
                Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)
            )


def _processes(directory: Path) -> Iterator[int]:
    """Yield the processes of a group and of the groups below it, at most `_PROCESSES`."""
    words = (
        word
        for group in _groups(directory)
        for word in _read(group / "cgroup.procs", _LIST_LIMIT).split()
    )
    for word in itertools.islice(words, _PROCESSES):
        if word.isdigit() and word != b"0":  # 0: a process outside this PID namespace
            yield int(word)


def is_outside(directory: Path) -> bool:
    """Return whether a group has processes, and none that has a number in this PID namespace.

    For a moment that is also so where a process comes or goes.
    """
    count = _read(directory / "pids.current", _TEXT_LIMIT).strip()  # v1 lists no others
    return not any(_processes(directory)) and count.isdigit() and int(count) > 0


def _read(path: Path, limit: int) -> bytes:
    """Return the first bytes of a file of /proc or a cgroup, or b"" if it cannot be read."""
    with contextlib.suppress(OSError), path.open("rb") as stream:
        return stream.read(limit)
    return b""


@dataclass(frozen=True, slots=True)
class _Process:
    """A process.

    `numbers` are its PIDs, from the outermost PID namespace to its own; `started` is in clock ticks
    since boot.
    """

    pid: int
    numbers: tuple[int, ...]
    mount_namespace: int
    started: int
    command: tuple[str, ...]


def _namespace(pid: int) -> int:
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "ns" / "mnt").stat().st_ino
    return 0


def _is_hidden(pid: int) -> bool:
    try:
        (PROC / str(pid) / "ns" / "mnt").stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _look(pid: int) -> _Process | None:
    """Return a process, or None if it has ended."""
    base = PROC / str(pid)
    namespace = _namespace(pid)
    status = re.search(
        rb"^NSpid:[\t ]*+([0-9\t ]++)$", _read(base / "status", _TEXT_LIMIT), re.MULTILINE
    )
    # The name in parentheses is chosen by the process and may hold anything.
    fields = _read(base / "stat", _TEXT_LIMIT).rpartition(b")")[2].split()
    # proc(5): field 22 is the start time
    if not namespace or len(fields) < 20 or not fields[19].isdigit():  # noqa: PLR2004
        return None
    numbers = tuple(int(word) for word in status.group(1).split()) if status else (pid,)
    words = _read(base / "cmdline", _TEXT_LIMIT).rstrip(b"\0").split(b"\0")
    return _Process(
        pid,
        numbers,
        namespace,
        int(fields[19]),
        tuple(word.decode("utf-8", "surrogateescape") for word in words),
    )


def _first(processes: list[_Process], path: Path) -> _Process:
    outermost = min(len(one.numbers) for one in processes)
    inits = sorted(
        (one for one in processes if len(one.numbers) == outermost and one.numbers[-1] == 1),
        key=lambda one: one.pid,
    )
    if len({one.mount_namespace for one in inits}) > 1:
        shown = ", ".join(
            f"process {one.pid} ({' '.join(one.command)[:60]!r})" for one in inits[:_SHOWN]
        )
        msg = (
            f"control group {str(path)!r} holds {len(inits)} containers ({shown}): name the group"
            " of one of them"
        )
        raise InputError(msg)
    return min(inits or processes, key=lambda one: (one.started, one.pid))


def _is_in(running: RunningContainer) -> bool:
    return running.container_id.encode() in _read(PROC / str(running.pid) / "cgroup", _TEXT_LIMIT)


class ExitWatch:
    """Watch on the end of a container's first process.

    It holds a pidfd, so the PID cannot come to mean another process.
    """

    def __init__(self, running: RunningContainer) -> None:
        """Raises InputError if the process has already ended."""
        gone = f"container {running.name!r} has ended"
        try:
            self._fd = os.pidfd_open(running.pid)
        except OSError as error:
            raise InputError(gone) from error
        if not _is_in(running) or self.ended():
            self.close()
            raise InputError(gone)

    def fileno(self) -> int:
        """Return the descriptor, which is readable once the process has ended."""
        return self._fd

    def ended(self) -> bool:
        """Return whether the process has ended."""
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Close the descriptor; idempotent."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
