"""What a feed's reader takes and gives."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from careen.model.advisory import Advisory, CvssScore, EpssScore, KevEntry

LONGEST_RECORD = (
    64 << 20
    # bytes of one record or of a document that is read whole: the largest real one (CSAF of a
    # kernel
    # CVE) is below 20 MB
)


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a document. `data` are its first bytes, decompressed; `value` the JSON value
    in them as far as it goes (None: not JSON), `complete` whether that is all of the document,
    `lines` whether a second JSON value follows the first (JSON lines).
    """

    data: bytes
    value: object
    complete: bool = False
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a source: `name` for messages (a member is `all.zip:GHSA-….json`), its head,
    and a stream over all of it, head included.
    """

    name: str
    head: Head
    stream: io.BufferedReader


@dataclass(frozen=True, slots=True)
class Record:
    """One record, as one advisory for each feed that it belongs to. `joins`: further records of the
    same identifier add to this one (feeds that are ordered by package) instead of replacing it.
    """

    advisories: tuple[Advisory, ...]
    joins: bool = False


@dataclass(frozen=True, slots=True)
class CveScore:
    """A CVSS assessment of a CVE that stands in no advisory."""

    cve: str
    score: CvssScore


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that could not be read: which one, and why, in one line. `feed` may be "" where not
    even that can be told.
    """

    feed: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that is right and says nothing about packages (only commits of a repository,
    say).
    """

    reason: str


@dataclass(frozen=True, slots=True)
class About:
    """What a document says about its feed as a whole. `partial` is why something that is absent
    from it is unknown rather than clean, "" if it is complete.
    """

    feed: str
    date: str = ""
    partial: str = ""
    ecosystems: tuple[str, ...] = ()


Item = Record | KevEntry | EpssScore | CveScore | Refused | Aside | About


class Reader(Protocol):
    """The reader of one layout. `single`: a document is one record, and a feed is many documents (a
    folder, an archive).
    """

    single: bool

    def recognises(self, head: Head) -> bool:
        """Say whether a document that begins like this is of this layout. Never raises."""

    def read(self, document: Document) -> Iterator[Item]:
        """Yield the document's records. Raises InputError, or what the decoder raises (ValueError,
        EOFError), when it ends in the middle.
        """
