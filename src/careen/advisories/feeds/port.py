"""Input and output types of the feed readers."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from careen.model.findings.advisory import (
    Advisory,
    CvssScore,
    EpssScore,
    KevEntry,
    SsvcAssessment,
)

# Bytes of one record, or of a document that is read whole. The largest real one (CSAF of a kernel
# CVE) is below 20 MB.
LONGEST_RECORD = 64 << 20


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a document.

    `data`: its first bytes, decompressed. `value`: the JSON value in them as far as it goes, None
    if not JSON. `complete`: they are the whole document. `lines`: a second JSON value follows (JSON
    lines).
    """

    data: bytes
    value: object
    complete: bool = False
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a source.

    `name` is for messages (a member is `all.zip:GHSA-….json`). `stream` covers the whole document,
    including the head.
    """

    name: str
    head: Head
    stream: io.BufferedReader


@dataclass(frozen=True, slots=True)
class Record:
    """One record, as one advisory for each feed that it belongs to.

    `joins`: later records of the same identifier add to this one instead of replacing it. Feeds
    sorted by package need that.
    """

    advisories: tuple[Advisory, ...]
    joins: bool = False


@dataclass(frozen=True, slots=True)
class CveScore:
    """A CVSS score of a CVE from outside an advisory."""

    cve: str
    score: CvssScore


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that could not be read: which one, and why, in one line.

    `feed` may be "" if it cannot be determined.
    """

    feed: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotAboutPackages:
    """A valid record that is not about packages (only commits of a repository, for example)."""

    reason: str


@dataclass(frozen=True, slots=True)
class About:
    """A document's statements about its feed.

    `partial`: why something absent from it is unknown instead of clean; "" if it is complete.
    """

    feed: str
    date: str = ""
    partial: str = ""
    ecosystems: tuple[str, ...] = ()


Item = (
    Record | KevEntry | EpssScore | SsvcAssessment | CveScore | Refused | NotAboutPackages | About
)


class Reader(Protocol):
    """Reader of one layout. `single`: a document is one record, a feed is many documents."""

    single: bool

    def recognises(self, head: Head) -> bool:
        """Return whether the document has this layout. Never raises."""

    def read(self, document: Document) -> Iterator[Item]:
        """Yield the document's records.

        Raises InputError, or the decoder's exception (ValueError, EOFError), if it is truncated.
        """
