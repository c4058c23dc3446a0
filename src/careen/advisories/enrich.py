"""How bad a vulnerability is, and who says so.

The severity is the first that is stated, in this order; docs/matching.md gives the reasons:
1. the vendor's own word on this package (Debian's urgency, Ubuntu's priority, Red Hat's and
   AlmaLinux's severity): it knows how the package was built;
2. for language packages the word of the advisory that a person reviewed (GHSA);
3. the CVSS score in the matching records, then the scores that stand in no record: NVD, the
   CNA, CISA's, then any other; of one source the newest CVSS version, of one version the
   highest score. CVSS 2 counts only where there is nothing newer.
"""

from collections.abc import Sequence

from careen.advisories.hit import Hit
from careen.model.advisory import AdvisorySource, CvssScore, Severity
from careen.model.severity import severity_of, severity_word

_SOURCES = ("record", "nvd", "cna", "cisa-adp", "redhat")
_OLD = "2"


def scores_of(cve: str, hits: Sequence[Hit], source: AdvisorySource) -> tuple[CvssScore, ...]:
    """Return every assessment of a vulnerability, best first: those of the records, then the
    source's own.
    """
    found = [score for hit in hits for score in hit.advisory.scores]
    found.extend(source.scores(cve))
    return tuple(sorted(dict.fromkeys(found), key=_preference))


def severity(hits: Sequence[Hit], scores: Sequence[CvssScore]) -> tuple[Severity, str]:
    """Return the severity and whose word it is, `(UNKNOWN, "")` where nobody says. `hits` are those
    that matched, the most authoritative first.
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
