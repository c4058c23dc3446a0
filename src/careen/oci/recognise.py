"""What lies at a path that the user gave as an image: an archive of one kind or the other, or a
layout.
"""

from contextlib import ExitStack
from pathlib import Path

from careen.errors import ImageError, InputError
from careen.oci.blobs import open_file
from careen.oci.decompress import sniff
from careen.oci.docker_archive import MANIFEST
from careen.oci.manifest import Compression
from careen.oci.tar_read import read_members

MAX_MEMBERS = 100_000
LAYOUT = "oci-layout"
_PATHS = ("./", "../", "/")
_START = 256  # bytes in which a document shows what it is


def source_at(text: str) -> str:
    """Return `docker-archive:PATH`, `oci-archive:PATH` or `oci:PATH` for a path (`./image.tar`,
    `/images/web`), and anything else as it is.

    Raises InputError for a path at which no image lies. A document (JSON, XML) is left to who reads
    it.
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


def _kind_of(path: Path, text: str) -> str | None:
    """Return the transport of an archive, "" for what is none, None for a document."""
    with ExitStack() as files:
        source = open_file(path, files)
        start = source.read_at(0, min(_START, source.size)).removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith((b"{", b"<")):
            return None
        if sniff(source) is not Compression.NONE:
            # what is inside is seen when it is unpacked; `docker save | gzip` is what people have
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
            msg = f"image {text!r}: not a tar archive"  # what it holds belongs into no log
            raise InputError(msg) from error
        return found
