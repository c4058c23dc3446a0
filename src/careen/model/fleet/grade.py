"""How strongly something is used in an image."""

import enum


class Grade(enum.Enum):
    """The strongest use that the evidence proves, strongest first.

    NOT_KNOWN: it is there, and whether it is used is unknown (no RBOM, or an incomplete one).
    """

    EXECUTED = "executed"
    LOADED = "loaded"
    OPENED = "opened"
    PRESENT = "present"
    NOT_KNOWN = "not known"

    @property
    def number(self) -> int:
        """The grade as a number for the store: higher is stronger, 0 for NOT_KNOWN."""
        return _NUMBERS[self]

    def at_least(self, other: "Grade") -> bool:
        """Return whether it is as strong as `other`; never true of NOT_KNOWN."""
        return self is not Grade.NOT_KNOWN and self.number >= other.number


_NUMBERS = {
    Grade.EXECUTED: 4,
    Grade.LOADED: 3,
    Grade.OPENED: 2,
    Grade.PRESENT: 1,
    Grade.NOT_KNOWN: 0,
}
_GRADES = {number: grade for grade, number in _NUMBERS.items()}


def grade_of(number: int) -> Grade:
    """Return the grade of a number of the store."""
    return _GRADES[number]
