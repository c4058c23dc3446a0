"""Documents about images, recognised and parsed: SBOM, RBOM, index, scan, manifest, verdict."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from careen.errors import InputError
from careen.evidence.attest.attestation import is_statement, read_claim
from careen.evidence.directory.manifest import Manifest, read_manifest
from careen.evidence.sbom.bounded_json import read_bytes, read_object
from careen.evidence.sbom.document import SbomDocument
from careen.evidence.sbom.read import read_sbom
from careen.evidence.sbom.read_cyclonedx import VexAloneError
from careen.evidence.vex.document import VexDocument
from careen.evidence.vex.read import read_vex
from careen.formats.json_document import objects, text_at
from careen.inventory.index import read_inventory
from careen.model.fleet.facts import FindingFact, StoredDocument
from careen.model.packages.package import Inventory
from careen.model.rbom import ImageRef, RuntimeBom
from careen.pipeline.fleet.statements import (
    MANIFEST,
    OTHER,
    RBOM,
    SBOM,
    SCAN,
    VERDICT,
    VEX,
    findings_of,
    kind_of_claim,
    passed,
    predicate_bytes,
)
from careen.rbom.store import read_rbom

__all__ = ["INDEX", "MANIFEST", "OTHER", "RBOM", "SBOM", "SCAN", "VERDICT", "VEX"]

INDEX = "index"
_HEAD = 4096
_FORMAT = re.compile(rb'\s*\{\s*"format"\s*:\s*"([a-z.-]+)"')
_OWN = {b"careen.rbom": RBOM, b"careen.index": INDEX, b"careen.scan": SCAN}


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan of careen found: the image, when, and the findings."""

    subject: str
    digest: str
    created: str
    findings: tuple[FindingFact, ...]


@dataclass(frozen=True, slots=True)
class IndexedPackages:
    """The image of an index of careen, and its packages."""

    ref: ImageRef
    inventory: Inventory


Parsed = SbomDocument | RuntimeBom | IndexedPackages | Scan | Manifest | VexDocument | bool | None


@dataclass(frozen=True, slots=True)
class Document:
    """One document, and its bytes. A verdict's content is whether the image passed.

    Of a statement, `subjects` are the digests that it names, with their names. `parsed` is None if
    the store keeps nothing of it. `signers` are those whose signature was checked.
    """

    kind: str
    content: bytes
    parsed: Parsed
    subjects: Mapping[str, str] = field(default_factory=dict)
    signers: frozenset[str] = frozenset()

    @property
    def stored(self) -> StoredDocument:
        """The document as the store keeps it."""
        return StoredDocument(self.kind, self.content, self.signers)


def read_content(path: Path) -> bytes:
    """Return the bytes of a document, at most those of `bounded_json`. Raises InputError."""
    return read_bytes(path, str(path), regular=True)


def kind_of(content: bytes) -> str:
    """Return the kind of a document by its first bytes; what is not careen's own is an SBOM."""
    read = _FORMAT.match(content[:_HEAD])
    return SBOM if read is None else _OWN.get(read[1], SBOM)


def says_nothing(path: Path) -> bool:
    """Return whether a file is a document of careen of which the store keeps nothing."""
    try:
        with path.open("rb") as stream:
            read = _FORMAT.match(stream.read(_HEAD))
    except OSError:  # told when it is read
        return False
    return read is not None and read[1].startswith(b"careen") and read[1] not in _OWN


def parse(content: bytes, where: str, kind: str = "") -> Document:
    """Return a document. Raises InputError that names it."""
    try:
        if is_statement(content):
            return _stated(content, where, kind)
        found = kind or kind_of(content)
        return Document(found, content, _parsed(found, content, where))
    except VexAloneError:
        if not kind:
            raise
        return Document(OTHER, content, None)  # an older careen kept it as an SBOM
    except InputError as error:
        said = str(error)
        raise InputError(said if said.startswith(where) else f"{where}: {said}") from error


def _stated(content: bytes, where: str, kind: str) -> Document:
    """Return the document that a statement carries."""
    claim = read_claim(content, where)
    kind = kind or kind_of_claim(claim)
    parsed: Parsed
    match kind:
        case "scan":
            found = findings_of(claim.predicate)
            if found is None:  # an older careen kept it
                return Document(OTHER, content, None, claim.subjects)
            subject = next(iter(claim.subjects.items()))
            parsed = Scan(subject[1], subject[0], *found)
        case "verdict":
            parsed = passed(claim.predicate)
        case "sbom" | "vex":  # their readers know statements
            parsed = _parsed(kind, content, where)
        case "other":
            parsed = None
        case _:
            parsed = _parsed(kind, predicate_bytes(claim), where)
    return Document(kind, content, parsed, claim.subjects)


def _parsed(kind: str, content: bytes, where: str) -> Parsed:
    match kind:
        case "vex":
            return read_vex(content, where)
        case "rbom":
            return read_rbom(content)
        case "index":
            return IndexedPackages(*read_inventory(content, where))
        case "scan":
            return _scan(read_object(content, where))
        case "manifest":
            return read_manifest(content)
        case "verdict":
            return _verdict(read_object(content, where), where)
        case _:
            return read_sbom(content, where)


def _scan(document: Mapping[str, Any]) -> Scan:
    found = tuple(
        FindingFact(
            text_at(each, "id"),
            text_at(each, "package"),
            text_at(each, "severity"),
            text_at(each, "tier"),
        )
        for each in objects(document.get("findings"))
        if text_at(each, "id") and text_at(each, "package")
    )
    created = text_at(document, "created")
    return Scan(text_at(document, "subject"), text_at(document, "digest"), created, found)


def _verdict(document: Mapping[str, Any], where: str) -> bool:
    passed = document.get("passed")
    if not isinstance(passed, bool):
        msg = f"{where}: passed: expected true or false; a verdict of `careen verify` is expected"
        raise InputError(msg)
    return passed
