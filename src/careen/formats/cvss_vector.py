"""CVSS vectors (FIRST's specifications of versions 2, 3.0, 3.1 and 4.0)."""

from typing import Any

MAX_VECTOR = 400
"""Characters; the longest valid vector, CVSS 4.0 with all metrics, has about 250."""


def parse_vector(vector: str) -> Any:
    """Return the library's CVSS2, CVSS3 or CVSS4 of a vector, or None if it is invalid.

    A version 2 vector may stand in parentheses.
    """
    from cvss import CVSS2, CVSS3, CVSS4, CVSSError  # type: ignore[import-untyped]

    if not vector or len(vector) > MAX_VECTOR:
        return None
    try:
        return (
            CVSS4(vector)
            if vector.startswith("CVSS:4")
            else CVSS3(vector)
            if vector.startswith("CVSS:3")
            else CVSS2(vector.strip("()"))
        )
    except (CVSSError, ValueError, KeyError, ArithmeticError):
        return None
