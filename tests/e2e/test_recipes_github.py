"""The GitHub action on the sample repository, from push to comment: first run, nothing changed, a
new advisory, another application; and with names that are commands.
"""

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.careen_command import Careen, docker
from tests.support.pipelines import CHECKOUT, Sample
from tests.support.python_base import build_python_base
from tests.support.workflow import Job

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.docker]

GH = """#!/bin/sh
for word; do printf '%s\\n' "$word"; done > "$COMMENTS/arguments"
while [ "$1" != --body-file ]; do shift; done
cp -- "$2" "$COMMENTS/body.md"
"""
HOSTILE = "x';touch pwned;$(touch pwned)`touch pwned`\"&&touch pwned"


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Sample]:
    mark = secrets.token_hex(6)
    base = f"careen-test-{mark}:base"
    build_python_base(base, mark)
    careen = Careen(tmp_path / "careen")
    careen.folder.mkdir()
    yield Sample(tmp_path, base, f"careen-test-{mark}:build", careen)
    label = f"label=test.careen.mark={mark}"
    for found in docker("images", "--quiet", "--no-trunc", "--filter", label).split():
        docker("image", "rm", "--force", found)


def job(sample: Sample, number: int, **github: object) -> Job:
    """Run the workflow on a fresh clone."""
    programs = sample.folder / f"run-{number}" / "bin"
    comments = sample.folder / f"run-{number}" / "comments"
    checkout = sample.clone(number)
    for folder in (programs, comments, sample.folder / "kept"):
        folder.mkdir(exist_ok=True)
    (programs / "gh").write_text(GH)
    (programs / "gh").chmod(0o755)
    event = {"pull_request": {"number": 7}}
    return Job(
        workspace=checkout,
        actions={"example/careen@v1": CHECKOUT / "action.yml"},
        kept=sample.folder / "kept",
        temp=sample.folder / f"run-{number}" / "temp",
        github={
            "event_name": "pull_request",
            "event": event,
            "token": "t0ken",
            "run_id": number,
            "run_attempt": 1,
            "ref": "refs/pull/7/merge",
            **github,
        },
        env={**sample.environment(number, programs), "COMMENTS": str(comments)},
        variables={"CAREEN_UPDATE": "false"},
    ).run(checkout / ".github/workflows/image.yml")


def document(done: Job) -> dict[str, object]:
    """Return what careen ci wrote for programs."""
    found: dict[str, object] = json.loads(
        (done.artifacts["careen-service"] / "ci.json").read_text()
    )
    return found


def test_four_runs_of_a_pull_request(sample: Sample) -> None:
    sample.make("github")
    sample.advise("CVE-2026-3001")
    seconds = {}
    for number, (what, step) in enumerate(
        (
            ("first", "whole"),
            ("nothing changed", "check"),
            ("new advisory", "scan"),
            ("application changed", "profile"),
        )
    ):
        if what == "new advisory":
            sample.advise("CVE-2026-3001", "CVE-2026-3002")
        elif what == "application changed":
            sample.change_application()
        begun = time.monotonic()
        done = job(sample, number)
        seconds[what] = time.monotonic() - begun
        assert not done.failed, done.log[-3000:]
        found = document(done)
        assert (found["step"], found["status"]) == (step, 0), (what, found["reasons"])
        comments = sample.folder / f"run-{number}" / "comments"
        body = (comments / "body.md").read_text()
        assert body.startswith("<!-- careen ci service -->\n### ✅ careen harden service: passed\n")
        assert (comments / "arguments").read_text().splitlines()[:3] == ["pr", "comment", "7"]
        assert body in done.summary
        assert json.loads(done.sarif[0].read_text())["version"] == "2.1.0"
        assert f"step {step}, digest sha256:" in done.log
        assert done.commands == []
    print({what: round(each / seconds["first"], 3) for what, each in seconds.items()}, seconds)
    assert seconds["nothing changed"] < seconds["application changed"] < seconds["first"]
