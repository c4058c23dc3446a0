"""Severity of a vulnerability, and its source.

The first stated severity counts, in this order (docs/matching.md gives the reasons):
1. the vendor's severity of this package (Debian's urgency, Ubuntu's priority, Red Hat's and
   AlmaLinux's severity): the vendor knows how the package was built;
2. for language packages the severity of the reviewed advisory (GHSA);
3. the CVSS score in the matching records, then scores outside records: NVD, the CNA, CISA, others.
   Of one source the newest CVSS version counts, of one version the highest score. CVSS 2 counts
   only if there is nothing newer.
"""

from collections.abc import Sequence

from careen.advisories.matching.hit import Hit
from careen.model.findings.advisory import AdvisorySource, CvssScore, Severity
from careen.model.findings.severity import severity_of, severity_word

_SOURCES = ("record", "nvd", "cna", "cisa-adp", "redhat")
_OLD = "2"


def scores_of(cve: str, hits: Sequence[Hit], source: AdvisorySource) -> tuple[CvssScore, ...]:
    """Return every score of a vulnerability, from records and the source, best first."""
    found = [score for hit in hits for score in hit.advisory.scores]
    found.extend(source.scores(cve))
    return tuple(sorted(dict.fromkeys(found), key=_preference))


def severity(hits: Sequence[Hit], scores: Sequence[CvssScore]) -> tuple[Severity, str]:
    """Return the severity and its source, or `(UNKNOWN, "")`.

    `hits` are the matching records, most authoritative first.
    """
    for hit in hits:
        stated = severity_word(hit.entry.severity)
        if stated is not Severity.UNKNOWN:
            return stated, hit.advisory.feed
    for hit in sorted(hits, key=lambda one: not one.advisory.id.startswith("GHSA-")):
        stated = severity_word(hit.advisory.severity)
        if stated is not Severity.UNKNOWN:
            return stated, hit.advisory.id
    for score in scores:
        stated = (
            score.severity
            if score.severity is not Severity.UNKNOWN
            else severity_of(score.score, score.version)
        )
        if stated is not Severity.UNKNOWN:
            return stated, f"{score.by}, CVSS {score.version}".removesuffix(", CVSS ")
    return Severity.UNKNOWN, ""


def _preference(score: CvssScore) -> tuple[bool, int, tuple[int, ...], float, str]:
    source = score.source.partition("@")[0]
    place = _SOURCES.index(source) if source in _SOURCES else len(_SOURCES)
    version = tuple(-int(part) for part in score.version.split(".") if part.isdecimal())
    return score.version.startswith(_OLD), place, version, -(score.score or 0.0), score.vector
