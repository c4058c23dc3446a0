"""A report's page as PDF, printed by the system's Chromium."""

import os
import tempfile
from pathlib import Path

from careen.errors import ToolError
from careen.tools.process import Program, run
from careen.tools.read_file import read_file

CHROMIUM = Program(("chromium", "chromium-browser", "google-chrome"), "chromium")
SECONDS = 120.0
MAX_PDF = 256 << 20

# The page's own policy loads nothing and runs its own script alone; no name is resolved besides.
_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def report_pdf(page: bytes) -> bytes:
    """Return the PDF of a page.

    Raises ToolError if no Chromium is installed, or if it does not print the page.
    """
    program = CHROMIUM.require()
    with tempfile.TemporaryDirectory(prefix="careen-pdf-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, target = folder / "report.html", folder / "report.pdf"
        source.write_bytes(page)
        # Chromium does not start its sandbox as root.
        as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
        done = run(
            [
                program,
                *_OPTIONS,
                *as_root,
                f"--user-data-dir={folder / 'profile'}",
                f"--print-to-pdf={target}",
                source.as_uri(),
            ],
            timeout=SECONDS,
            env={**os.environ, "HOME": name},
        )
        if done.status != 0 or not target.is_file():
            ended = "did not end in time" if done.status is None else f"status {done.status}"
            msg = f"{program} printed no PDF ({ended}): {done.complaint}; write html instead"
            raise ToolError(msg)
        return read_file(target, MAX_PDF)
