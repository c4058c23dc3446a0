"""A text inside a packed file: an archive, byte code, a frozen program."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The form of a text."""

    SOURCE = "source"
    BYTE_CODE = "byte code"  # its texts, one literal per line
    TABLE = "texts without ends"  # of a compiled module
    PROGRAM = "compiled program"  # whole
    SHELL = "lines of shell"
    STARTS = "class that starts programs"  # literals of a Java class
    LOADS = "class that loads libraries"  # literals of a Java class
    PATHS = "paths of a class"  # absolute paths of any Java class
    PICKLE = "pickle"  # whole


@dataclass(frozen=True, slots=True)
class Text:
    """The text of one module.

    `foreign`: it belongs, or may belong, to a library in the archive, not to the application.
    """

    data: bytes
    kind: Kind
    foreign: bool = False
