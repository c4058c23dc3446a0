"""Findings of an image that a pass keeps: none, some, or unknown."""

from pathlib import Path

from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem
from careen.pipeline.refreshing.findings import findings_of
from tests.support.feed_layouts import all_feeds, imported
from tests.support.made_records import inventory, package

DAY = "2026-12-01"


def test_packages_that_no_feed_knows_have_unknown_findings(tmp_path: Path) -> None:
    database = tmp_path / "db"
    assert not imported(all_feeds(tmp_path / "in"), database).refused
    strange = package(Ecosystem.APK, "musl", "1.2.5-r23")
    nowhere = inventory(strange, distribution=Distribution("nowhere", "1"))
    assert findings_of(nowhere, database, DAY) is None
    known = package(Ecosystem.PYPI, "careen-no-such-package", "1")
    both = inventory(strange, known, distribution=Distribution("nowhere", "1"))
    assert findings_of(both, database, DAY) == ()
