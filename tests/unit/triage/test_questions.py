"""The four questions of BOD 26-04: what answers them, and that missing data answers nothing."""

from typing import Any

import pytest

from careen.model.findings.advisory import CvssScore, Severity, SsvcAssessment
from careen.model.findings.questions import NOT_ASKED, Answer, FourQuestions
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.report.scan.short_list import brief
from careen.triage.priority import NO_KEV
from careen.triage.triage import triage
from tests.support.triage import (
    FEEDS,
    IMAGE,
    OTHER_IMAGE,
    bom,
    bound,
    finding,
    inventory,
    kev,
    package,
    use,
)

LIBRARY = "/usr/lib/libssl.so.3"
LIBSSL = package("libssl3", LIBRARY)
RUN = {LIBRARY: use(Use.MAPPED, origin="serve")}
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def asked(profile: RuntimeBom | None = None, feeds: Any = FEEDS, **more: Any) -> FourQuestions:
    (item,) = triage([finding(LIBSSL, **more)], inventory(LIBSSL), profile, IMAGE, feeds=feeds)
    return item.questions


def scored(*vectors: str) -> tuple[CvssScore, ...]:
    return tuple(
        CvssScore(
            "nvd", vector[5:8] if ":" in vector[:5] else "2.0", vector, 9.8, Severity.CRITICAL
        )
        for vector in vectors
    )


def test_nothing_is_answered_by_missing_data() -> None:
    found = asked(feeds=())
    assert [answered.answer for _, answered in found.rows] == [UNKNOWN] * 4
    assert all(answered.source for _, answered in found.rows)
    assert [answered.answer for _, answered in NOT_ASKED.rows] == [UNKNOWN] * 4


def test_exposed_is_who_listens() -> None:
    listens = asked(bom(RUN, [bound(8000)])).exposed
    assert listens.words == "yes (RBOM: a program that uses it listens on 8000)"
    assert asked(bom(RUN)).exposed.words == "no (RBOM: no program that uses it listens)"


def test_what_was_not_seen_to_run_or_not_watched_is_not_called_unexposed() -> None:
    assert asked(bom({}, [bound(8000)])).exposed.words == "unknown (it was not seen to run)"
    elsewhere = asked(bom(RUN, image=OTHER_IMAGE)).exposed
    assert (elsewhere.answer, elsewhere.source) == (UNKNOWN, "the RBOM does not show every socket")
    assert asked().exposed.source == "no RBOM was given, so it is unknown whether it is used"


@pytest.mark.parametrize(
    ("vectors", "answer"),
    [
        ((), UNKNOWN),
        (("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",), UNKNOWN),
        (("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",), UNKNOWN),
        (("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/AU:Y",), YES),
        (("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/AU:N",), NO),
        (
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/AU:N",
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/AU:Y",
            ),
            YES,
        ),
    ],
)
def test_automatable_is_what_an_assessment_states(vectors: tuple[str, ...], answer: Answer) -> None:
    assert asked(scores=scored(*vectors)).automatable.answer is answer


@pytest.mark.parametrize(
    ("vectors", "answer"),
    [
        ((), UNKNOWN),
        (("no vector",), UNKNOWN),
        (("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",), YES),
        (("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:H",), NO),
        (("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",), UNKNOWN),
        (("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",), YES),
        (("AV:N/AC:L/Au:N/C:C/I:C/A:C",), YES),
        (("AV:N/AC:L/Au:N/C:P/I:P/A:C",), NO),
        # Where assessments differ, the wider one counts.
        (
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N",
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            ),
            YES,
        ),
        (
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N",
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N",
            ),
            UNKNOWN,
        ),
    ],
)
def test_total_control_is_the_impact_of_the_vectors(
    vectors: tuple[str, ...], answer: Answer
) -> None:
    found = asked(scores=scored(*vectors)).total_control
    assert found.answer is answer
    assert vectors == () or "no vector" in vectors or "nvd" in found.source


def test_what_cisa_published_comes_before_a_vector() -> None:
    open_ = scored("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/AU:Y")
    ssvc = SsvcAssessment("CVE-2024-0001", "poc", "no", "partial", "2024-06-01")
    found = asked(scores=open_, ssvc=ssvc)
    assert found.automatable.words == "no (CISA's SSVC assessment of 2024-06-01)"
    assert found.total_control.words == "no (CISA's SSVC assessment of 2024-06-01)"
    assert found.exploited.words == "no (not on CISA's KEV list of 2026-08-16)"
    silent = asked(scores=open_, ssvc=SsvcAssessment("CVE-2024-0001", "none", "", "", ""))
    assert (silent.automatable.answer, silent.total_control.answer) == (YES, YES)
    assert asked(ssvc=ssvc, feeds=()).exploited.answer is UNKNOWN
    active = asked(ssvc=SsvcAssessment("CVE-2024-0001", "active", "yes", "total", ""), feeds=())
    assert [answered.words for _, answered in active.rows[1:]] == [
        "yes (CISA's SSVC assessment)"
    ] * 3


def test_a_database_without_the_catalogue_is_no_reason_to_say_that_it_is_not_on_it() -> None:
    for feeds, said in ((FEEDS, "not on CISA's KEV list"), ((), NO_KEV)):
        (item,) = triage([finding(LIBSSL)], inventory(LIBSSL), None, IMAGE, feeds=feeds)
        assert said in item.reasons
        assert said not in brief(item)
    (item,) = triage([finding(LIBSSL, kev=kev())], inventory(LIBSSL), None, IMAGE, feeds=())
    assert "on CISA's KEV list since 2024-05-01" in item.reasons


def test_exploited_is_the_catalogue_and_only_where_there_is_one() -> None:
    assert asked(kev=kev(), feeds=()).exploited.words == "yes (CISA's KEV list since 2024-05-01)"
    assert asked().exploited.words == "no (not on CISA's KEV list of 2026-08-16)"
    assert asked(feeds=()).exploited.words == "unknown (the database has no KEV list)"
    assert asked(identifier="GHSA-aaaa-bbbb-cccc").exploited.answer is UNKNOWN
    named = asked(identifier="PYSEC-2024-1", aliases=("CVE-2024-1",)).exploited
    assert named.answer is NO
