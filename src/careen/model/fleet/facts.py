"""What is known of one image, as it is put into the store of the fleet."""

from dataclasses import dataclass
from typing import NamedTuple

from careen.model.fleet.grade import Grade
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Package
from careen.model.paths import ImagePath

UNDATED = "(undated)"
"""The time of a document that states none; it sorts before every time, and counts as old."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The strongest use of a package or file.

    `workload` and `program` (a path) did it, "" if unknown. `ports` are those on which a program
    that ran it listens, not on loopback alone; None if no RBOM shows that.
    """

    grade: Grade
    workload: str = ""
    program: str = ""
    ports: tuple[int, ...] | None = ()


@dataclass(frozen=True, slots=True)
class FileFact:
    """A used file; `sha256` is hex."""

    path: ImagePath
    sha256: str
    usage: Usage


class FindingFact(NamedTuple):
    """A finding of a scan: identifier, purl, severity in words, tier in words."""

    advisory: str
    purl: str
    severity: str
    tier: str


@dataclass(frozen=True, slots=True)
class VexFact:
    """A statement that an image is not affected, or fixed: identifier, purl ("" for all), why."""

    advisory: str
    package: str
    status: str
    why: str


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as it was written; `kind` is `sbom`, `rbom`, `index`, `scan`, `vex` and others.

    `signers` are those whose signature was checked.
    """

    kind: str
    content: bytes
    signers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Listener:
    """A port that a program (a path) of the image listens on, not on loopback alone."""

    port: int
    program: str


@dataclass(frozen=True, slots=True)
class Known:
    """What an image is called: its first digest is the one that the store names it by.

    `closed` if its documents add neither digest nor name: a registry said what it is, or the store.
    """

    digests: tuple[str, ...]
    names: tuple[str, ...]
    platform: str = ""
    layers: tuple[str, ...] = ()
    original: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """All that is known of one image.

    `documents` has one of each kind, which the other fields say; `older` are kept with them.
    `packages` is None without an SBOM, `files` without an RBOM. `inventory` and `profile` are the
    times of both (RFC 3339), "" without. `unseen` says why a package without a use may have been
    used, `partial` why one that is not listed may be there, "" if that is excluded. `usages` has
    the packages whose use is known, by purl. `findings` is None without a scan, `scanned` its time.
    `signers` are those who each signed SBOM or index, RBOM and verdict.
    """

    known: Known
    documents: tuple[StoredDocument, ...]
    older: tuple[StoredDocument, ...] = ()
    packages: tuple[Package, ...] | None = None
    distribution: Distribution | None = None
    inventory: str = ""
    unreadable: int = 0
    partial: str = ""
    files: tuple[FileFact, ...] | None = None
    usages: tuple[tuple[str, Usage], ...] = ()
    listeners: tuple[Listener, ...] = ()
    profile: str = ""
    unseen: str = "no RBOM"
    findings: tuple[FindingFact, ...] | None = None
    scanned: str = ""
    vex: tuple[VexFact, ...] = ()
    verdict: str = ""
    policy: str = ""
    signers: frozenset[str] = frozenset()
