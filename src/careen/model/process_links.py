"""Names that lead through a process's own links of proc(5): what stands behind `/proc/self/root` is
the container's, however it is spelled.
"""

import enum
from dataclasses import dataclass

_PROCESSES = frozenset({"self", "thread-self"})
_STREAMS = frozenset({"stdin", "stdout", "stderr"})


class Start(enum.Enum):
    """What a process link leads to."""

    ROOT = "root"  # the root directory of the process
    DIRECTORY = "directory"  # its working directory, or one that it holds open


@dataclass(frozen=True, slots=True)
class ProcessLink:
    """A link to a directory of a process, and the `rest` of the name behind it, which is relative
    and not empty.
    """

    start: Start
    rest: str


def process_link(path: str) -> ProcessLink | None:
    """Return the last process link that an absolute name leads through, None if it leads through
    none or ends with it.

    The names are those of proc(5), and the links to them that a container has in `/dev`.
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
        here = []  # what follows begins at the root again
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
