"""Caching wrapper of a source of advisories."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from careen.model.findings.advisory import (
    Advisory,
    AdvisorySource,
    CvssScore,
    EpssScore,
    Feed,
    KevEntry,
    SsvcAssessment,
)

_K = TypeVar("_K")
_V = TypeVar("_V")


class CachedSource:
    """An AdvisorySource that caches every answer without limit; use one per match."""

    # Many packages share a source package, and many findings a CVE.
    def __init__(self, source: AdvisorySource) -> None:
        self._source = source
        self._feeds: tuple[Feed, ...] | None = None
        self._affecting: dict[tuple[str, str], tuple[Advisory, ...]] = {}
        self._linked: dict[str, tuple[str, ...]] = {}
        self._kev: dict[str, KevEntry | None] = {}
        self._epss: dict[str, EpssScore | None] = {}
        self._ssvc: dict[str, SsvcAssessment | None] = {}
        self._scores: dict[str, tuple[CvssScore, ...]] = {}

    def affecting(self, family: str, name: str) -> Iterable[Advisory]:
        return _once(
            self._affecting, (family, name), lambda: tuple(self._source.affecting(family, name))
        )

    def linked(self, identifier: str) -> Iterable[str]:
        return _once(self._linked, identifier, lambda: tuple(self._source.linked(identifier)))

    def kev(self, cve: str) -> KevEntry | None:
        return _once(self._kev, cve, lambda: self._source.kev(cve))

    def epss(self, cve: str) -> EpssScore | None:
        return _once(self._epss, cve, lambda: self._source.epss(cve))

    def scores(self, cve: str) -> tuple[CvssScore, ...]:
        return _once(self._scores, cve, lambda: self._source.scores(cve))

    def ssvc(self, cve: str) -> SsvcAssessment | None:
        return _once(self._ssvc, cve, lambda: self._source.ssvc(cve))

    def feeds(self) -> tuple[Feed, ...]:
        if self._feeds is None:
            self._feeds = self._source.feeds()
        return self._feeds


def _once(known: dict[_K, _V], key: _K, ask: Callable[[], _V]) -> _V:
    if key not in known:
        known[key] = ask()
    return known[key]
