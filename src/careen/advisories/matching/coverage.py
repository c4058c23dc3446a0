"""Coverage of the database: which ecosystems and releases its feeds describe."""

from collections.abc import Iterable

from careen.advisories.matching.distro import Release
from careen.advisories.matching.names import family_of
from careen.model.findings.advisory import Feed


class Coverage:
    """Index of the feeds by ecosystem, with those that are partial."""

    def __init__(self, feeds: Iterable[Feed]) -> None:
        self._feeds = tuple(feed for feed in feeds if feed.ecosystems)
        self._known: dict[str | Release, tuple[Feed, ...]] = {}

    def lacks(self, what: str | Release) -> str | None:
        """Return why packages of a family (`PyPI`) or release cannot be compared, or None."""
        return (
            None
            if self._about(what)
            else f"the database holds no feed of {what if isinstance(what, str) else what.label}"
        )

    def partial(self, what: str | Release) -> str | None:
        """Return why a package that no record names is unknown instead of clean, or None.

        None if the database has no feed for it, or one that is complete.
        """
        feeds = self._about(what)
        if not feeds or any(not feed.partial for feed in feeds):
            return None
        foremost = min(
            feeds,
            key=lambda feed: feed.name.startswith("osv:") or feed.name.endswith("-advisories"),
        )  # prefer the vendor's own database
        return f"no record names them, and {foremost.name} is partial: {foremost.partial}"

    def _about(self, what: str | Release) -> tuple[Feed, ...]:
        if what not in self._known:
            self._known[what] = tuple(
                feed
                for feed in self._feeds
                if any(_is_about(ecosystem, what) for ecosystem in feed.ecosystems)
            )
        return self._known[what]


def _is_about(ecosystem: str, what: str | Release) -> bool:
    return (
        what.pocket(ecosystem) is not None
        if isinstance(what, Release)
        else family_of(ecosystem) == what
    )
