"""Untrusted output of containers and tests as one harmless line."""

KEPT_LINES = 3
LONGEST = 300


def harmless(text: str) -> str:
    """Return text with spaces in place of characters that could control a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def first_line(text: str) -> str:
    """Return the first line that is not blank, at most 300 characters, or ""."""
    return next(
        (
            line
            for line in (harmless(raw[:LONGEST]).strip() for raw in text[:65536].splitlines())
            if line
        ),
        "",
    )


def last_lines(text: str, lines: int = KEPT_LINES) -> str:
    """Return the last lines that are not blank, joined by ` | `, or "".

    Each is at most 300 characters.
    """
    said = [
        line
        for line in (harmless(raw[:LONGEST]).strip() for raw in text[-65536:].splitlines())
        if line
    ]
    return " | ".join(said[-lines:])
