"""What one entry of a pass lacks is that entry's outcome alone."""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from careen.catalog.debian.family import AptFamily
from careen.catalog.port import PackageSources
from careen.model.catalog.entry import Variant
from careen.pipeline.refreshing.refresh import refresh
from careen.pipeline.refreshing.work import RefreshRequest
from careen.pipeline.run.settings import Settings
from careen.report.terminal_output.progress import PlainProgress

OWN = """schema = 1
[[entry]]
name = "wheels:1"
title = "Wheels that nobody has built"
unproven = "its wheels were never built"
inherits = "python:3.13-debian-13"
pip = ["idna"]
"""
SOURCES = PackageSources(("deb http://mirror.example trixie main",), ("deb",))


class Offers:
    """What apt offers; counts how often its lists are fetched."""

    fetched = 0

    def update(self) -> None:
        Offers.fetched += 1

    def candidates(self, names: Iterable[str]) -> Mapping[str, str]:
        return dict.fromkeys(names, "1")

    def close(self) -> None:
        pass


def test_wheels_without_an_index_do_not_stop_other_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AptFamily, "of_this_machine", lambda *_: SOURCES)
    monkeypatch.setattr(AptFamily, "offers", lambda *_: Offers())
    monkeypatch.setattr(Offers, "fetched", 0)
    (tmp_path / "own.toml").write_text(OWN)
    request = RefreshRequest(
        repository="registry.example/bases",
        state=tmp_path / "state",
        database=tmp_path / "none",
        settings=Settings(tmp_path),
        entries=("wheels:1", "debian:trixie", "python:3.13-debian-13"),
        variants=(Variant.RUNTIME,),
        catalogs=(tmp_path / "own.toml",),
        dry_run=True,
    )
    first, *others = refresh(request, PlainProgress(io.StringIO())).bases
    assert first.action.value == "failed"
    assert "--wheel-index" in first.detail
    assert [each.action.value for each in others] == ["would build", "would build"]
    assert Offers.fetched == 1
