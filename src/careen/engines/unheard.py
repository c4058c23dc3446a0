"""Whether a signal reaches the first process of a container, by the kernel's masks.

A first process without a handler for a signal never sees it: the kernel drops it, as for any
process with number 1 in its namespace. Such a container never stops by that signal.
Source: signal(7), pid_namespaces(7).
"""

import os
import signal
from itertools import islice
from pathlib import Path

_THREADS = 4096
_LIMIT = 1 << 14
_OF_32_BITS = ("177 ", "421 ")
_WAITING = {"x86_64": ("128 ", *_OF_32_BITS), "aarch64": ("137 ", *_OF_32_BITS)}
"""How /proc/PID/syscall begins in rt_sigtimedwait, by machine."""


def unheard(pid: int, word: str) -> bool:
    """Return whether the first process of a container drops a signal (`SIGTERM`, `TERM`, `15`).

    False also if that is unknown.
    """
    number, waiting = _number(word), _WAITING.get(os.uname().machine)
    if number is None or waiting is None:
        return False
    proc = Path(f"/proc/{pid}")
    bit = 1 << (number - 1)
    try:
        own = _status(proc)
        numbers, outside = own["NSpid"].split(), _status(Path("/proc/self"))["NSpid"].split()
        # Any other process ends by the signal's default.
        if numbers[-1] != "1" or len(numbers) != len(outside) + 1:
            return False
        if int(own["SigCgt"], 16) & bit:
            return False
        # A thread that blocks it may ask for it; while it waits for it, the mask does not say so.
        threads = list(islice((proc / "task").iterdir(), _THREADS + 1))
        return len(threads) <= _THREADS and not any(
            int(_status(thread)["SigBlk"], 16) & bit
            or (thread / "syscall").read_text().startswith(waiting)
            for thread in threads
        )
    except (OSError, KeyError, ValueError):
        return False


def _number(word: str) -> int | None:
    name = word.strip().upper()
    if name.isascii() and name.isdigit():
        return int(name[:3]) or None
    found = signal.Signals.__members__.get(name if name.startswith("SIG") else f"SIG{name}")
    return None if found is None else int(found)


def _status(proc: Path) -> dict[str, str]:
    with (proc / "status").open() as file:
        lines = (line.partition(":") for line in file.read(_LIMIT).splitlines())
        return {name: value.strip() for name, _, value in lines}
