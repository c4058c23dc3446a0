"""Texts of an image as both databases store them."""

from careen.formats.json_document import clean

LONGEST_KEY = 1000
"""Bytes of a text in an index; PostgreSQL takes about 2,700. No real name is longer."""


def stored(text: str) -> str:
    """Return a text without lone surrogates and without NUL, which PostgreSQL refuses."""
    return clean(text).replace("\0", "\N{REPLACEMENT CHARACTER}")


def indexed(text: str) -> str:
    """Return a text as `stored` does, cut to what an index of PostgreSQL takes."""
    if len(text) <= LONGEST_KEY and text.isascii():
        return stored(text)
    return stored(text).encode()[:LONGEST_KEY].decode(errors="ignore")


def raw(path: str) -> bytes:
    """Return the bytes of a path of an image."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a JSON document can state half of a surrogate pair
        return clean(path).encode()


def path_of(stored_path: bytes) -> str:
    """Return a path of an image by its bytes."""
    return bytes(stored_path).decode("utf-8", "surrogateescape")
