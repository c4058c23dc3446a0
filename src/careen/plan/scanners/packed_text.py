"""A text inside a packed file: an archive, byte code, a frozen program."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """In what form a text is: a source; byte code, of which the texts are there, a literal a line;
    texts of a compiled module, of which it is not known where one ends; a compiled program, whole;
    lines of shell; the literals of a class of Java that can start programs; the absolute paths of
    any; a pickle, whole.
    """

    SOURCE = "source"
    BYTE_CODE = "byte code"
    TABLE = "texts without ends"
    PROGRAM = "compiled program"
    SHELL = "lines of shell"
    STARTS = "class that starts programs"
    LOADS = "class that loads libraries"
    PATHS = "paths of a class"
    PICKLE = "pickle"


@dataclass(frozen=True, slots=True)
class Text:
    """What one module says. `foreign` is one of a library in the archive, or that may be one,
    rather than the application's own.
    """

    data: bytes
    kind: Kind
    foreign: bool = False
