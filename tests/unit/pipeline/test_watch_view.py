"""What a pass prints: the answer first, a line for each image, then what failed; nothing of it can
steer a terminal.
"""

import io
from dataclasses import replace

import pytest

from careen.model.watching import ImageOutcome, WatchAction, WatchResult
from careen.report.terminal_output.screen import open_console
from careen.report.views.watch import print_watch, watch_lines

DIGEST = f"sha256:{'5afe' * 16}"
GOOD = ImageOutcome(
    "web:1-hardened", "web:1", ("upstream",), WatchAction.HARDENED, before=7, after=2, digest=DIGEST
)
SAME = ImageOutcome(
    "job:1-hardened", "job:1", (), WatchAction.UNCHANGED, before=3, after=3, digest=DIGEST
)
TOLD = replace(
    SAME,
    tag="tool:1-hardened",
    changed=("advisories",),
    deed=WatchAction.NOTED,
    detail="1 new, no fix: CVE-2026-1000 in zlib 1.2",
)
BROKEN = ImageOutcome(
    "api:1-h",
    "api:1",
    ("upstream",),
    WatchAction.FAILED,
    "test 1 failed\x1b[2J",
    digest=DIGEST,
    status=3,
    report_directory="/state/reports/api",
)


def printed(*images: ImageOutcome, dry_run: bool = False) -> list[str]:
    out = io.StringIO()
    print_watch(open_console(out, 100), WatchResult(images, 1.25, dry_run))
    return out.getvalue().splitlines()


def test_the_answer_comes_first_and_each_image_has_a_line() -> None:
    lines = printed(GOOD, SAME, TOLD)
    assert lines[0] == "3 images: 1 unchanged, 1 noted, 1 hardened; 1.2 s"
    assert [line.split() for line in lines[2:6]] == [
        ["image", "changed", "done", "findings", "result"],
        ["web:1-hardened", "upstream", "hardened", "7", "→", "2", "sha256:5afe5afe5afe"],
        ["job:1-hardened", "unchanged", "3", "sha256:5afe5afe5afe"],
        ["tool:1-hardened", "advisories", "noted", "3", "sha256:5afe5afe5afe"],
    ]
    assert lines[7:] == [
        "What is known now",
        "  tool:1-hardened  1 new, no fix: CVE-2026-1000 in zlib 1.2",
    ]


def test_what_failed_is_told_with_where_the_evidence_is() -> None:
    lines = printed(replace(BROKEN, deed=WatchAction.WAITING), BROKEN)
    assert lines[0] == "2 images: 1 waiting, 1 failed; 1.2 s"
    assert "  api:1-h  test 1 failed\\x1b[2J" in lines
    assert lines[-3:] == [
        "Next",
        "  api:1-h: the evidence is in /state/reports/api",
        "  --again tries those that wait at once",
    ]


def test_a_dry_run_says_that_it_is_one() -> None:
    assert printed(replace(GOOD, deed=WatchAction.WOULD_HARDEN), dry_run=True)[2].split() == [
        "image",
        "changed",
        "dry",
        "run",
        "findings",
        "result",
    ]


@pytest.mark.parametrize(
    ("image", "line"),
    [
        (GOOD, f"web:1-hardened hardened (upstream) {DIGEST}"),
        (SAME, f"job:1-hardened unchanged {DIGEST}"),
        (BROKEN, f"api:1-h failed (upstream) {DIGEST}: test 1 failed\\x1b[2J"),
        (replace(BROKEN, digest="", changed=()), "api:1-h failed: test 1 failed\\x1b[2J"),
    ],
)
def test_quiet_is_a_line_for_each_image(image: ImageOutcome, line: str) -> None:
    assert [*watch_lines(WatchResult((image,), 0.0, dry_run=False))] == [line]


def test_the_worst_image_gives_the_exit_status() -> None:
    assert WatchResult((GOOD, BROKEN, replace(BROKEN, status=1)), 0.0, dry_run=False).status == 3
    assert WatchResult((GOOD, SAME), 0.0, dry_run=False).status == 0
