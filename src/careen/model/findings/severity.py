"""Severity words of CVSS and of vendors."""

from careen.model.findings.advisory import Severity

_BOUNDS = (
    (9.0, Severity.CRITICAL),
    (7.0, Severity.HIGH),
    (4.0, Severity.MEDIUM),
    (0.1, Severity.LOW),
)
_WORDS = {
    "critical": Severity.CRITICAL,
    "important": Severity.HIGH,
    "high": Severity.HIGH,
    "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "minor": Severity.LOW,
    "negligible": Severity.NEGLIGIBLE,
    "unimportant": Severity.NEGLIGIBLE,
    "none": Severity.NEGLIGIBLE,
}


def severity_of(score: float | None, version: str = "3.1") -> Severity:
    """Return the severity of a CVSS score on the qualitative scale of v3.1, section 5.

    Version 2 has no `critical`. 0.0 is NEGLIGIBLE, None is UNKNOWN.
    """
    if score is None:
        return Severity.UNKNOWN
    found = next((severity for least, severity in _BOUNDS if score >= least), Severity.NEGLIGIBLE)
    return min(found, Severity.HIGH) if version.startswith("2") else found


def severity_word(word: str) -> Severity:
    """Return the severity for a tool's or vendor's word (`important`, `Moderate`).

    Unknown words give UNKNOWN.
    """
    return _WORDS.get(word.strip().lower(), Severity.UNKNOWN)
