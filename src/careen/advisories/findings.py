"""Construction of a finding from matching records."""

from collections.abc import Sequence
from functools import cmp_to_key

from careen.advisories.enrich import scores_of, severity
from careen.advisories.matching.evaluate import evaluate
from careen.advisories.matching.hit import Hit
from careen.advisories.matching.join import Vulnerability, aliases_of, cves_of
from careen.advisories.vulnerable_code import known_code
from careen.formats.versions.scheme import VersionScheme
from careen.model.findings.advisory import AdvisorySource, VendorStatus
from careen.model.findings.finding import Finding, Match
from careen.model.packages.package import Package

_MOST_REFERENCES = 12


def finding_of(
    package: Package,
    vulnerability: Vulnerability,
    hits: Sequence[Hit],
    scheme: VersionScheme,
    source: AdvisorySource,
) -> Finding:
    """Return the finding of a package from `hits`: at least one, most authoritative first."""
    # Records that do not decide may still rate the CVE: Debian's tracker has no scores, OSV has.
    scores = scores_of(
        vulnerability.id,
        [
            *hits,
            *(hit for hit in vulnerability.hits if cves_of(hit.advisory) == [vulnerability.id]),
        ],
        source,
    )
    level, by = severity(hits, scores)
    first = hits[0].advisory
    return Finding(
        id=vulnerability.id,
        aliases=aliases_of(vulnerability, source.linked),
        package=package.purl,
        name=package.name,
        version=package.version,
        matches=tuple(_match(hit) for hit in hits),
        status=_status(hits[0]),
        fixed=_fixed(hits, scheme),
        severity=level,
        severity_source=by,
        scores=scores,
        epss=source.epss(vulnerability.id),
        kev=source.kev(vulnerability.id),
        ssvc=source.ssvc(vulnerability.id),
        summary=next((hit.advisory.summary for hit in hits if hit.advisory.summary), ""),
        published=min(
            (hit.advisory.published for hit in hits if hit.advisory.published),
            default=first.published,
        ),
        modified=max((hit.advisory.modified for hit in hits), default=first.modified),
        references=tuple(dict.fromkeys(url for hit in hits for url in hit.advisory.references))[
            :_MOST_REFERENCES
        ],
        code=tuple(dict.fromkeys(code for hit in hits for code in hit.entry.code))
        or known_code(package, vulnerability.id),
    )


def _match(hit: Hit) -> Match:
    reason = (
        f"{hit.evaluation.reason} ({hit.entry.note})" if hit.entry.note else hit.evaluation.reason
    )
    return Match(hit.advisory.id, hit.advisory.feed, reason, _status(hit), hit.evaluation.fixed)


def _status(hit: Hit) -> VendorStatus:
    """Return the vendor's status, corrected by whether the entry names a fix."""
    if not hit.evaluation.certain:
        return VendorStatus.UNDETERMINED
    if hit.evaluation.fixed and hit.entry.status is VendorStatus.AFFECTED:
        return VendorStatus.FIXED
    if not hit.evaluation.fixed and hit.entry.status is VendorStatus.FIXED:
        return VendorStatus.AFFECTED
    return hit.entry.status


def _fixed(hits: Sequence[Hit], scheme: VersionScheme) -> tuple[str, ...]:
    """Return the fixing versions, lowest first.

    Prefers the named versions that no other record calls affected.
    """
    named = dict.fromkeys(version for hit in hits for version in hit.evaluation.fixed)
    if len(named) == 1:
        return tuple(named)
    holding = [
        version
        for version in named
        if not any(evaluate(hit.entry, version, scheme).affected for hit in hits)
    ]
    return tuple(sorted(holding or named, key=cmp_to_key(scheme.compare)))
