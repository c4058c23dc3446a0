"""Who used a path, in words: one line a program, and the container's start is named."""

from dataclasses import replace

import pytest

from careen.model.entry import EntryKind
from careen.model.explanation import Decision, Explanation, Step
from careen.model.findings.advisory import Severity
from careen.model.findings.finding_explanation import FindingExplanation
from careen.model.paths import ImagePath
from careen.model.plan import Reason
from careen.model.rbom import FileUse
from careen.model.runs.trace import Phase, Use
from careen.report.views.why import print_explanation
from tests.support.screens import drawn
from tests.support.triage import triaged

PATH = ImagePath("/usr/bin/app")
START, SERVING, HEALTH = (
    frozenset({Phase.START}),
    frozenset({Phase.SERVING}),
    frozenset({Phase.HEALTH}),
)


def said(*uses: FileUse) -> str:
    kept = Explanation(
        PATH, EntryKind.FILE, Decision.KEEP, (Step(PATH, Reason("observed", "executed")),), (), uses
    )
    return " ".join(drawn(lambda console: print_explanation(console, kept), 120).split())


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (
            FileUse(Use.EXECUTED, START, "", "default"),
            "by the container's start (ENTRYPOINT) (workload default)",
        ),
        (
            FileUse(Use.TRAVERSED, START, "", "default"),
            "by the container's start (ENTRYPOINT) (workload default)",
        ),
        (
            FileUse(Use.EXECUTED, SERVING, "", "default"),
            "by the container runtime (exec) (workload default)",
        ),
        (
            FileUse(Use.EXECUTED, HEALTH, "", "default"),
            "by the container runtime (HEALTHCHECK) (workload default)",
        ),
        (
            FileUse(Use.OPENED, START, "", "default"),
            "by an unknown program (its start was not observed) (workload default)",
        ),
        (FileUse(Use.OPENED, START, "/bin/sh", "default"), "by /bin/sh (workload default)"),
    ],
)
def test_who_it_was(use: FileUse, words: str) -> None:
    assert words in said(use)


def test_workloads_times_uses_are_one_line_a_program() -> None:
    names = (
        "default",
        *(f"explore:{name}" for name in ("requests", "elsewhere", "signals", "users")),
    )
    text = said(
        *(
            FileUse(use, START, "/bin/sh", name)
            for use in (Use.OPENED, Use.LISTED)
            for name in names
        )
    )
    assert text.count("by /bin/sh") == 1
    assert "workloads default, explore:requests, explore:elsewhere and 2 more" in text
    assert "explore:NAME: what careen tried beyond the tests" in text


def test_the_reason_is_said_once() -> None:
    assert said().count("executed") == 1


def test_what_the_database_does_not_know_is_not_known() -> None:
    nothing = FindingExplanation("CVE-2099-1", "app:1", "", (), (), (), (), ())
    assert not nothing.known
    assert replace(nothing, findings=(triaged(severity=Severity.LOW),)).known
