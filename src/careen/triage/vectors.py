"""What a CVSS vector says of how an attacker gets there."""

from dataclasses import dataclass
from functools import lru_cache

from careen.formats.cvss_vector import parse_vector
from careen.model.advisory import CvssScore


@dataclass(frozen=True, slots=True)
class Reach:
    """`network`: over the network; `no_privileges`: without an account; `no_interaction`: without a
    victim's click (CVSS 2 does not tell: taken as without).
    """

    network: bool
    no_privileges: bool
    no_interaction: bool

    @property
    def open(self) -> bool:
        """Anybody on the network can try, whenever they like."""
        return self.network and self.no_privileges and self.no_interaction


@lru_cache(4096)
def reach_of(vector: str) -> Reach | None:
    """Return what a vector says; None if it is not one of CVSS 2, 3.0, 3.1 or 4.0."""
    parsed = parse_vector(vector)
    if parsed is None:
        return None
    metrics: dict[str, str] = parsed.metrics
    if not vector.startswith("CVSS:"):
        return Reach(metrics.get("AV") == "N", metrics.get("Au") == "N", no_interaction=True)
    return Reach(metrics.get("AV") == "N", metrics.get("PR") == "N", metrics.get("UI") == "N")


@dataclass(frozen=True, slots=True)
class Assessed:
    """The vector that speaks for a finding, and whose it is."""

    reach: Reach
    score: CvssScore


def most_open(scores: tuple[CvssScore, ...]) -> Assessed | None:
    """Return the assessment by which the way in is widest: where they differ, the safe side counts.
    Of equals the newest CVSS, the higher score, the first.

    None when no score has a vector that can be read.
    """
    best: tuple[tuple[int, str, float], Assessed] | None = None
    for score in scores:
        reach = reach_of(score.vector)
        if reach is None:
            continue
        key = (
            reach.network + reach.no_privileges + reach.no_interaction,
            score.version,
            score.score or 0.0,
        )
        if best is None or key > best[0]:
            best = key, Assessed(reach, score)
    return None if best is None else best[1]
