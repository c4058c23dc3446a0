"""Which images the documents of a source are about."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from careen.errors import InputError, VerificationError
from careen.evidence.directory.manifest import Manifest
from careen.evidence.sbom.digest import digest_in
from careen.evidence.sbom.document import SbomDocument
from careen.model.fleet.facts import Known
from careen.model.rbom import RuntimeBom
from careen.pipeline.fleet.documents import (
    INDEX,
    MANIFEST,
    OTHER,
    RBOM,
    SBOM,
    SCAN,
    VERDICT,
    Document,
    IndexedPackages,
    Scan,
    parse,
    read_content,
)
from careen.pipeline.fleet.facts import digests_of, newest
from careen.pipeline.fleet.sources import Source
from careen.pipeline.fleet.trust import Trust, content_of

_OF_ORIGINAL = {"index.json": INDEX, "rbom.json": RBOM, "findings.json": SCAN}
_OF_RESULT = {
    "manifest.json": MANIFEST,
    "verify.json": VERDICT,
    "findings-hardened.json": SCAN,
    "sbom.cdx.json": SBOM,
    "rbom.json": RBOM,
}
BY_NAME = "name:"
"""Begins the digest of an image that its documents name without one."""


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a source's files by path, and their SHA-256.

    `signer` is who signed them, except those of `unsigned`; "" if no signature was checked.
    """

    files: Mapping[Path, bytes]
    signer: str = ""
    unsigned: frozenset[Path] = frozenset()

    def parsed(self, path: Path, kind: str = "") -> Document:
        """Return a file as a document. Raises InputError that names it."""
        signed = self.signer and path not in self.unsigned
        signers = frozenset({self.signer} if signed else ())
        return replace(parse(self.files[path], str(path), kind), signers=signers)

    @property
    def digests(self) -> tuple[bytes, ...]:
        """The SHA-256 of each file."""
        return tuple(hashlib.sha256(content).digest() for content in self.files.values())


Found = Source | tuple[Source, Content]
"""What is indexed: a source whose files are still to be read, or one with what was read of it."""


@dataclass(frozen=True, slots=True)
class Described:
    """One image, the documents about it, and why others of them could not be read."""

    known: Known
    documents: tuple[Document, ...]
    unread: tuple[str, ...] = ()


def read_source(source: Source, trust: Trust | None = None) -> Content:
    """Return the files of a source that are indexed, of attestations their statements.

    Raises InputError, and VerificationError for what `trust` does not sign.
    """
    if source.problem:
        raise (VerificationError if source.forged else InputError)(named(source, source.problem))
    wanted = {*_OF_ORIGINAL, *_OF_RESULT}
    if source.report and not any(path.name == "manifest.json" for path in source.files):
        wanted = {*_OF_ORIGINAL, "sbom.cdx.json"}
    files = [path for path in source.files if not source.report or path.name in wanted]
    if not files:
        msg = f"{source.where}: none of its files is indexed; expected SBOMs or a report of careen"
        raise InputError(msg)
    signer = "" if trust is None else trust.signer
    if source.report:  # its attestations are checked as a whole
        return Content({path: read_content(path) for path in files}, signer)
    read = {path: content_of(read_content(path), str(path), trust) for path in files}
    return Content(read, signer)


def named(source: Source, problem: str) -> str:
    """Return a problem with its source, if it does not name it."""
    return problem if source.where in problem else f"{source.where}: {problem}"


def images_of(source: Source, content: Content) -> Iterator[Described]:
    """Yield the images of a source.

    Raises InputError for a document that cannot be read, unless it is attached to an image.
    """
    if source.known is not None:
        yield _attested(source.known, content)
        return
    if not source.report:
        documents = [content.parsed(path) for path in content.files]
        if kept := [each for each in documents if each.kind != OTHER]:
            yield _single(source, kept)
        return
    names = {path.name for path in content.files}
    original = tuple(_parsed(content, _OF_ORIGINAL))
    if original:
        yield _single(source, original)
    if "manifest.json" in names:
        known = {each.kind: each for each in original if each.kind == RBOM}
        rest = {name: kind for name, kind in _OF_RESULT.items() if kind != RBOM}
        yield _result(source, (*_parsed(content, rest), *known.values()))
    elif "sbom.cdx.json" in names:
        yield _single(source, tuple(_parsed(content, {"sbom.cdx.json": SBOM})))


