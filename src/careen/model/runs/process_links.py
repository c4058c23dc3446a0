"""Process links of proc(5): names such as `/proc/self/root` that lead to a process's files."""

import enum
from dataclasses import dataclass

_PROCESSES = frozenset({"self", "thread-self"})
_STREAMS = frozenset({"stdin", "stdout", "stderr"})


class Start(enum.Enum):
    """Target of a process link."""

    ROOT = "root"  # the root directory of the process
    DIRECTORY = "directory"  # its working directory, or a directory that it holds open


@dataclass(frozen=True, slots=True)
class ProcessLink:
    """A link to a directory of a process.

    `rest` is the remainder of the name: relative, not empty.
    """

    start: Start
    rest: str


def process_link(path: str) -> ProcessLink | None:
    """Return the last process link that an absolute name passes through.

    Returns None if there is none, or if the name ends with it. The names are those of proc(5), and
    the links to them in a container's `/dev`.
    """
    if "proc/" not in path and "dev/" not in path:
        return None
    parts = [part for part in path.split("/") if part not in ("", ".")]
    found: ProcessLink | None = None
    here: list[str] = []
    for at, part in enumerate(parts):
        if part == "..":
            del here[-1:]
            continue
        here.append(part)
        start = _start(here)
        if start is None:
            continue
        rest = "/".join(parts[at + 1 :])
        found = ProcessLink(start, rest) if rest else None
        if start is Start.DIRECTORY:
            break
        here = []  # The rest starts at the root again.
    return found


def _start(parts: list[str]) -> Start | None:
    match parts:
        case ["dev", "fd", number] if number.isdecimal():
            return Start.DIRECTORY
        case ["dev", stream] if stream in _STREAMS:
            return Start.DIRECTORY
        case ["proc", process, "task", thread, *rest] if (
            _is_process(process) and thread.isdecimal()
        ):
            return _of_process(rest)
        case ["proc", process, *rest] if _is_process(process):
            return _of_process(rest)
        case _:
            return None


def _is_process(name: str) -> bool:
    return name in _PROCESSES or name.isdecimal()


def _of_process(parts: list[str]) -> Start | None:
    match parts:
        case ["root"]:
            return Start.ROOT
        case ["cwd"]:
            return Start.DIRECTORY
        case ["fd", number] if number.isdecimal():
            return Start.DIRECTORY
        case _:
            return None
