"""What the doctor says about registries."""

import pytest

from careen.pipeline.doctor import registries_row
from careen.registries.skopeo import skopeo_version
from careen.report.views.doctor import Health


@pytest.mark.parametrize(
    ("version", "health", "detail"),
    [
        ("1.18.0", Health.GOOD, "skopeo 1.18.0"),
        ("1.20.0-dev", Health.GOOD, "skopeo 1.20.0-dev"),
        ("1.9.3", Health.LIMITED, "skopeo 1.9.3: not tested with careen"),
        ("", Health.LIMITED, "skopeo is not installed: images come from engines' stores and"),
    ],
)
def test_skopeo_is_told_with_its_version(version: str, health: Health, detail: str) -> None:
    row = registries_row(version)
    assert row.health is health
    assert row.detail.startswith(detail)
    assert bool(row.remedy) is (health is Health.LIMITED)


@pytest.mark.skopeo
def test_the_version_is_read() -> None:
    assert skopeo_version()[0].isdigit()


def test_without_skopeo_there_is_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("careen.tools.process.shutil.which", lambda *_, **__: None)
    assert skopeo_version() == ""
