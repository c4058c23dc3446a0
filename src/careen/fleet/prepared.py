"""What is known of an image, made ready for the store without it: units, digests, compression.

This is most of what putting an image costs, so the processes that read documents do it. Documents
are compressed, and units are bytes, so that little is passed between processes.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import zstandard

from careen.fleet.contents import file_content, package_content, use_content
from careen.fleet.packages import PackageRow, row_of
from careen.fleet.texts import raw
from careen.fleet.units import FILES, PACKAGES, Unit, units
from careen.model.fleet.facts import FileFact, ImageFacts, StoredDocument
from careen.model.packages.package import Package

_LEVEL = 3  # of zstd; 9 takes five times as long for a tenth less


@dataclass(frozen=True, slots=True)
class PackedDocument:
    """A document by its SHA-256, compressed by zstd; `size` is that of its bytes.

    `signers` are as in `StoredDocument`.
    """

    kind: str
    sha256: bytes
    size: int
    compressed: bytes
    signers: frozenset[str] = frozenset()

    @property
    def stored(self) -> StoredDocument:
        """The document as it was written."""
        plain = zstandard.ZstdDecompressor().decompress(self.compressed, max_output_size=self.size)
        return StoredDocument(self.kind, plain, self.signers)


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """An image for the store.

    `facts` are those of the image without the members that are in the others. `rows` are its
    packages, by digest; `usages` are pairs of such a digest and a use (`use_content`).
    """

    facts: ImageFacts
    documents: tuple[PackedDocument, ...]
    older: tuple[PackedDocument, ...]
    packages: tuple[Unit, ...]
    files: tuple[Unit, ...]
    rows: tuple[PackageRow, ...]
    usages: tuple[tuple[bytes, bytes], ...]


def prepare(facts: ImageFacts) -> PreparedImage:
    """Return an image for the store."""
    packages = facts.packages or ()
    rows = {package.purl: row_of(package) for package in packages}
    return PreparedImage(
        replace(facts, documents=(), older=(), packages=None, files=None, usages=()),
        tuple(map(_packed, facts.documents)),
        tuple(map(_packed, facts.older)),
        tuple(units(_package_members(packages, rows), PACKAGES, b"packages\0")),
        tuple(units(_file_members(facts.files or ()), FILES, b"files\0")),
        tuple(rows.values()),
        tuple(
            (rows[purl].digest, use_content(usage)) for purl, usage in facts.usages if purl in rows
        ),
    )


def _packed(document: StoredDocument) -> PackedDocument:
    content = document.content
    return PackedDocument(
        document.kind,
        hashlib.sha256(content).digest(),
        len(content),
        zstandard.ZstdCompressor(level=_LEVEL).compress(content),
        document.signers,
    )


def _package_members(
    packages: Iterable[Package], rows: Mapping[str, PackageRow]
) -> Iterator[tuple[bytes, bytes]]:
    for package in packages:
        row = rows[package.purl]
        yield row.place, package_content(row.digest, raw(package.record))


def _file_members(files: Iterable[FileFact]) -> Iterator[tuple[bytes, bytes]]:
    contents: dict[int, bytes] = {}  # by identity: a hundred uses for ten thousand files
    for file in files:
        use = contents.get(id(file.usage))
        if use is None:
            use = contents[id(file.usage)] = use_content(file.usage)
        path = raw(file.path)
        yield path, file_content(path, bytes.fromhex(file.sha256), use)
