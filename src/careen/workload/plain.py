"""Output of containers and tests as one harmless line: what they print is chosen by others."""

KEPT_LINES = 3
LONGEST = 300


def harmless(text: str) -> str:
    """Replace what could steer a terminal (escapes, carriage returns, other control characters) by
    a space.
    """
    return "".join(char if char.isprintable() else " " for char in text)


def first_line(text: str) -> str:
    """The first line that says something, 300 characters at most; empty when there is none."""
    return next(
        (
            line
            for line in (harmless(raw[:LONGEST]).strip() for raw in text[:65536].splitlines())
            if line
        ),
        "",
    )


def last_lines(text: str, lines: int = KEPT_LINES) -> str:
    """The last lines that say something, joined by ` | `, 300 characters each at most; empty when
    there are none.
    """
    said = [
        line
        for line in (harmless(raw[:LONGEST]).strip() for raw in text[-65536:].splitlines())
        if line
    ]
    return " | ".join(said[-lines:])
