"""What the feeds in the database speak about, so that "nothing found" is never said of what was not compared."""

from collections.abc import Iterable

from careen.advisories.distro import Release
from careen.advisories.names import family_of
from careen.model.advisory import Feed


class Coverage:
    """The ecosystems of all feeds."""

    def __init__(self, feeds: Iterable[Feed]) -> None:
        self._ecosystems = frozenset(ecosystem for feed in feeds for ecosystem in feed.ecosystems)
        self._families = frozenset(family_of(ecosystem) for ecosystem in self._ecosystems)

    def speaks_of(self, family: str) -> bool:
        """Some feed has records of this family."""
        return family in self._families

    def speaks_of_release(self, release: Release) -> bool:
        """Some feed has records of this release."""
        return any(release.pocket(ecosystem) is not None for ecosystem in self._ecosystems)
