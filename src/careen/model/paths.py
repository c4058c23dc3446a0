"""Paths inside an image: absolute, normalised, without `..` or NUL.

Bytes that are not UTF-8 are kept as surrogate escapes (PEP 383), so that paths round-trip byte for
byte.
"""

from typing import NewType

from careen.errors import ImageError

ImagePath = NewType("ImagePath", str)

ROOT = ImagePath("/")
MAX_PATH = 4096
MAX_NAME = 255


def image_path(raw: str, where: str) -> ImagePath:
    """Return `raw` (with or without a leading `/` or `./`) as an ImagePath.

    Raises ImageError for a `..` component, a NUL byte, or a path longer than a file system allows.
    """
    if _is_plain(raw):
        return ImagePath(raw)
    if "\0" in raw:
        msg = f"{where}: path has a NUL byte: {raw!r}"
        raise ImageError(msg)
    parts = [part for part in raw.split("/") if part not in ("", ".")]
    # No tool writes `..` into a layer except to attack the extractor: refuse it, do not resolve it.
    if ".." in parts:
        msg = f"{where}: path leaves the image root: {raw!r}"
        raise ImageError(msg)
    try:
        size = len(raw.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # JSON allows "\ud800", which encodes no bytes
        msg = f"{where}: path is not text: {raw[:80]!r}"
        raise ImageError(msg) from None
    if len(raw) > MAX_PATH or (
        size > MAX_NAME
        and any(len(part.encode("utf-8", "surrogateescape")) > MAX_NAME for part in parts)
    ):
        msg = f"{where}: path is longer than a file system allows: {raw[:80]!r}…"
        raise ImageError(msg)
    return ImagePath("/" + "/".join(parts))


def _is_plain(raw: str) -> bool:
    """Return whether a text is a path as it is, which most of a hundred thousand are."""
    return (
        raw.startswith("/")
        and raw.isascii()
        and len(raw) <= MAX_NAME
        and "//" not in raw
        and "/." not in raw
        and "\0" not in raw
        and not raw.endswith("/")
    )


def parent(path: ImagePath) -> ImagePath:
    """Return the directory of `path`; the root is its own parent."""
    return ImagePath(path.rpartition("/")[0] or "/")


def name(path: ImagePath) -> str:
    """Return the last component, empty for the root."""
    return path.rpartition("/")[2]


def join(directory: ImagePath, *names: str) -> ImagePath:
    """Return `directory/names…`. The caller must pass valid single components."""
    return ImagePath("/".join(("" if directory == ROOT else directory, *names)))


def source_of(byte_code: ImagePath) -> ImagePath | None:
    """Return the source path of cached byte code (PEP 3147), or None for any other path.

    `/x/__pycache__/m.cpython-311.opt-1.pyc` gives `/x/m.py`.
    """
    directory, mark, cached = byte_code.rpartition("/__pycache__/")
    if not mark or "/" in cached or not cached.endswith(".pyc"):
        return None
    return ImagePath(f"{directory}/{cached.partition('.')[0]}.py")


def ancestors(path: ImagePath) -> tuple[ImagePath, ...]:
    """Return every directory above `path`, nearest first, root last; empty for the root."""
    out: list[ImagePath] = []
    while path != ROOT:
        path = parent(path)
        out.append(path)
    return tuple(out)
