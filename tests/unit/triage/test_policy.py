"""What is listed and what fails the run; what is not known is never passed in silence."""

from dataclasses import replace

import pytest

from careen.errors import InputError
from careen.model.findings.advisory import Severity
from careen.model.findings.triage import Priority, Tier, Triaged
from careen.model.runs.completeness import Completeness, Gap
from careen.triage.policy import (
    Selection,
    crossed,
    exempt_unrated,
    parse_fail_on,
    parse_only,
    parse_severities,
    select,
)
from tests.support.triage import FEEDS, PROFILED, epss, kev, triaged

CRITICAL = triaged("a", identifier="CVE-1", severity=Severity.CRITICAL, fixed=("2",))
LOADED = triaged("b", Tier.LOADED, identifier="CVE-2", severity=Severity.HIGH, kev=kev())
PRESENT = triaged("c", Tier.PRESENT, Priority.TRACK, identifier="CVE-3", severity=Severity.CRITICAL)
UNRATED = triaged("d", Tier.EXECUTED, Priority.ACT, identifier="CVE-4", severity=Severity.UNKNOWN)
UNPROFILED = triaged("e", Tier.NOT_PROFILED, identifier="CVE-5", severity=Severity.CRITICAL)
GONE = triaged(
    "f", Tier.REMOVED, Priority.TRACK, identifier="CVE-6", severity=Severity.CRITICAL, kev=kev()
)
ALL = (CRITICAL, LOADED, PRESENT, UNRATED, UNPROFILED, GONE)


def gate(text: str, *items: Triaged) -> tuple[str, ...]:
    return crossed(items, parse_fail_on([text]), PROFILED, FEEDS)


@pytest.mark.parametrize(
    ("text", "item", "expected"),
    [
        ("critical", CRITICAL, True),
        ("critical", LOADED, False),
        ("high", CRITICAL, True),
        ("high", LOADED, True),
        ("executed-critical", CRITICAL, True),
        ("executed-critical", PRESENT, False),
        ("loaded-high", CRITICAL, True),
        ("loaded-high", LOADED, True),
        ("executed-high", LOADED, False),
        ("present-critical", PRESENT, True),
        ("looked-up-critical", PRESENT, False),
        ("looked-up", CRITICAL, True),
        ("kev", LOADED, True),
        ("kev", CRITICAL, False),
        ("executed-kev", LOADED, False),
        ("loaded-kev", LOADED, True),
        ("any", PRESENT, True),
        ("any", GONE, False),
        ("kev", GONE, False),
        ("critical-fixable", CRITICAL, True),
        ("critical-fixable", PRESENT, False),
        ("act", CRITICAL, False),
        ("act", UNRATED, True),
        ("attend", UNRATED, True),
        ("attend", PRESENT, False),
        ("EXECUTED-Critical", CRITICAL, True),
        ("unknown", UNRATED, True),
        ("executed-unknown", UNRATED, True),
        ("executed-unknown", CRITICAL, False),
        ("executed-unknown", replace(UNRATED, tier=Tier.PRESENT), False),
    ],
)
def test_a_gate(text: str, item: Triaged, expected: bool) -> None:
    assert bool(gate(text, item)) is expected


def test_the_sentence_has_number_and_examples() -> None:
    many = [triaged("a", identifier=f"CVE-{i}", severity=Severity.CRITICAL) for i in range(5)]
    assert gate("executed-critical", *many, LOADED) == (
        "executed-critical: 5 findings: CVE-0 in a 1.0, CVE-1 in a 1.0, CVE-2 in a 1.0 and 2 more",
    )
    assert gate("kev", LOADED) == ("kev: 1 finding: CVE-2 in b 1.0",)


def test_each_condition_that_is_met_has_its_sentence() -> None:
    found = crossed(
        ALL, parse_fail_on(["executed-kev,kev", "critical", "critical"]), PROFILED, FEEDS
    )
    assert [text.partition(":")[0] for text in found] == ["kev", "critical"]


EXPLOITED = triaged("g", Tier.EXECUTED, identifier="CVE-7", severity=Severity.UNKNOWN, kev=kev())


def test_an_unrated_finding_does_not_shut_a_gate_of_severity_and_is_told() -> None:
    conditions = parse_fail_on(["executed-critical"])
    assert crossed([UNRATED], conditions, PROFILED, FEEDS) == ()
    assert exempt_unrated([UNRATED, CRITICAL, EXPLOITED], conditions, PROFILED) == (
        (
            "--fail-on executed-critical: 1 finding without a severity rating does not count:"
            " CVE-4 in d 1.0; executed-unknown also fails for these"
        ),
    )


@pytest.mark.parametrize(
    "item",
    [
        EXPLOITED,
        triaged("g", Tier.EXECUTED, identifier="CVE-7", severity=Severity.UNKNOWN, epss=epss(0.1)),
    ],
)
def test_an_unrated_finding_with_a_sign_of_exploitation_shuts_it(item: Triaged) -> None:
    assert gate("critical", item) == (
        (
            "critical: 1 finding that may be, since it has no severity rating but signs of"
            " exploitation: CVE-7 in g 1.0"
        ),
    )
    assert exempt_unrated([item], parse_fail_on(["critical"]), PROFILED) == ()


def test_only_what_the_rest_of_the_condition_may_hold_of_is_told() -> None:
    unrated = [
        replace(UNRATED, tier=tier)
        for tier in (Tier.EXECUTED, Tier.NOT_PROFILED, Tier.PRESENT, Tier.REMOVED)
    ]
    assert exempt_unrated(
        unrated, parse_fail_on(["looked-up-high", "kev", "unknown"]), PROFILED
    ) == (
        (
            "--fail-on looked-up-high: 2 findings without a severity rating do not count: CVE-4"
            " in d 1.0, CVE-4 in d 1.0; looked-up-unknown also fails for these"
        ),
    )


