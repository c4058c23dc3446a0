"""Encoding of advisories in the database.

Each is a JSON list without keys, deflated with a preset dictionary.
"""

import json
import sqlite3
import zlib
from collections.abc import Sequence
from typing import Any

from careen.model.findings.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    CvssScore,
    Event,
    EventKind,
    ImportedCode,
    RangeKind,
    Severity,
    VendorStatus,
)

# Part of the format: a change here, of the order of a list below or of a letter needs a new
# `schema.FORMAT`.
_DICTIONARY = (
    b"https://nvd.nist.gov/vuln/detail/CVE-https://github.com/advisories/GHSA-https://access.redhat.com/errata/RHSA-https://errata.almalinux.org/"
    b'","https://github.com/","/security/advisories/GHSA-","CVSS:3.1/AV:L/AC:L/PR:L/UI:R/S:C/C:N/I:L/A:L","CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N'
    b'","["record","3.1","CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",9.8,5]],"GHSA-","PYSEC-2024-","CVE-2025-","CVE-2024-'
    b'AlmaLinux:9","AlmaLinux:8","Rocky'
    b' Linux:9","Ubuntu:22.04:LTS","Alpine:v3.20","Debian:13","Debian:12","Debian:11",[["E","i0","fPyPI",[["E","i0","f'
)
_LARGEST = 256 << 20  # bytes of one record; limits decompression bombs in foreign databases
_KINDS = {RangeKind.ECOSYSTEM: "E", RangeKind.SEMVER: "S", RangeKind.GIT: "G"}
_EVENTS = {
    EventKind.INTRODUCED: "i",
    EventKind.FIXED: "f",
    EventKind.LAST_AFFECTED: "a",
    EventKind.LIMIT: "l",
}
_STATUSES = {
    VendorStatus.FIXED: 0,
    VendorStatus.AFFECTED: 1,
    VendorStatus.DEFERRED: 2,
    VendorStatus.WONT_FIX: 3,
    VendorStatus.END_OF_LIFE: 4,
    VendorStatus.UNDETERMINED: 5,
    VendorStatus.NOT_AFFECTED: 6,
}
_DAMAGE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    RecursionError,
    zlib.error,
)  # raised for bytes that `pack` did not write
_KIND_OF = {letter: kind for kind, letter in _KINDS.items()}
_EVENT_OF = {letter: kind for kind, letter in _EVENTS.items()}
_STATUS_OF = {number: status for status, number in _STATUSES.items()}


def pack(value: Sequence[Any]) -> bytes:
    """Return a list as compressed bytes."""
    data = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -15, 8, zlib.Z_DEFAULT_STRATEGY, _DICTIONARY)
    return squeeze.compress(data) + squeeze.flush()


def unpack(data: bytes) -> Any:
    """Return the list given to `pack`. Raises ValueError or zlib.error for other bytes."""
    return json.loads(zlib.decompressobj(-15, _DICTIONARY).decompress(data, _LARGEST))


def affected_list(entries: Sequence[AffectedPackage]) -> list[Any]:
    """Return the affected entries of one package, without the package's name."""
    return [
        _trimmed(
            [
                one.ecosystem,
                [_range(item) for item in one.ranges],
                list(one.versions),
                _STATUSES[one.status],
                *_rare(one),
            ],
            4,
        )
        for one in entries
    ]


def _range(item: AffectedRange) -> list[str]:
    return [_KINDS[item.kind], *(_EVENTS[event.kind] + event.version for event in item.events)]


def _rare(one: AffectedPackage) -> list[Any]:
    return [
        one.note,
        one.severity,
        [[code.path, *code.symbols] for code in one.code],
        one.module,
        list(one.architectures),
    ]


def _trimmed(values: list[Any], least: int) -> list[Any]:
    while len(values) > least and not values[-1]:
        values.pop()
    return values


def read_affected(name: str, data: bytes) -> tuple[AffectedPackage, ...]:
    """Return the entries of one package. Raises sqlite3.DatabaseError if damaged."""
    try:
        return tuple(_entry(name, *one) for one in unpack(data))
    except _DAMAGE as error:
        msg = f"what it holds of package {name!r} cannot be read: {error}"
        raise sqlite3.DatabaseError(msg) from error


def _entry(  # noqa: PLR0913, PLR0917 — the columns of a stored entry
    name: str,
    ecosystem: str,
    ranges: list[list[str]],
    versions: list[str],
    status: int,
    note: str = "",
    severity: str = "",
    code: Sequence[list[str]] = (),
    module: str = "",
    architectures: Sequence[str] = (),
) -> AffectedPackage:
    return AffectedPackage(
        ecosystem,
        name,
        tuple(
            AffectedRange(
                _KIND_OF[one[0]], tuple(Event(_EVENT_OF[event[0]], event[1:]) for event in one[1:])
            )
            for one in ranges
        ),
        tuple(versions),
        _STATUS_OF[status],
        note,
        severity,
        tuple(ImportedCode(one[0], tuple(one[1:])) for one in code),
        module,
        tuple(architectures),
    )


def head_list(advisory: Advisory) -> list[Any]:
    """Return an advisory's own fields, without its affected packages."""
    scores = [
        [one.source, one.version, one.vector, one.score, int(one.severity)]
        for one in advisory.scores
    ]
    texts = [advisory.summary, advisory.published, advisory.withdrawn, advisory.severity]
    return _trimmed(
        [
            list(advisory.aliases),
            *texts,
            scores,
            list(advisory.upstream),
            list(advisory.related),
            list(advisory.references),
        ],
        0,
    )


def read_head(
    identifier: str, feed: str, modified: str, affected: tuple[AffectedPackage, ...], data: bytes
) -> Advisory:
    """Return the advisory with the given entries. Raises sqlite3.DatabaseError if damaged."""
    try:
        return _advisory(identifier, feed, modified, affected, unpack(data))
    except _DAMAGE as error:
        msg = f"what it holds of {identifier!r} cannot be read: {error}"
        raise sqlite3.DatabaseError(msg) from error


def _advisory(
    identifier: str,
    feed: str,
    modified: str,
    affected: tuple[AffectedPackage, ...],
    values: list[Any],
) -> Advisory:
    values += ([], "", "", "", "", [], [], [], [])[len(values) :]
    aliases, summary, published, withdrawn, severity, scores, upstream, related, references = values
    return Advisory(
        identifier,
        feed,
        affected,
        tuple(aliases),
        tuple(related),
        tuple(upstream),
        summary,
        published,
        modified,
        withdrawn,
        tuple(
            CvssScore(source, version, vector, score, Severity(number))
            for source, version, vector, score, number in scores
        ),
        severity,
        tuple(references),
    )
