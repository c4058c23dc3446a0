"""CVSS base scores and severities of the vectors in records."""

from functools import lru_cache

from careen.formats.cvss_vector import parse_vector
from careen.model.findings.advisory import CvssScore
from careen.model.findings.severity import severity_of


@lru_cache(maxsize=16384)
def read_vector(vector: str) -> tuple[str, float] | None:
    """Return a vector's version (`2.0` … `4.0`) and base score, or None if it is not valid."""
    parsed = parse_vector(vector)
    return (
        None
        if parsed is None
        else (vector[5:8] if vector.startswith("CVSS:") else "2.0", float(parsed.base_score))
    )


def score_of(vector: str, source: str) -> CvssScore | None:
    """Return the score of a vector, or None if it is not valid."""
    read = read_vector(vector)
    return (
        None
        if read is None
        else CvssScore(source, read[0], vector, read[1], severity_of(read[1], read[0]))
    )
