"""How soon the page of a large run can be used in Chromium.

    python -m bench.report_page [--files 60000] [--findings 2500] [--rounds 3] [--json FILE]

Needs Chromium. The page is of a made-up run. `ready` is from the start of navigation until the map
of files is drawn. `filter`, `enter` and `search` are from an input to the second frame after it;
the search includes its pause of 80 ms. The figures are medians of the rounds, in milliseconds; each
round opens the page again.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from careen.report.finished.pdf import CHROMIUM
from tests.support.report_pages import large_files, page_of

BOUNDS = {"ready": 3000.0, "filter": 500.0, "enter": 500.0, "search": 500.0}
LARGEST = 2 << 20
FRAMES = "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
TYPED = "input.dispatchEvent(new Event('input'));"
ACTIONS = {
    "filter": (
        "const input = document.getElementById('finding-filter'); input.value = 'torch';" + TYPED
    ),
    "enter": "document.querySelector('#map button').click();",
    "search": (
        f"const input = document.getElementById('file-search'); input.value = 'e'; {TYPED}"
        " while (!document.getElementById('matches').childElementCount)"
        " await new Promise((done) => setTimeout(done, 1));"
    ),
}


def measured(browser: Browser, page_file: Path) -> dict[str, float]:
    """Open the page once and time what people do first."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto(page_file.as_uri())
    page.locator("#explorer-body:not([hidden])").wait_for()
    found = {"ready": page.evaluate(f"(async () => {{ {FRAMES} return performance.now(); }})()")}
    for name, action in ACTIONS.items():
        found[name] = page.evaluate(
            f"(async () => {{ const start = performance.now(); {action} {FRAMES}"
            " return performance.now() - start; })()"
        )
    page.close()
    return found


def main() -> int:
    """Print the medians; exit 1 if one is above its bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=60_000)
    parser.add_argument("--findings", type=int, default=2_500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        page_file = page_of(Path(name), large_files(given.files), given.findings)
        size = page_file.stat().st_size
        browser = driver.chromium.launch(executable_path=CHROMIUM.require())
        rounds = [measured(browser, page_file) for _ in range(given.rounds)]
        browser.close()
    medians = {key: round(statistics.median(each[key] for each in rounds), 1) for key in BOUNDS}
    print(f"page       {size:>9,} bytes, bound {LARGEST:,}")
    for key, bound in BOUNDS.items():
        print(f"{key:10} {medians[key]:>9,.1f} ms, bound {bound:,.0f}")
    if given.json:
        given.json.write_text(json.dumps({"bytes": size, **medians}, indent=2))
    late = [key for key, bound in BOUNDS.items() if medians[key] > bound]
    return 1 if late or size > LARGEST else 0


if __name__ == "__main__":
    sys.exit(main())
