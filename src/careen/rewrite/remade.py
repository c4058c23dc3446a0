"""A file composed of parts of itself and of new bytes."""

from dataclasses import dataclass
from typing import Protocol

from careen.formats.elf.symbols import Span


class Remade(Protocol):
    """New content of a file, in parts, with its size in bytes."""

    @property
    def parts(self) -> tuple[Span | bytes, ...]: ...
    @property
    def size(self) -> int: ...


@dataclass(frozen=True, slots=True)
class RemadeFile:
    """A file of the same kind with some bytes replaced."""

    parts: tuple[Span | bytes, ...]
    size: int
