"""Exploitability of a vulnerability by its CVSS vector."""

from dataclasses import dataclass
from functools import lru_cache

from careen.formats.cvss_vector import parse_vector
from careen.model.findings.advisory import CvssScore


@dataclass(frozen=True, slots=True)
class Reach:
    """Attack conditions of a vector.

    `network`: over the network. `no_privileges`: without an account. `no_interaction`: without a
    user's action (always assumed for CVSS 2, which does not state it).
    """

    network: bool
    no_privileges: bool
    no_interaction: bool

    @property
    def open(self) -> bool:
        """Whether anybody on the network can attack at any time."""
        return self.network and self.no_privileges and self.no_interaction


@lru_cache(4096)
def reach_of(vector: str) -> Reach | None:
    """Return the conditions of a vector, or None if it is not CVSS 2, 3.0, 3.1 or 4.0."""
    parsed = parse_vector(vector)
    if parsed is None:
        return None
    metrics: dict[str, str] = parsed.metrics
    if not vector.startswith("CVSS:"):
        return Reach(metrics.get("AV") == "N", metrics.get("Au") == "N", no_interaction=True)
    return Reach(metrics.get("AV") == "N", metrics.get("PR") == "N", metrics.get("UI") == "N")


@dataclass(frozen=True, slots=True)
class VectorAssessment:
    """The conditions that count for a finding, and the score that states them."""

    reach: Reach
    score: CvssScore


def easiest_attack(scores: tuple[CvssScore, ...]) -> VectorAssessment | None:
    """Return the assessment with the fewest attack conditions.

    Of equals the newest CVSS, then the higher score, then the first. None if no vector is readable.
    """
    best: tuple[tuple[int, str, float], VectorAssessment] | None = None
    for score in scores:
        reach = reach_of(score.vector)
        if reach is None:
            continue
        # Where assessments differ, the safe side counts.
        key = (
            reach.network + reach.no_privileges + reach.no_interaction,
            score.version,
            score.score or 0.0,
        )
        if best is None or key > best[0]:
            best = key, VectorAssessment(reach, score)
    return None if best is None else best[1]
