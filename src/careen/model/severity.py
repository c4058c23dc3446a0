"""The words for how bad, as CVSS's scale and vendors have them."""

from careen.model.advisory import Severity

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
    """Return the word of a score on CVSS's qualitative scale (v3.1 section 5; version 2 has no
    `critical`); 0.0 is NEGLIGIBLE, None is UNKNOWN.
    """
    if score is None:
        return Severity.UNKNOWN
    found = next((severity for least, severity in _BOUNDS if score >= least), Severity.NEGLIGIBLE)
    return min(found, Severity.HIGH) if version.startswith("2") else found


def severity_word(word: str) -> Severity:
    """Return the severity that a tool's or a vendor's word stands for (`important`, `Moderate`,
    `unimportant`); UNKNOWN for what is none.
    """
    return _WORDS.get(word.strip().lower(), Severity.UNKNOWN)