def test_an_unprofiled_finding_does_not_pass_a_gate_of_tiers() -> None:
    assert gate("executed-critical", UNPROFILED, CRITICAL) == (
        (
            "executed-critical: 1 finding: CVE-1 in a 1.0; and 1 finding that may be, since it is"
            " unknown whether it runs: CVE-5 in e 1.0"
        ),
    )
    assert gate("executed-high", replace(UNPROFILED, finding=LOADED.finding)) != ()


def test_several_of_which_too_little_is_known() -> None:
    (sentence,) = gate("executed-critical", EXPLOITED, UNPROFILED)
    assert sentence.startswith(
        "executed-critical: 2 findings that may be, since they have no severity rating but signs"
        " of exploitation or it is unknown"
    )


def test_after_lost_events_a_weak_tier_is_no_proof() -> None:
    lossy = replace(PROFILED, completeness=Completeness((Gap("ring_full", 1),)))
    assert crossed([PRESENT], parse_fail_on(["executed-critical"]), lossy, FEEDS) == (
        (
            "executed-critical: 1 finding that may be, since it is unknown whether it runs: CVE-3"
            " in c 1.0"
        ),
    )


def test_a_part_that_does_not_hold_needs_no_knowledge_of_the_others() -> None:
    assert gate("executed-critical-kev", UNPROFILED) == ()


@pytest.mark.parametrize("items", [(), (CRITICAL,)])
def test_a_gate_of_tiers_without_an_rbom_is_refused_instead_of_passed(
    items: tuple[Triaged, ...],
) -> None:
    with pytest.raises(InputError, match=r"--fail-on executed-critical: needs an RBOM .* --rbom"):
        crossed(items, parse_fail_on(["critical,executed-critical"]), None, FEEDS)


def test_a_gate_of_tiers_with_the_rbom_of_another_image_is_refused() -> None:
    with pytest.raises(InputError, match="of another image"):
        crossed([CRITICAL], parse_fail_on(["loaded"]), replace(PROFILED, exact=False), FEEDS)


@pytest.mark.parametrize(
    ("text", "missing"), [("kev", "kev"), ("executed-kev", "kev"), ("act", "epss"), ("act", "kev")]
)
def test_a_gate_on_a_feed_that_was_never_imported_is_refused(text: str, missing: str) -> None:
    feeds = [feed for feed in FEEDS if feed.name != missing]
    with pytest.raises(InputError, match=f"holds no {missing.upper()} feed"):
        crossed([CRITICAL], parse_fail_on([text]), PROFILED, feeds)
    crossed(
        [CRITICAL], parse_fail_on([text]), PROFILED, None
    )  # another tool's report brings its own


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' in ''"),
        ("severe", "'severe' in 'severe'"),
        ("executed-", "'' in 'executed-'"),
        ("critical,,kev", "'' in ''"),
        ("critical-high", "says 'high' beside another word of its kind"),
        ("executed-loaded", "'loaded'"),
        ("kev-kev", "'kev'"),
        ("not-profiled", "'not'"),
        ("unrated", "'unrated'"),
        ("critical-unknown", "says 'unknown' beside another word of its kind"),
        ("removed", "'removed'"),
        ("x\n\x1b[31m", r"'x\\n\\x1b[31m'"),
    ],
)
def test_a_word_that_is_none_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_fail_on([text])
    assert said.replace("\\\\", "\\") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("--fail-on: ")


def listed(selection: Selection) -> list[str]:
    return [item.finding.id for item in select(ALL, selection, PROFILED).listed]


def test_nothing_is_hidden_unasked() -> None:
    assert select(ALL, Selection(), PROFILED).listed == ALL
    assert select(ALL, Selection(), PROFILED).notes == ()


def test_severities_are_exact_and_what_they_hide_is_counted() -> None:
    chosen = select(ALL, Selection(severities=parse_severities("critical, HIGH")), PROFILED)
    assert [item.finding.id for item in chosen.listed] == [
        "CVE-1",
        "CVE-2",
        "CVE-3",
        "CVE-5",
        "CVE-6",
    ]
    assert chosen.notes == (
        "not listed: 1 finding without a severity rating (--severity; add `unknown` to list them)",
    )
    assert listed(Selection(severities=parse_severities("high,unknown"))) == ["CVE-2", "CVE-4"]


@pytest.mark.parametrize("text", ["", "critical;high", "severe", "critical,"])
def test_a_severity_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(
        InputError,
        match=r"^--severity: .* is not a severity; expected one or more of critical, high",
    ):
        parse_severities(text)


def test_only_what_can_be_fixed() -> None:
    chosen = select(ALL, Selection(ignore_unfixed=True), PROFILED)
    assert chosen.listed == (CRITICAL,)
    assert chosen.notes == ("not listed: 5 findings without a known fix (--ignore-unfixed)",)


def test_only_is_or_within_one_option_and_and_between_several() -> None:
    assert listed(Selection(only=parse_only(["executed,loaded"]))) == [
        "CVE-1",
        "CVE-2",
        "CVE-4",
        "CVE-5",
    ]  # CVE-5: nobody knows
    assert listed(Selection(only=parse_only(["executed,loaded", "kev"]))) == ["CVE-2"]
    assert listed(Selection(only=parse_only(["kev,fixable"]))) == ["CVE-1", "CVE-2"]
