"""A real Chromium without a window, and what a page did in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from careen.report.finished.pdf import CHROMIUM

READY = "#explorer-body:not([hidden])"


@dataclass(frozen=True, slots=True)
class Opened:
    """A page in the browser, and what it complained of and asked for since it was opened."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # The driver's event loop runs until it ends, and other tests of a worker have loops of their own.
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM.require())
        yield browser
        browser.close()


Open = Callable[..., Opened]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Open a file as a mail attachment is opened, by its path and without a network, and wait until
    it has unpacked its files; a `plain` page has none.
    """
    with ExitStack() as pages:

        def opened(path: Path, width: int = 1200, *, plain: bool = False, **options: Any) -> Opened:
            context = browser.new_context(viewport={"width": width, "height": 900}, **options)
            pages.callback(context.close)
            context.set_offline(True)
            found = Opened(context.new_page())
            found.page.on("console", lambda message: found.complaints.append(message.text))
            found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
            found.page.on("request", lambda request: found.asked.append(request.url))
            found.page.goto(path.as_uri())
            if not plain:
                found.page.locator(READY).wait_for()
            return found

        yield opened
