"""`report.html` in a real Chromium: it works by click and by key, asks for nothing, complains of
nothing, and axe-core finds nothing that keeps a person out.

With CAREEN_SCREENSHOTS=DIR, pictures of both pages are written there.
"""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

from tests.browser.conftest import Open, Opened
from tests.support.report_pages import SITE, large_files, page_of, small_files

pytestmark = [pytest.mark.chromium, pytest.mark.slow]

FILES = 60_000
FINDINGS = 2_500
MOST = 2 << 20


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page_of(tmp_path_factory.mktemp("small"), small_files(), 3, compliance=True)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page_of(tmp_path_factory.mktemp("large"), large_files(FILES), FINDINGS)


@pytest.fixture(params=["small", "large"])
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def assert_quiet(opened: Opened, path: Path) -> None:
    assert opened.complaints == []
    assert opened.asked == [path.as_uri()]


FEWER = (
    "document.querySelectorAll('#finding-rows tr:nth-child(n + 21)').forEach((row) => row.remove())"
)
"""Take rows away that are like those before them: for 2,000 of them axe-core takes minutes."""


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds, by rule, with the first element of each."""
    page.evaluate(FEWER)
    found = Axe().run(page).response["violations"]
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in found]


def test_a_page_is_small(large: Path) -> None:
    assert large.stat().st_size < MOST


def says(page: Page, selector: str, text: str) -> None:
    """Wait until an element shows a text."""
    # The library's own assertions describe the whole page on each failed look: minutes for a large one.
    page.locator(selector, has_text=text).first.wait_for()


def test_the_findings_are_filtered(open_page: Open, path: Path) -> None:
    opened = open_page(path)
    page = opened.page
    rows = page.locator("#finding-rows tr:visible")
    before = rows.count()
    page.fill("#finding-filter", "torch CRITICAL")
    says(page, "#finding-count", "1 of ")
    assert rows.count() == 1
    assert "CVE-2025-32434" in rows.first.inner_text()
    page.fill("#finding-filter", "no such package")
    says(page, "#finding-count", "0 of ")
    assert rows.count() == 0
    page.fill("#finding-filter", "")
    says(page, "#finding-count", f"{before:,} of ")
    assert rows.count() == before
    rows.first.locator("summary").click()
    says(page, "#finding-rows tr:visible details p", "imported by /usr/bin/python3.11")
    assert_quiet(opened, path)


def test_one_enters_a_package_down_to_a_file_and_goes_back(open_page: Open, small: Path) -> None:
    opened = open_page(small)
    page = opened.page
    page.get_by_role("button", name="shop 1.0 (pypi): ").click()
    says(page, "#explorer-state", "shop 1.0 (pypi): ")
    assert page.locator("#trail li").count() == 2
    page.locator("#map").get_by_role("button", name=f"{SITE}/shop: ").click()
    page.locator("#map").get_by_role("button", name=f"{SITE}/shop/fast.so: ").click()
    says(page, "#detail h3", f"{SITE}/shop/fast.so")
    says(page, "#detail", "4.00 kB, loaded, of shop 1.0 (pypi)")
    says(page, "#detail", "Why it stays")
    assert page.locator("#detail li").all_inner_texts() == ["observed: opened"]
    page.locator("#trail").get_by_role("button", name="the image").click()
    assert page.locator("#trail li").count() == 1
    assert_quiet(opened, small)


def test_a_package_is_entered_by_key(open_page: Open, large: Path) -> None:
    opened = open_page(large)
    page = opened.page
    page.locator("#map button").first.focus()
    page.keyboard.press("Enter")
    page.locator("#trail span[aria-current]:focus").wait_for()
    assert page.locator("#trail li").count() == 2
    assert_quiet(opened, large)


def test_every_file_is_found_by_a_part_of_its_path(open_page: Open, large: Path) -> None:
    opened = open_page(large)
    page = opened.page
    says(page, "#explorer-state", "in 60,000 files")
    page.fill("#file-search", "PACK7/part3/module_15.py")
    says(page, "#match-count", "1 file matches")
    page.fill("#file-search", "/gone/")
    says(page, "#match-count", "the first 200 are shown")
    assert page.locator("#matches li").count() == 200
    page.locator("#matches button").first.click()
    says(page, "#detail", "Why it was removed:")
    says(page, "#detail", "unused: nothing uses it")
    assert_quiet(opened, large)


@pytest.mark.parametrize(
    ("which", "width", "colours"),
    [
        ("small", 1200, "light"),
        ("small", 1200, "dark"),
        ("small", 390, "light"),
        ("small", 390, "dark"),
        ("large", 1200, "light"),
        ("large", 390, "dark"),
    ],
)
def test_axe_finds_nothing(
    open_page: Open, request: pytest.FixtureRequest, which: str, width: int, colours: str
) -> None:
    path: Path = request.getfixturevalue(which)
    opened = open_page(path, width, color_scheme=colours)
    page = opened.page
    for picture in ("page", "file"):
        _keep(page, f"{which}-{picture}-{width}-{colours}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.fill("#file-search", "e")
        page.locator("#matches button").first.click()
        page.locator("#map button").first.click()
    assert_quiet(opened, path)


def test_what_gets_into_a_page_runs_nothing_and_loads_nothing(
    open_page: Open, small: Path, tmp_path: Path
) -> None:
    """The policy, as the browser keeps it; and that the tests above would see a page that fails."""
    evil = (
        "<script>document.title='owned'</script><img src='http://127.0.0.1:9/x' alt=''"
        " onerror=\"document.title='owned'\"><iframe src='data:text/html,x' title='x'></iframe>"
    )
    changed = tmp_path / "report.html"
    changed.write_text(small.read_text().replace("</main>", f"{evil}</main>"))
    opened = open_page(changed)
    assert opened.page.title().startswith("careen: ")
    assert sum("Content Security Policy" in each for each in opened.complaints) >= 3


def _keep(page: Page, name: str) -> None:
    if folder := os.environ.get("CAREEN_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
