"""CVSS vectors (FIRST's specifications of versions 2, 3.0, 3.1 and 4.0), read by the library that
FIRST's calculators are compared with.
"""

from typing import Any

MAX_VECTOR = 400
"""Characters; the longest valid one, CVSS 4.0 with all metrics, has some 250."""


def parse_vector(vector: str) -> Any:
    """Return the library's CVSS2, CVSS3 or CVSS4 of a vector (version 2 in parentheses or without),
    None if it is not a valid one.
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
