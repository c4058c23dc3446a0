"""Archives of files: each is read as what it is."""

import io
import tarfile
import tempfile
import zipfile
from pathlib import Path


def read(data: bytes, name: str) -> str:
    from papers import readers

    out = []
    for inner, content in _members(data, name):
        try:
            chosen, text = readers.read(content, inner)
            out.append(f"{inner} {chosen}: {text.strip()[:40]}")
        except readers.UnknownReader as error:
            out.append(f"{inner}: {error}")
    return "\n".join(out)


def _members(data: bytes, name: str) -> list[tuple[str, bytes]]:
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(item.filename, archive.read(item)) for item in archive.infolist()]
    if data[:2] == b"7z":
        import py7zr

        with py7zr.SevenZipFile(io.BytesIO(data)) as archive, tempfile.TemporaryDirectory() as folder:
            archive.extractall(folder)
            return [(path.name, path.read_bytes()) for path in sorted(Path(folder).rglob("*")) if path.is_file()]
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return [(item.name, archive.extractfile(item).read()) for item in archive if item.isfile()]
