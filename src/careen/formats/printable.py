"""Texts of an image as one printable line."""


def printable_line(text: str) -> str:
    """Return a text as one line; each character that cannot be shown becomes U+FFFD."""
    line = " ".join(text.split())
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
