"""Results of `careen ignore`: proposed entries of an allow-list, and entries needed no longer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProposedException:
    """A new entry for one package, with careen's evidence in its reason. Days are YYYY-MM-DD."""

    identifier: str
    package: str
    purl: str
    reason: str
    review_by: str


@dataclass(frozen=True, slots=True)
class IgnoreProposal:
    """What `careen ignore IMAGE CVE` proposes.

    `shape` says how the list is written, `file` which one it is, "" for none; `text` holds the
    entries in that shape. `present` are places that have an entry already, `replaced` those of
    expired entries that the new ones take the place of. `written` says whether the file was
    written.
    """

    subject: str
    digest: str
    identifier: str
    shape: str
    file: str
    entries: tuple[ProposedException, ...]
    text: str
    present: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    written: bool = False


@dataclass(frozen=True, slots=True)
class EntryVerdict:
    """One entry of a list: where it stands, what it names, and what is said of it."""

    where: str
    entry: str
    reason: str


@dataclass(frozen=True, slots=True)
class IgnorePruning:
    """What `careen ignore IMAGE --prune` found in a list of `entries` entries.

    `removed` are needed no longer for this image; `attention` stay, and are due, expired, idle for
    a reason that is not known, or not applied. `written` says whether the file was written.
    """

    subject: str
    digest: str
    shape: str
    file: str
    entries: int
    removed: tuple[EntryVerdict, ...]
    attention: tuple[EntryVerdict, ...]
    written: bool = False
