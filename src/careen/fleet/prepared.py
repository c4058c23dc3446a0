"""What is known of an image, made ready for the store without it: units, digests, compression.

This is most of what putting an image costs, so the processes that read documents do it. Documents
are compressed, and units are bytes, so that little is passed between processes.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import zstandard

from careen.fleet.contents import file_content, use_content
from careen.fleet.packages import Members, PackageRow
from careen.fleet.texts import raw
from careen.fleet.units import FILES, PACKAGES, Unit, units
from careen.model.fleet.facts import FileFact, ImageFacts, StoredDocument

_MEMBERS = Members()
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


@dataclass(frozen=True, slots=True)
class Shared:
    """What images that are passed on together have in common, once: it is passed on once."""

    documents: dict[StoredDocument, PackedDocument] = field(default_factory=dict)
    units: dict[bytes, Unit] = field(default_factory=dict)

    def document(self, document: StoredDocument) -> PackedDocument:
        """Return a document, compressed."""
        found = self.documents.get(document)
        if found is None:
            found = self.documents[document] = _packed(document)
        return found

    def units_of(
        self, members: Iterable[tuple[bytes, bytes]], mean: int, kind: bytes
    ) -> tuple[Unit, ...]:
        """Return the units of members."""
        return tuple(
            self.units.setdefault(each.digest, each) for each in units(members, mean, kind)
        )


def prepare(facts: ImageFacts, shared: Shared | None = None) -> PreparedImage:
    """Return an image for the store; `shared` has what others have that it is passed on with."""
    shared = shared or Shared()
    packages = facts.packages or ()
    members = {package.purl: _MEMBERS.member(package) for package in packages}
    return PreparedImage(
        replace(facts, documents=(), older=(), packages=None, files=None, usages=()),
        tuple(map(shared.document, facts.documents)),
        tuple(map(shared.document, facts.older)),
        shared.units_of(
            ((each.row.place, each.content) for each in members.values()), PACKAGES, b"packages\0"
        ),
        shared.units_of(_file_members(facts.files or ()), FILES, b"files\0"),
        tuple(each.row for each in members.values()),
        tuple(
            (members[purl].row.digest, use_content(usage))
            for purl, usage in facts.usages
            if purl in members
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


def _file_members(files: Iterable[FileFact]) -> Iterator[tuple[bytes, bytes]]:
    contents: dict[int, bytes] = {}  # by identity: a hundred uses for ten thousand files
    for file in files:
        use = contents.get(id(file.usage))
        if use is None:
            use = contents[id(file.usage)] = use_content(file.usage)
        path = raw(file.path)
        yield path, file_content(path, bytes.fromhex(file.sha256), use)
