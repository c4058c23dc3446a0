"""Advisories in memory: an AdvisorySource that a test writes down, or reads from OSV records."""

from collections.abc import Iterable, Mapping
from typing import Any

from careen.advisories.feeds.osv import read_record
from careen.advisories.feeds.port import Record
from careen.advisories.matching.names import canonical, family_of
from careen.model.findings.advisory import (
    Advisory,
    CvssScore,
    EpssScore,
    Feed,
    KevEntry,
    SsvcAssessment,
)


class MemorySource:
    """Answers from a list of advisories. Its feeds speak about the ecosystems that they name, and
    `covers`.
    """

    def __init__(
        self,
        advisories: Iterable[Advisory] = (),
        *,
        covers: Iterable[str] = (),
        kev: Iterable[KevEntry] = (),
        epss: Iterable[EpssScore] = (),
        scores: Mapping[str, tuple[CvssScore, ...]] | None = None,
        ssvc: Iterable[SsvcAssessment] = (),
    ) -> None:
        self._by_name: dict[tuple[str, str], dict[int, Advisory]] = {}
        self._links: dict[str, dict[str, None]] = {}
        self._ecosystems: dict[str, set[str]] = {"test": set(covers)}
        self._kev = {entry.cve: entry for entry in kev}
        self._epss = {score.cve: score for score in epss}
        self._scores = dict(scores or {})
        self._ssvc = {one.cve: one for one in ssvc}
        self.asked = 0
        for number, advisory in enumerate(advisories):
            for entry in advisory.affected:
                family = family_of(entry.ecosystem)
                self._by_name.setdefault((family, canonical(family, entry.name)), {})[number] = (
                    advisory
                )
                self._ecosystems.setdefault(advisory.feed, set()).add(entry.ecosystem)
            for alias in advisory.aliases:
                self._links.setdefault(advisory.id, {})[alias] = None
                self._links.setdefault(alias, {})[advisory.id] = None

    def affecting(self, family: str, name: str) -> Iterable[Advisory]:
        self.asked += 1
        yield from self._by_name.get((family, name), {}).values()

    def linked(self, identifier: str) -> Iterable[str]:
        yield from self._links.get(identifier, ())

    def kev(self, cve: str) -> KevEntry | None:
        return self._kev.get(cve)

    def epss(self, cve: str) -> EpssScore | None:
        return self._epss.get(cve)

    def scores(self, cve: str) -> tuple[CvssScore, ...]:
        return self._scores.get(cve, ())

    def ssvc(self, cve: str) -> SsvcAssessment | None:
        return self._ssvc.get(cve)

    def feeds(self) -> tuple[Feed, ...]:
        date = "2026-08-21"
        return tuple(
            Feed(name, "memory", date, f"{date}T00:00:00Z", 1, ecosystems=tuple(sorted(known)))
            for name, known in self._ecosystems.items()
            if known
        )


def osv(record: Mapping[str, Any]) -> list[Advisory]:
    """Return the advisories of one OSV record, read as the feed's reader does."""
    item = read_record(record, "test")
    assert isinstance(item, Record), item
    return list(item.advisories)
