"""Earlier scans of an image: when a vulnerability was first seen, and which are gone now."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packageurl import PackageURL

from careen.model.compliance.fedramp import PastFinding, PastScan
from careen.model.findings.finding import BUNDLED
from careen.model.findings.triage import ScanReport
from careen.model.packages.package import Ecosystem

# Aliases that name one vulnerability; a DSA or RHSA is about many.
_TELLING = ("CVE-", "GHSA-", "PYSEC-", "GO-", "RUSTSEC-")
_SYSTEM = frozenset({Ecosystem.DEB.value, Ecosystem.APK.value, Ecosystem.RPM.value})
_CALLED = {
    **{each.value: each.value for each in Ecosystem},
    "go": "golang",
    "crates.io": "cargo",
    BUNDLED: Ecosystem.GENERIC.value,
}
"""Types of packages by what a gap calls them; other words name a distribution."""
_NO_ADVISORIES = frozenset({"kev", "epss", "cvss", "ssvc"})


@dataclass(frozen=True, slots=True)
class Gone:
    """What an earlier scan found and this one does not.

    `ended` is the time of the first scan without it. `doubt` says why that proves nothing, or "".
    """

    name: str
    last: PastFinding
    detected: dt.datetime
    ended: dt.datetime
    doubt: str = ""


def telling(name: str, aliases: Sequence[str]) -> Iterator[str]:
    """Yield the names of a vulnerability that are about it alone."""
    yield name
    yield from (each for each in aliases if each.startswith(_TELLING))


def first_seen(past: Sequence[PastScan], until: dt.datetime) -> Mapping[str, dt.datetime]:
    """Return the time of the first scan with each vulnerability, by its names.

    A report knows of scans before it: its own time dates only what it does not date.
    """
    out: dict[str, dt.datetime] = {}
    for scan in past:
        for name, found in scan.found.items():
            time = min(scan.time, found.detected or scan.time)
            for each in telling(name, found.aliases) if scan.time <= until else ():
                out[each] = min(out.get(each, time), time)
    return out


def gone_from(
    report: ScanReport, there: Collection[str], past: Sequence[PastScan], scanned: dt.datetime
) -> Iterator[Gone]:
    """Yield what earlier scans found and this one does not; `there` are the names that it has."""
    seen = first_seen(past, scanned)
    last: dict[str, PastFinding] = {}
    ended: dict[str, dt.datetime] = {}
    for scan in sorted((each for each in past if each.time < scanned), key=lambda each: each.time):
        last.update(scan.found)
        for name in last:
            if name not in scan.found:
                ended.setdefault(name, scan.time)
            elif (before := scan.found[name].ended) is not None:
                ended.setdefault(name, before)
            else:
                ended.pop(name, None)
    named = frozenset(map(_named, report.inventory.packages))
    for name, found in last.items():
        if not set(telling(name, found.aliases)) & set(there):
            doubts = (_doubt(purl, report, named) for purl in sorted(found.packages))
            doubt = next(filter(None, doubts), "")
            yield Gone(name, found, seen[name], ended.get(name, scanned), doubt)


_Named = tuple[str, str | None, str] | None


def _doubt(purl: str, report: ScanReport, there: Collection[_Named]) -> str:
    """Return why nobody can say that a package has a vulnerability no more, or ""."""
    if purl in report.inventory.packages:
        return "its package is the same: the advisories have changed"
    if all(feed.name in _NO_ADVISORIES for feed in report.feeds) and report.origin == "careen":
        return "no package was compared with advisories"
    named = _named(purl)
    if named is None:
        return f"{purl} is no package URL"
    kind = named[0]
    if kind in _SYSTEM and not any(each is not None and each[0] == kind for each in there):
        return f"no {kind} package is recorded in the image"
    for gap in report.uncovered if named in there else ():
        called = _CALLED.get(gap.what.lower())
        if called == kind or (called is None and kind in _SYSTEM):
            return f"{gap.packages} packages of {gap.what} were not compared: {gap.reason}"
    return ""


def _named(purl: str) -> _Named:
    """Return what is the same for all versions of a package, None for another text."""
    try:
        found = PackageURL.from_string(purl)
    except ValueError:
        return None
    return found.type, found.namespace, found.name
