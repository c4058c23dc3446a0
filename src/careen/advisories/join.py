"""Which records speak of one vulnerability.

A CVE names one vulnerability, so two CVEs are never joined, whatever a record says: a record that
names several (a DSA, an erratum, a GHSA written for a release) speaks of each of them, and gives
one finding for each. A record that names none is followed over its aliases, through records of
other packages and ecosystems too, to the CVEs that they name. What reaches no CVE is joined by its
aliases alone. `related` joins nothing in records of language packages; in errata of the RHEL family
it is where the CVEs stand that they fix, and only there it counts, when `aliases` and `upstream`
name none.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from careen.advisories.hit import Hit
from careen.advisories.names import family_of
from careen.model.advisory import Advisory

_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")
_CVE_AT_END = re.compile(
    r"(?:DEBIAN|UBUNTU|ALPINE|ECHO|CHAINGUARD|MINI|BIT-[a-z0-9-]{1,60}|OpenSSL)-(CVE-[0-9]{4}-[0-9]{4,19})",
    re.IGNORECASE,
)
_ERRATA_FAMILIES = frozenset({"AlmaLinux", "Rocky Linux", "Red Hat", "Fedora", "Amazon Linux"})
_NOT_ABOUT_SECURITY = ("ALBA-", "ALEA-", "RHBA-", "RHEA-", "RLBA-", "RLEA-")
_MOST_LINKS = 100
"""Identifiers that are followed from one record. Real vulnerabilities have some ten; a record can
be written to link everything with everything.
"""

Linked = Callable[[str], Iterable[str]]


@dataclass(slots=True)
class Vulnerability:
    """One vulnerability of one package: its identifier, every other one it is known by, and the
    records that speak of it, those that say `not affected` too.
    """

    id: str
    aliases: set[str] = field(default_factory=set)
    hits: list[Hit] = field(default_factory=list)


def is_cve(identifier: str) -> bool:
    """The identifier is a CVE's."""
    return _CVE.fullmatch(identifier) is not None


def join(hits: Sequence[Hit], linked: Linked) -> list[Vulnerability]:
    """Return the vulnerabilities that the records speak of, in the order of their identifiers.
    `linked` is the source's.
    """
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
    """Return every other identifier of a vulnerability, sorted: those of its records, and of any
    record that calls its CVE an alias.
    """
    others = {alias for alias in linked(one.id) if not is_cve(alias)} if is_cve(one.id) else set()
    return tuple(sorted((one.aliases | others) - {one.id}))


def _named(advisory: Advisory, linked: Linked) -> list[tuple[str, set[str]]]:
    """Return each vulnerability that a record names, with the other names that it surely has."""
    cves = cves_of(advisory)
    if len(cves) == 1:
        return [(cves[0], {advisory.id, *_others(advisory)})]
    if cves:
        return [
            (cve, {advisory.id}) for cve in cves
        ]  # which of its other aliases belongs to which CVE, the record does not say
    if advisory.id.startswith(_NOT_ABOUT_SECURITY):
        return []
    reached, names = _follow(advisory, linked)
    if len(reached) == 1:
        return [(reached[0], names)]
    if reached:
        return [(cve, {advisory.id}) for cve in reached]
    return [(_best(names), names)]


def cves_of(advisory: Advisory) -> list[str]:
    """Return the CVEs that a record itself names as what it is about, sorted."""
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
    """Return the CVEs that are reached over aliases without passing through a CVE, and the other
    names on the way.
    """
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
    """Return the name by which a vulnerability without a CVE is called: GHSA's, else the first."""
    return min(names, key=lambda name: (not name.startswith("GHSA-"), name))
