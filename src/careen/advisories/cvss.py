"""CVSS vectors read: the base score and its word."""

from functools import lru_cache

from careen.model.advisory import CvssScore, Severity

_LONGEST = 400
_BOUNDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
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


def severity_of(score: float | None) -> Severity:
    """Return the word of a score on CVSS's qualitative scale (v3.1 section 5); 0.0 is NEGLIGIBLE, None is UNKNOWN."""
    if score is None:
        return Severity.UNKNOWN
    return next((severity for least, severity in _BOUNDS if score >= least), Severity.NEGLIGIBLE)


def severity_word(word: str) -> Severity:
    """Return the severity that a vendor's word stands for (`important`, `Moderate`, `unimportant`); UNKNOWN for what is none."""
    return _WORDS.get(word.strip().lower(), Severity.UNKNOWN)


@lru_cache(maxsize=16384)
def read_vector(vector: str) -> tuple[str, float] | None:
    """Return the version (`2.0`, `3.0`, `3.1`, `4.0`) and the base score of a vector; None if it is not a valid one."""
    from cvss import CVSS2, CVSS3, CVSS4, CVSSError  # type: ignore[import-untyped]

    if len(vector) > _LONGEST:
        return None
    try:
        if vector.startswith("CVSS:4.0/"):
            return "4.0", float(CVSS4(vector).base_score)
        if vector.startswith("CVSS:3."):
            return vector[5:8], float(CVSS3(vector).base_score)
        return "2.0", float(CVSS2(vector.strip("()")).base_score)
    except (CVSSError, ValueError, KeyError, ArithmeticError):
        return None


def score_of(vector: str, source: str) -> CvssScore | None:
    """Return the assessment that a vector states; None if it is not a valid vector."""
    read = read_vector(vector)
    return None if read is None else CvssScore(source, read[0], vector, read[1], severity_of(read[1]))