def _parsed(content: Content, kinds: Mapping[str, str]) -> Iterator[Document]:
    by_name = {path.name: path for path in content.files}
    for name, kind in kinds.items():
        if name in by_name:
            yield content.parsed(by_name[name], kind)


def _single(source: Source, documents: Sequence[Document]) -> Described:
    """Return the image that all documents of a source are about."""
    digests, names = [source.digest] if source.digest else [], [source.name]
    claimed: list[str] = []
    for document in documents:
        if source.digest and document.subjects and source.digest not in document.subjects:
            # An SBOM may state another digest of the image; a statement is about its subjects.
            msg = (
                f"{source.where}: one of its statements is about {next(iter(document.subjects))},"
                f" not about {source.digest}; correct the digest in the list"
            )
            raise InputError(msg)
        stated, name = _stated(document)
        if digests and stated and not source.digest and set(stated).isdisjoint(digests):
            # Else two images would become one, and the answer about one of them would be lost.
            msg = (
                f"{source.where}: its documents are about different images ({digests[0]},"
                f" {stated[0]}); index them one by one, or name their image in a list"
                " (docs/fleet.md)"
            )
            raise InputError(msg)
        claimed += stated
        digests += stated
        names.append(name)
    names = list(filter(None, names))
    if not digests:
        if not names:
            msg = (
                f"{source.where}: says neither name nor digest of its image; name it in a list of"
                " images (docs/fleet.md)"
            )
            raise InputError(msg)
        digests = [f"{BY_NAME}{names[0]}"]
    signed = tuple(_signed(source, document, digests, claimed) for document in documents)
    return Described(Known(tuple(digests), tuple(names)), signed)


def _signed(
    source: Source, document: Document, digests: Sequence[str], claimed: Sequence[str]
) -> Document:
    """Return a document of an image, without a signer who did not sign what image it is of.

    `digests` are those of the image, `claimed` those that its documents state. Raises InputError
    for a signed report of another image.
    """
    if not document.signers:
        return document
    if source.report and source.digest and source.digest not in claimed:
        msg = (
            f"{source.where}: the signed report does not name {source.digest}; correct the digest"
            " in the list"
        )
        raise InputError(msg)
    # A report is signed as a whole; a statement is about its subjects.
    about = claimed if source.report else document.subjects
    if set(about).isdisjoint(digests) and (source.name or source.digest):
        return replace(document, signers=frozenset())
    return document


def _attested(known: Known, content: Content) -> Described:
    """Return an image of a registry, with documents that were attached to it."""
    documents: list[Document] = []
    unread: list[str] = []
    for path in content.files:
        try:
            documents.append(content.parsed(path))
        except InputError as error:
            unread.append(str(error))
    # What a document says of itself may be an original's, or another form of the image.
    current, _ = newest(each for each in documents if each.kind != OTHER)
    return Described(known, current, tuple(unread))


def _stated(document: Document) -> tuple[list[str], str]:
    """Return the digests and the name of the image that a document is about."""
    if document.subjects:
        ((digest, name), *others) = document.subjects.items()
        # Several subjects are several artifacts, of which none is known to be the image.
        return ([], "") if others else ([digest], name)
    match document.parsed:
        case RuntimeBom(image=ref) | IndexedPackages(ref=ref):
            return list(digests_of(ref)), ref.reference
        case SbomDocument() | Scan():
            digest = document.parsed.digest
            return [digest] if digest else [], document.parsed.subject
        case _:
            return [], ""


def _result(source: Source, documents: Sequence[Document]) -> Described:
    """Return the image that a run of careen made."""
    manifest = next(each.parsed for each in documents if isinstance(each.parsed, Manifest))
    digests = (manifest.result.digest, *map(digest_in, manifest.promoted))
    names = (manifest.result.reference, *manifest.promoted)
    known = Known(tuple(filter(None, digests)), tuple(filter(None, names)))
    if not known.digests:
        msg = f"{source.where}: manifest.json names no digest of the result"
        raise InputError(msg)
    return Described(replace(known, original=manifest.image.digest), tuple(documents))
