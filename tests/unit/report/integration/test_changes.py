"""What got better and worse between two runs of a pipeline."""

from dataclasses import replace

from careen.model.findings.triage import Suppressed
from careen.model.integration import KnownFinding
from careen.report.integration.changes import changes
from tests.support.scan_reports import REPORT

FIRST, *REST = REPORT.findings
TODAY = replace(REPORT, findings=(FIRST, *REST), suppressed=())


def known(tier: str = "", *, kev: bool | None = None, name: str = "") -> KnownFinding:
    """The first finding as the last run left it."""
    finding = FIRST.finding
    return KnownFinding(
        finding.id,
        finding.package,
        name or finding.name,
        finding.version,
        finding.severity.word,
        tier or FIRST.tier.value,
        kev=finding.kev is not None if kev is None else kev,
    )


def test_without_a_last_run_nothing_is_compared() -> None:
    found = changes(None, TODAY)
    assert (found.closed, found.new, found.worse, found.excepted) == ((), (), (), ())
    assert changes((known(),), None) == found


def test_a_finding_of_both_runs_is_neither_new_nor_closed() -> None:
    found = changes((known(),), replace(TODAY, findings=(FIRST,)))
    assert (found.closed, found.new, found.worse, found.excepted) == ((), (), (), ())


def test_what_the_last_run_did_not_know_is_new() -> None:
    found = changes((known(),), TODAY)
    names = {(item.finding.id, item.finding.name) for item in REST}
    first = (FIRST.finding.id, FIRST.finding.name)
    assert {(item.finding.id, item.finding.name) for item in found.new} == names - {first}


def test_what_is_gone_is_closed_unless_it_is_only_excepted() -> None:
    gone = replace(TODAY, findings=())
    assert changes((known(),), gone).closed == (known(),)
    excused = replace(gone, suppressed=(Suppressed(FIRST, "a list", "reviewed"),))
    found = changes((known(),), excused)
    assert (found.closed, found.excepted) == ((), (known(),))


def test_a_finding_that_runs_now_or_is_exploited_now_is_worse() -> None:
    now = replace(TODAY, findings=(FIRST,))
    (worse,) = changes((known("present"),), now).worse
    assert worse.why == f"{FIRST.tier.value}, was present"
    (worse,) = changes((known(kev=False),), now).worse
    assert worse.why == "known to be exploited now"
