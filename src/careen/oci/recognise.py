"""Recognition of the image at a path that the user gave: an archive or a layout."""

from contextlib import ExitStack
from pathlib import Path

from careen.errors import ImageError, InputError
from careen.oci.blobs import open_file
from careen.oci.decompress import sniff
from careen.oci.docker_archive import MANIFEST
from careen.oci.manifest import Compression
from careen.oci.tar.read import read_members

MAX_MEMBERS = 100_000
LAYOUT = "oci-layout"
_PATHS = ("./", "../", "/")
_START = 256  # bytes that identify a document


def image_source_at(text: str) -> str:
    """Return the image reference for a path that the user gave, and other text unchanged.

    It is `docker-archive:PATH`, `oci-archive:PATH` or `oci:PATH`. A path starts with `./`, `../` or
    `/`. Documents (JSON, XML) are returned unchanged, too. Raises InputError for a path without an
    image.
    """
    if not text.startswith(_PATHS):
        return text
    written, colon, name = text.partition(":")
    path = Path(written)
    kind: str | None
    if path.is_dir():
        kind = "oci" if (path / LAYOUT).is_file() else ""
    elif path.is_file():
        kind = _kind_of(path, text)
    else:
        msg = f"image {text!r}: no such file or directory; check the path"
        raise InputError(msg)
    if kind is None:
        return text
    if not kind:
        msg = (
            f"image {text!r}: no image lies there: neither an archive with {MANIFEST} or {LAYOUT},"
            f" nor a directory with {LAYOUT}"
        )
        raise InputError(msg)
    return f"{kind}:{written}{colon}{name}"


def output_at(text: str) -> str:
    """Return the reference for a path to write to, and other text unchanged.

    `./NAME.tar` is a docker archive, which is an OCI archive too; `./DIR/` and an existing layout
    are layouts.
    """
    if not text.startswith(_PATHS):
        return text
    written, _, _ = text.partition(":")
    if written.endswith(".tar"):
        return f"docker-archive:{text}"
    if written.endswith("/") or (Path(written) / LAYOUT).is_file():
        return f"oci:{text}"
    msg = f"output {text!r}: write ./NAME.tar for an archive, or ./DIR/ for an OCI image layout"
    raise InputError(msg)


def _kind_of(path: Path, text: str) -> str | None:
    """Return an archive's transport, "" for anything else, None for a document."""
    with ExitStack() as files:
        source = open_file(path, files)
        start = source.read_at(0, min(_START, source.size)).removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith((b"{", b"<")):
            return None
        if sniff(source) is not Compression.NONE:
            # Unpacking shows what is inside; `docker save | gzip` is the usual case.
            return "docker-archive"
        found = ""
        try:
            for member in read_members(source, text, MAX_MEMBERS):
                name = member.name.removeprefix("./")
                if name == MANIFEST:
                    return "docker-archive"
                if name == LAYOUT:
                    found = "oci-archive"
        except ImageError as error:
            # Without the error's text: the file's content must not get into logs.
            msg = f"image {text!r}: not a tar archive"
            raise InputError(msg) from error
        return found
