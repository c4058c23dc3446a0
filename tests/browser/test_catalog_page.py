"""The page of a catalog in a real Chromium: it is searched by key, asks for nothing, complains of
nothing, and axe-core finds nothing that keeps a person out.
"""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from careen.pipeline.refreshing.page import catalog_page
from tests.browser.conftest import Open
from tests.support.base_states import write_states

pytestmark = [pytest.mark.chromium, pytest.mark.slow]

MOST = 100 << 10


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog")
    write_states(folder / "state")
    out = folder / "catalog.html"
    out.write_bytes(catalog_page(folder / "state", (), "2026-12-01T10:00:00Z"))
    assert out.stat().st_size < MOST
    return out


@pytest.mark.parametrize(("width", "colours"), [(1200, "light"), (390, "dark")])
def test_axe_finds_nothing(open_page: Open, path: Path, width: int, colours: str) -> None:
    opened = open_page(path, width, plain=True, color_scheme=colours)
    opened.page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    found = Axe().run(opened.page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.complaints == []
    assert opened.asked == [path.as_uri()]


def test_it_is_searched_by_key(open_page: Open, path: Path) -> None:
    opened = open_page(path, plain=True)
    page = opened.page
    page.keyboard.press("Tab")
    page.keyboard.type("PYTHON cve-2026-2222")
    page.locator("#search-count", has_text="1 of ").wait_for()
    shown = page.locator("article:visible")
    assert shown.count() == 1
    assert "python:3.13-debian-13" in shown.inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("article:visible details[open] table").wait_for()
    page.fill("#search", "libssl3t64")  # a package of the lock
    page.locator("#search-count", has_text="2 of ").wait_for()
    page.fill("#search", "no such thing")
    page.locator("#search-count", has_text="0 of ").wait_for()
    assert opened.complaints == []
    assert opened.asked == [path.as_uri()]


def test_text_of_an_attacker_is_text(open_page: Open, path: Path) -> None:
    opened = open_page(path, plain=True)
    assert opened.page.locator("script").count() == 1
    assert '<script src="//x">' in opened.page.locator("article").nth(1).evaluate(
        "(each) => each.textContent"
    )
