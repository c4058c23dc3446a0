"""How much a run of a pipeline does."""

from dataclasses import replace

import pytest

from careen.model.integration import Decision, Mode, Step
from careen.pipeline.integrating.decide import (
    Inputs,
    Standing,
    Whereabouts,
    decide,
    fixable_in,
    fixes_tried,
    new_fixes,
    of_incident,
    upgrades_help,
    with_fixes,
)
from careen.pipeline.integrating.state import Stored
from tests.support.scan_reports import REPORT

STORED = Stored(
    mode="harden",
    done="hardened and verified",
    place="p",
    image="sha256:a",
    layers=("base", "python", "app"),
    configuration="c",
    advisories="d",
    result="sha256:r",
    made="2026-01-01T00:00:00Z",
)
SAME = Inputs("sha256:a", ("base", "python", "app"), "c", "d")


def test_the_first_run_does_everything() -> None:
    assert decide(None, SAME, Standing()).step is Step.WHOLE


def test_nothing_is_run_if_nothing_has_changed() -> None:
    assert decide(STORED, SAME, Standing()).step is Step.CHECK


def test_new_advisories_are_compared_with_the_stored_inventory() -> None:
    found = decide(STORED, replace(SAME, advisories="e"), Standing())
    assert found == Decision(Step.SCAN, ("the advisories have changed",))


@pytest.mark.parametrize(
    ("layers", "step", "why"),
    [
        (("base", "python", "app2"), Step.PROFILE, "1 of 3 layers are new"),
        (("base", "python"), Step.PROFILE, "layers were dropped"),
        (("base", "python", "app"), Step.PROFILE, "its layers have not"),
        (("base2", "python", "app"), Step.WHOLE, "the base image has changed"),
        ((), Step.WHOLE, "the base image has changed"),
    ],
)
def test_the_first_layer_is_the_base(layers: tuple[str, ...], step: Step, why: str) -> None:
    found = decide(STORED, Inputs("sha256:b", layers, "c", "d"), Standing())
    assert found.step is step
    assert why in found.reasons[0]


@pytest.mark.parametrize(
    "standing",
    [
        Standing(evidence="the evidence was changed: plan.json"),
        Standing(at=Whereabouts(wrong="the result is gone")),
        Standing(inventory=False),
    ],
)
def test_a_result_that_is_not_whole_is_made_again(standing: Standing) -> None:
    assert decide(STORED, SAME, standing).step is Step.WHOLE
    application = Inputs("sha256:b", ("base", "python", "app2"), "c", "d")
    found = decide(STORED, application, standing)
    assert found.step is Step.WHOLE
    assert len(found.reasons) == 2


def test_a_result_that_is_elsewhere_is_brought_and_not_made_again() -> None:
    at = Whereabouts(("docker://r.example/web:2",), "web:2")
    for advisories, step in (("d", Step.CHECK), ("e", Step.SCAN)):
        found = decide(STORED, replace(SAME, advisories=advisories), Standing(at=at))
        assert found.step is step
        way = "the result is in web:2, and is asked for in docker://r.example/web:2"
        assert found.reasons[-1] == way


def test_another_configuration_does_everything() -> None:
    found = decide(STORED, replace(SAME, configuration="x", advisories="e"), Standing())
    assert found.step is Step.WHOLE
    assert "configuration has changed" in found.reasons[0]


def test_a_new_fix_is_reason_to_patch_again() -> None:
    scan = Decision(Step.SCAN, ("the advisories have changed",))
    first = REPORT.findings[0].finding
    fixes = [replace(first, id=one, name=name) for one, name in ("Ax", "Bx", "Bx", "Cy", "Dz")]
    found = with_fixes(scan, fixes, "")
    assert found.step is Step.WHOLE
    assert found.reasons[-1] == "there is a fix now: A in x, B in x, C in y and 1 more"
    assert with_fixes(scan, (), "") == scan
    assert with_fixes(scan, (), "so").reasons == ("the advisories have changed", "so")
    assert upgrades_help(scan, Mode.PATCH, patches=True)
    assert not upgrades_help(scan, Mode.HARDEN, patches=False)
    assert not upgrades_help(scan, Mode.SCAN, patches=True)
    check = Decision(Step.CHECK, ("same",))
    assert not upgrades_help(check, Mode.PATCH, patches=True)
    assert upgrades_help(check, Mode.PATCH, patches=True, wanted=True)


def test_a_fix_for_a_finding_that_was_known_is_a_new_fix() -> None:
    first = REPORT.findings[0]
    then, now = (
        replace(REPORT, findings=(replace(first, finding=replace(first.finding, fixed=fixed)),))
        for fixed in ((), ("9",))
    )
    named = now.findings[0].finding
    assert new_fixes(fixable_in(then), now) == (named,)
    assert new_fixes(fixable_in(now), now) == ()
    assert new_fixes(fixable_in(now), now, ("CVE-2026-0009",)) == ()
    assert new_fixes(fixable_in(now), now, (named.aliases[0].upper(),)) == (named,)
    assert new_fixes(fixable_in(now), then) == ()
    assert new_fixes(None, now) == (named,)
    assert new_fixes(fixable_in(then), None) == ()


def test_an_incident_leaves_other_fixes_to_the_next_run() -> None:
    first = replace(REPORT.findings[0].finding, fixed=("9",))
    other = replace(first, id="CVE-2026-0002", aliases=("GHSA-b",), name="other")
    items = (replace(REPORT.findings[0], finding=each) for each in (first, other))
    now = replace(REPORT, findings=tuple(items))
    fixes = new_fixes(frozenset(), now)
    assert of_incident(fixes, "") == (first, other)
    assert of_incident(fixes, "CVE-2026-0002") == of_incident(fixes, "GHSA-B") == (other,)
    tried = fixes_tried(frozenset(), now, "CVE-2026-0002")
    assert new_fixes(tried, now) == (first,)
    assert new_fixes(fixes_tried(frozenset(), now, ""), now) == ()


def test_a_database_that_is_gone_brought_no_advisories() -> None:
    found = decide(STORED, replace(SAME, advisories=""), Standing())
    assert found == Decision(Step.CHECK, ("there is no advisory database any more",))
    never = replace(STORED, advisories="")
    assert decide(never, replace(SAME, advisories=""), Standing()).reasons == (
        "image, advisories and configuration are the same",
    )
    assert decide(never, SAME, Standing()).step is Step.SCAN
