"""Signatures and attestations of an original, which do not hold for the result made of it."""

import enum
from dataclasses import dataclass

MAX_ENDED = 1024
"""Documents that are listed of one original."""


class EndedKind(enum.Enum):
    """What a document about an image's digest is, as far as its tag or type says."""

    SIGNATURE = "signature"
    ATTESTATION = "attestation"
    SBOM = "SBOM"
    OTHER = "document"


@dataclass(frozen=True, slots=True, order=True)
class EndedDocument:
    """A document that is about the original alone.

    `type` is its predicate, artifact or media type, "" if it states none. `digest` is its own,
    `about` the digest that it is about: the original's manifest or an index with it. `place` is
    where it stays.
    """

    place: str
    digest: str
    kind: EndedKind
    type: str
    about: str


@dataclass(frozen=True, slots=True)
class EndedDocuments:
    """What was found of an original, each digest once.

    `unknown` says in one sentence each what could not be asked, and why.
    """

    documents: tuple[EndedDocument, ...]
    unknown: tuple[str, ...] = ()
