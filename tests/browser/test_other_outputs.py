"""The page of a comparison, and a report as PDF, by a real Chromium."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from careen.pipeline.report import read_report
from careen.report.comparison.compare import compare_runs
from careen.report.comparison.page import comparison_html
from careen.report.finished.page import report_html
from careen.report.finished.pdf import report_pdf
from tests.browser.conftest import Open
from tests.support.finished_run import finished_run
from tests.support.report_pages import small_files

pytestmark = [pytest.mark.chromium, pytest.mark.slow]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_run(tmp_path_factory.mktemp("run"), small_files())


@pytest.mark.parametrize(("width", "colours"), [(1200, "light"), (390, "dark")])
def test_a_comparison_has_no_faults(
    open_page: Open, report: Path, tmp_path: Path, width: int, colours: str
) -> None:
    facts = read_report(report)
    path = tmp_path / "comparison.html"
    path.write_bytes(comparison_html(compare_runs(facts, facts)))
    opened = open_page(path, width, plain=True, color_scheme=colours)
    assert "0 packages differ" in opened.page.inner_text("h1")
    assert Axe().run(opened.page).response["violations"] == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.complaints == []
    assert opened.asked == [path.as_uri()]


def test_a_report_is_printed_whole(report: Path) -> None:
    printed = report_pdf(report_html(read_report(report)))
    assert printed.startswith(b"%PDF-")
    assert printed.rstrip().endswith(b"%%EOF")
    assert printed.count(b"/Type /Page\n") >= 2
