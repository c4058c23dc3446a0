"""Grouping of records by vulnerability.

Two CVEs are never joined: a record that names several (a DSA, an erratum, a GHSA of a release)
gives one finding for each. A record without a CVE is followed over its aliases, also through
records of other packages, to the CVEs that they name. Records that reach none are grouped by
aliases. `related` counts only in errata of the RHEL family, if `aliases` and `upstream` name no
CVE.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from careen.advisories.matching.hit import Hit
from careen.advisories.matching.names import family_of
from careen.model.findings.advisory import Advisory

_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")
_CVE_AT_END = re.compile(
    r"(?:DEBIAN|UBUNTU|ALPINE|ECHO|CHAINGUARD|MINI|BIT-[a-z0-9-]{1,60}|OpenSSL)-(CVE-[0-9]{4}-[0-9]{4,19})",
    re.IGNORECASE,
)
_ERRATA_FAMILIES = frozenset({"AlmaLinux", "Rocky Linux", "Red Hat", "Fedora", "Amazon Linux"})
_NOT_ABOUT_SECURITY = ("ALBA-", "ALEA-", "RHBA-", "RHEA-", "RLBA-", "RLEA-")
_MOST_LINKS = 100
"""Limit on identifiers followed from one record; real vulnerabilities have about ten."""

Linked = Callable[[str], Iterable[str]]


@dataclass(slots=True)
class Vulnerability:
    """One vulnerability of one package: identifier, aliases and records.

    `hits` includes the records that say `not affected`.
    """

    id: str
    aliases: set[str] = field(default_factory=set)
    hits: list[Hit] = field(default_factory=list)


def is_cve(identifier: str) -> bool:
    """Return whether the identifier is a CVE."""
    return _CVE.fullmatch(identifier) is not None


def join(hits: Sequence[Hit], linked: Linked) -> list[Vulnerability]:
    """Return the vulnerabilities in the records, sorted by identifier. `linked` is the source's."""
    found: dict[str, Vulnerability] = {}
    for hit in hits:
        for identifier, aliases in _named(hit.advisory, linked):
            one = found.setdefault(identifier, Vulnerability(identifier))
            one.hits.append(hit)
            one.aliases.update(aliases)
    for one in found.values():
        one.aliases.discard(one.id)
    return [found[identifier] for identifier in sorted(found)]


def aliases_of(one: Vulnerability, linked: Linked) -> tuple[str, ...]:
    """Return a vulnerability's other identifiers, sorted, including records that alias its CVE."""
    others = {alias for alias in linked(one.id) if not is_cve(alias)} if is_cve(one.id) else set()
    return tuple(sorted((one.aliases | others) - {one.id}))


def _named(advisory: Advisory, linked: Linked) -> list[tuple[str, set[str]]]:
    """Return each vulnerability that a record names, with its certain aliases."""
    cves = cves_of(advisory)
    if len(cves) == 1:
        return [(cves[0], {advisory.id, *_others(advisory)})]
    if cves:
        # The record does not say which alias belongs to which CVE.
        return [(cve, {advisory.id}) for cve in cves]
    if advisory.id.startswith(_NOT_ABOUT_SECURITY):
        return []
    reached, names = _follow(advisory, linked)
    if len(reached) == 1:
        return [(reached[0], names)]
    if reached:
        return [(cve, {advisory.id}) for cve in reached]
    return [(_best(names), names)]


def cves_of(advisory: Advisory) -> list[str]:
    """Return the CVEs that a record itself names as its subject, sorted."""
    at_end = _CVE_AT_END.fullmatch(advisory.id)
    named = {one for one in (advisory.id, *advisory.aliases, *advisory.upstream) if is_cve(one)}
    if at_end:
        named = {at_end[1].upper()}
    if not named and any(
        family_of(entry.ecosystem) in _ERRATA_FAMILIES for entry in advisory.affected
    ):
        named = {one for one in advisory.related if is_cve(one)}
    return sorted(named)


def _others(advisory: Advisory) -> set[str]:
    return {alias for alias in advisory.aliases if not is_cve(alias)}


def _follow(advisory: Advisory, linked: Linked) -> tuple[list[str], set[str]]:
    """Return the CVEs reached over aliases without passing through a CVE, and other names."""
    cves: set[str] = set()
    names = {advisory.id}
    queue = deque([advisory.id, *advisory.aliases])
    seen = set(queue)
    while queue and len(seen) <= _MOST_LINKS:
        identifier = queue.popleft()
        if is_cve(identifier):
            cves.add(identifier)
            continue
        names.add(identifier)
        new = [other for other in linked(identifier) if other not in seen]
        seen.update(new)
        queue.extend(new)
    return sorted(cves), names


def _best(names: set[str]) -> str:
    """Return the identifier of a vulnerability without a CVE: a GHSA, else the first."""
    return min(names, key=lambda name: (not name.startswith("GHSA-"), name))
