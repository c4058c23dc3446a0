"""A proposed entry has careen's evidence as its reason, and some findings are not excused by it."""

import datetime as dt
from dataclasses import replace

import pytest

from careen.errors import InputError
from careen.model.findings.questions import NOT_ASKED, Answer, Answered
from careen.model.findings.triage import Tier, Triaged
from careen.model.runs.trace import Use
from careen.triage.ignore.propose import propose, unexcusable
from careen.triage.triage import triage
from tests.support.triage import (
    FEEDS,
    IMAGE,
    bom,
    bound,
    epss,
    finding,
    inventory,
    kev,
    package,
    triaged,
    use,
)

TODAY, DAY = dt.date(2026, 8, 16), dt.date(2026, 11, 14)
LIBSSL = package("libssl3", "/usr/lib/libssl.so.3")


def item() -> Triaged:
    seen = bom({"/usr/lib/libssl.so.3": use(Use.MAPPED, origin="serve")}, [bound()])
    about = finding(LIBSSL, epss=epss(0.02), fixed=("3.0.17",))
    (found,) = triage([about], inventory(LIBSSL), seen, IMAGE, feeds=FEEDS)
    return found


def test_the_reason_is_the_evidence() -> None:
    entry = propose(item(), "", DAY, TODAY)
    assert entry.reason == (
        "executed: mapped by /usr/bin/python3.11 in workload 'serve'; that program listens on 8000;"
        " not on CISA's KEV list; EPSS 0.02 (2026-08-16); attack vector unknown: no CVSS vector;"
        " high (nvd) (careen, 2026-08-16)"
    )
    assert (entry.identifier, entry.name, entry.review_by) == ("CVE-2024-0001", "libssl3", DAY)


def test_the_users_reason_comes_first_and_all_of_it_is_one_short_line() -> None:
    entry = propose(item(), "behind\na \x1b[31mproxy", DAY, TODAY)
    assert entry.reason.startswith("behind a [31mproxy (executed: mapped by ")
    assert entry.reason.endswith("; careen, 2026-08-16)")
    long = propose(item(), "x" * 10_000, DAY, TODAY).reason
    assert (len(long), long[-22:]) == (400, "…; careen, 2026-08-16)")


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("exploited", Answer)
def test_what_runs_or_may_run_and_is_exploited_is_not_excused(
    tier: Tier, exploited: Answer
) -> None:
    asked = replace(NOT_ASKED, exploited=Answered(exploited, "the list"))
    found = unexcusable(replace(triaged(LIBSSL, tier), questions=asked))
    refused = exploited is Answer.YES and tier in {Tier.EXECUTED, Tier.LOADED, Tier.NOT_PROFILED}
    assert found == (f"it is {tier.value} and known to be exploited (the list)" if refused else "")


def test_exploited_is_what_triage_answers() -> None:
    (found,) = triage([finding(LIBSSL, kev=kev())], inventory(LIBSSL), None, IMAGE)
    assert unexcusable(found).startswith("it is not profiled and known to be exploited")


def test_an_identifier_of_a_feed_cannot_break_a_line() -> None:
    with pytest.raises(InputError, match="not an identifier that a list can hold"):
        propose(triaged(LIBSSL, identifier="CVE-1\n*"), "", DAY, TODAY)
