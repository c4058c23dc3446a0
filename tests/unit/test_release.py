"""What a release writes: the version, and its section of the change log."""

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = runpy.run_path(str(CHECKOUT / "scripts/release.py"))
LOG = "# Changes\n\n## Unreleased\n\n### Added\n\n- A verb.\n\n## 0.1.0 — 2026-01-01\n\n- The first.\n"


@pytest.fixture
def prepare(tmp_path: Path) -> Callable[[str], str]:
    (tmp_path / "src/careen").mkdir(parents=True)
    (tmp_path / "src/careen/__init__.py").write_text('"""A package."""\n\n__version__ = "0.1.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(LOG)
    return lambda version: str(SCRIPT["prepare"](tmp_path, version, "2026-02-03"))


def test_the_version_and_its_section_are_written(
    prepare: Callable[[str], str], tmp_path: Path
) -> None:
    assert prepare("0.2.0") == "### Added\n\n- A verb."
    assert '__version__ = "0.2.0"' in (tmp_path / "src/careen/__init__.py").read_text()
    log = (tmp_path / "CHANGELOG.md").read_text()
    assert "## Unreleased\n\n## 0.2.0 — 2026-02-03\n\n### Added" in log
    assert log.endswith("## 0.1.0 — 2026-01-01\n\n- The first.\n")


def test_a_second_call_changes_nothing(prepare: Callable[[str], str], tmp_path: Path) -> None:
    notes = prepare("0.2.0")
    log = (tmp_path / "CHANGELOG.md").read_text()
    assert prepare("0.2.0") == notes
    assert (tmp_path / "CHANGELOG.md").read_text() == log


def test_a_release_without_changes_is_refused(prepare: Callable[[str], str]) -> None:
    prepare("0.2.0")
    with pytest.raises(SystemExit, match="nothing under 'Unreleased'"):
        prepare("0.3.0")


@pytest.mark.parametrize("version", ["", "v1", "1.2", "1.2.3; true", "1.2.3\n"])
def test_what_is_no_version_is_refused(prepare: Callable[[str], str], version: str) -> None:
    with pytest.raises(SystemExit, match="a version is like"):
        prepare(version)


def test_the_change_log_has_something_to_release() -> None:
    assert SCRIPT["section"]((CHECKOUT / "CHANGELOG.md").read_text(), "## Unreleased").strip()
