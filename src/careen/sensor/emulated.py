"""What a trace shows of programs that an emulator ran (qemu-user by binfmt_misc).

The kernel sees the emulator: it makes the system calls, and it reads the libraries that the program
maps. Which files were opened is true all the same.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from careen.model.runs.trace import Endpoint, SensorInfo, Touch, Trace, Use
from careen.sensor.decode import merge
from careen.tools.binfmt import Handler

UNKNOWN = "programs ran under an emulator ({}): their system calls are not known"
LOADED = "libraries that an emulated program opened count as loaded: the emulator reads them"
NAMELESS = "of some processes only the emulator is known, so which program used a file is unknown"
# Where qemu-user looks first: its own prefix (upstream's, Debian's).
_OWN = re.compile(r"/(?:usr/gnemul|etc/qemu-binfmt)(?:/|\Z)")


def emulators(handlers: Iterable[Handler] | None) -> frozenset[str]:
    """Return the paths of the interpreters that run programs of other machines."""
    out: set[str] = set()
    for handler in handlers or ():
        if handler.magic.startswith(b"\x7fELF") and handler.interpreter:
            out.add(handler.interpreter)
            out.add(str(Path(handler.interpreter).resolve()))  # as the kernel walks up to it
    return frozenset(out)


def as_emulated(trace: Trace, interpreters: Collection[str]) -> Trace:
    """Return the trace without the emulator's own paths, and marked, if one of them ran a program.

    System calls are left out then: they are the emulator's. A trace of native programs alone is
    returned as it is.
    """
    # An image may have a program of its own at the path where this machine has its emulator.
    own = {touch.resolved for touch in trace.touches if _is_own_program(touch, interpreters)}
    ran = {
        touch.given
        for touch in trace.touches
        if touch.use is Use.EXECUTED and touch.on_image is False and touch.given in interpreters
    }
    ran |= {
        touch.executable
        for touch in trace.touches
        if touch.executable in interpreters and touch.executable not in own
    }
    if not ran:
        return trace
    nameless = any(touch.executable in interpreters for touch in trace.touches)
    return replace(
        trace,
        sensor=_marked(trace.sensor, sorted(ran), nameless=nameless),
        touches=merge(
            named(touch, interpreters)
            for touch in trace.touches
            if not is_emulators(touch, interpreters)
        ),
        endpoints=tuple(named_end(end, interpreters) for end in trace.endpoints),
        syscalls={},
    )


def _is_own_program(touch: Touch, interpreters: Collection[str]) -> bool:
    return (
        touch.use is Use.EXECUTED
        and touch.errno == 0
        and touch.on_image is True
        and touch.resolved in interpreters
    )


def _marked(sensor: SensorInfo, ran: Collection[str], *, nameless: bool) -> SensorInfo:
    notes = (UNKNOWN.format(", ".join(ran)), LOADED, *((NAMELESS,) if nameless else ()))
    return replace(sensor, emulated=True, notes=(*sensor.notes, *notes))


def is_emulators(touch: Touch, interpreters: Collection[str]) -> bool:
    """Return whether a touch is of the emulator's own file, or of its own search path."""
    if touch.on_image is False and (touch.resolved or touch.given) in interpreters:
        return True
    # What an image really has there is the image's.
    return touch.errno != 0 and touch.base == "/" and bool(_OWN.match(touch.given))


def named(touch: Touch, interpreters: Collection[str]) -> Touch:
    """Return the touch without its program if only the emulator is known."""
    return replace(touch, executable="") if touch.executable in interpreters else touch


def named_end(end: Endpoint, interpreters: Collection[str]) -> Endpoint:
    """Return the endpoint without its program if only the emulator is known."""
    return replace(end, executable="") if end.executable in interpreters else end
