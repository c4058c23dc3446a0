"""How strongly something is used in an image."""

import enum
from typing import Self


class Grade(enum.Enum):
    """The strongest use that the evidence proves, strongest first.

    `number` stands for it in the store: higher is stronger, 0 for NOT_KNOWN, which says that it is
    there, and that its use is unknown (no RBOM, or an incomplete one).
    """

    number: int

    def __new__(cls, word: str, number: int) -> Self:
        grade = object.__new__(cls)
        grade._value_ = word
        grade.number = number
        return grade

    EXECUTED = "executed", 4
    LOADED = "loaded", 3
    OPENED = "opened", 2
    PRESENT = "present", 1
    NOT_KNOWN = "not known", 0

    def at_least(self, other: "Grade") -> bool:
        """Return whether it is as strong as `other`; never true of NOT_KNOWN."""
        return self is not Grade.NOT_KNOWN and self.number >= other.number


_GRADES = {grade.number: grade for grade in Grade}


def grade_of(number: int) -> Grade:
    """Return the grade of a number of the store."""
    return _GRADES[number]
