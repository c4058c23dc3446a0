"""Handlers of binfmt_misc: the programs by which the kernel runs those of other machines.

careen reads them and never registers one: that is a change of the whole machine.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from careen.model.machines import program_header

ROOT = Path("/proc/sys/fs/binfmt_misc")
_CONTROLS = frozenset({"register", "status"})
_MAX_HANDLERS = 512
_MAX_BYTES = 8192  # the kernel writes less than a page
_HEX = re.compile(r"(?:[0-9a-f]{2})+\Z")


@dataclass(frozen=True, slots=True)
class Handler:
    """A registered handler that recognises files by their first bytes.

    `flags` are the kernel's letters: F keeps the interpreter open, O and C hand it the program as a
    descriptor.
    """

    name: str
    interpreter: str
    flags: str
    offset: int
    magic: bytes
    mask: bytes

    @property
    def in_containers(self) -> bool:
        """Whether it works in a container, whose root does not have the interpreter."""
        return "F" in self.flags

    def takes(self, header: bytes) -> bool:
        """Return whether it runs a file that begins like this."""
        part = header[self.offset : self.offset + len(self.magic)]
        return len(part) == len(self.magic) and all(
            have & mask == want & mask
            for have, want, mask in zip(part, self.magic, self.mask, strict=True)
        )


def handlers(root: Path = ROOT) -> tuple[Handler, ...] | None:
    """Return the enabled handlers that recognise files by their content, by name.

    None if binfmt_misc is not mounted here: the kernel may have some all the same.
    """
    status = _text(root / "status").strip()
    if not status:
        return None
    if status != "enabled":
        return ()
    try:
        names = sorted(path.name for path in root.iterdir() if path.name not in _CONTROLS)
    except OSError:
        return ()
    found = (_parse(name, _text(root / name)) for name in names[:_MAX_HANDLERS])
    return tuple(handler for handler in found if handler is not None)


def handler_for(architecture: str, among: Iterable[Handler]) -> Handler | None:
    """Return the handler that runs programs of an architecture (Go's name), or None.

    One that works in containers comes first.
    """
    header = program_header(architecture)
    fitting = [each for each in among if header is not None and each.takes(header)]
    return min(fitting, key=lambda each: not each.in_containers, default=None)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_MAX_BYTES).decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def _parse(name: str, text: str) -> Handler | None:
    """Return a handler from what the kernel shows of it; None if disabled or by file suffix."""
    lines = text.splitlines()
    if not lines or lines[0] != "enabled":
        return None
    values = {key.rstrip(":"): value for key, _, value in (line.partition(" ") for line in lines)}
    magic, offset = values.get("magic", ""), values.get("offset", "0")
    mask = values.get("mask", "ff" * (len(magic) // 2))
    if not (_HEX.match(magic) and _HEX.match(mask) and len(mask) == len(magic)):
        return None
    return Handler(
        name,
        values.get("interpreter", ""),
        values.get("flags", ""),
        int(offset) if offset.isdecimal() else 0,
        bytes.fromhex(magic),
        bytes.fromhex(mask),
    )
