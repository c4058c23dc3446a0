"""Paths inside an image: absolute, normalised, without `..` or NUL.

Bytes that are not UTF-8 are kept by surrogate escapes (PEP 383), so a path written back is byte for
byte the one that was read.
"""

from typing import NewType

from careen.errors import ImageError

ImagePath = NewType("ImagePath", str)

ROOT = ImagePath("/")
MAX_PATH = 4096
MAX_NAME = 255


def image_path(raw: str, where: str) -> ImagePath:
    """Return `raw` (with or without a leading `/` or `./`) as an ImagePath; raise ImageError for
    what could leave the root.

    A `..` component is refused rather than resolved: no tool writes one into a layer except to
    attack the extractor.
    """
    if "\0" in raw:
        msg = f"{where}: path has a NUL byte: {raw!r}"
        raise ImageError(msg)
    parts = [part for part in raw.split("/") if part not in ("", ".")]
    if ".." in parts:
        msg = f"{where}: path leaves the image root: {raw!r}"
        raise ImageError(msg)
    try:
        size = len(raw.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # JSON can say "\ud800", which stands for no bytes
        msg = f"{where}: path is not text: {raw[:80]!r}"
        raise ImageError(msg) from None
    if len(raw) > MAX_PATH or (
        size > MAX_NAME
        and any(len(part.encode("utf-8", "surrogateescape")) > MAX_NAME for part in parts)
    ):
        msg = f"{where}: path is longer than a file system allows: {raw[:80]!r}…"
        raise ImageError(msg)
    return ImagePath("/" + "/".join(parts))


def parent(path: ImagePath) -> ImagePath:
    """Return the directory that holds `path`; the root is its own parent."""
    return ImagePath(path.rpartition("/")[0] or "/")


def name(path: ImagePath) -> str:
    """Return the last component, empty for the root."""
    return path.rpartition("/")[2]


def join(directory: ImagePath, *names: str) -> ImagePath:
    """Return `directory/names…`; the names are single components that the caller has checked."""
    return ImagePath("/".join(("" if directory == ROOT else directory, *names)))


def source_of(byte_code: ImagePath) -> ImagePath | None:
    """Return the source that cached byte code stands for, None for any other path:
    `/x/__pycache__/m.cpython-311.opt-1.pyc` is of `/x/m.py` (PEP 3147).
    """
    directory, mark, cached = byte_code.rpartition("/__pycache__/")
    if not mark or "/" in cached or not cached.endswith(".pyc"):
        return None
    return ImagePath(f"{directory}/{cached.partition('.')[0]}.py")


def ancestors(path: ImagePath) -> tuple[ImagePath, ...]:
    """Return every directory above `path`, nearest first, ending with the root; empty for the
    root.
    """
    out: list[ImagePath] = []
    while path != ROOT:
        path = parent(path)
        out.append(path)
    return tuple(out)
