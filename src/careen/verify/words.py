"""Short, one-line texts from container output, which may be huge or hold control characters."""

from collections.abc import Iterable

SHOWN = 200


def brief(text: str, limit: int = SHOWN) -> str:
    """Return `text` on one line, with white space collapsed, cut to `limit` characters."""
    line = " ".join(text[: 4 * limit].split())
    return line if len(line) <= limit and len(text) <= 4 * limit else line[: limit - 1] + "…"


def listed(names: Iterable[str], most: int = 5) -> str:
    """Return the first `most` names, separated by commas, and how many more there are."""
    every = [*names]
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(brief(name, 80) for name in every[:most]) + more


def counted(number: int, noun: str) -> str:
    """Return `1 case`, `2 cases`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
