"""The one verdict on completeness."""

import json
from dataclasses import replace

import pytest

from careen.adequacy.threshold import below_recorded, score_of
from careen.model.runs.completeness import UNRESOLVED, UNWATCHED, Completeness, Gap, completeness
from careen.rbom.cyclonedx import to_cyclonedx
from careen.rbom.merge import merge
from tests.support.boms import BOM


def test_nothing_missing_is_complete() -> None:
    seen = completeness([{"ring_full": 0}, {}])
    assert seen == Completeness()
    assert (seen.complete, seen.lost, seen.sentence(), seen.remedy()) == (True, 0, "", "")


def test_the_losses_of_all_runs_add_up_largest_first() -> None:
    seen = completeness([{"ring_full": 1, "fault": 2}, {"ring_full": 3}])
    assert seen.gaps == (Gap("ring_full", 4), Gap("fault", 2))
    assert (seen.complete, seen.lost) == (False, 6)
    assert seen.sentence() == "6 events were lost (4 ring_full, 2 fault)"
    assert seen.remedy() == "profile again with larger buffers or less load"


def test_names_and_containers_are_no_events_and_make_it_incomplete_all_the_same() -> None:
    seen = completeness([{UNWATCHED: 1}], unresolved=2)
    assert (seen.complete, seen.lost) == (False, 0)
    assert (
        seen.sentence()
        == "the kernel resolved 2 names to other files than the image's index; 1 container of this"
        " image that others, perhaps the tests, started could not be watched"
    )
    assert "$BASE_URL" in seen.remedy()


def test_an_rbom_asks_it_of_all_its_runs_and_its_unresolved_names() -> None:
    assert BOM.completeness.complete
    assert replace(BOM, unresolved=1).completeness == Completeness((Gap(UNRESOLVED, 1),))


def test_what_one_of_several_lacks_the_merged_one_lacks() -> None:
    other = replace(
        BOM,
        runs=(
            replace(
                BOM.runs[0],
                workload="batch",
                sensor=replace(BOM.runs[0].sensor, losses={"ring_full": 5}),
            ),
        ),
        files=(),
    )
    assert merge([BOM, other]).completeness == Completeness((Gap("ring_full", 5),))
    assert merge([BOM, replace(BOM, unresolved=1)]).completeness == Completeness(
        (Gap(UNRESOLVED, 1),)
    )


def test_an_incomplete_rbom_has_no_score_whatever_its_runs_say() -> None:
    scored = replace(BOM, runs=(replace(BOM.runs[0], adequacy=0.9),))
    assert (score_of(scored), below_recorded(scored, 0.8)) == (0.9, None)
    thin = replace(scored, unresolved=3)
    assert score_of(thin) is None
    assert (
        below_recorded(thin, 0.8)
        == f"the RBOM is incomplete ({thin.completeness.sentence()}), so its adequacy is unknown,"
        " but at least 80 % is required"
    )


@pytest.mark.parametrize("incomplete", [False, True])
def test_the_cyclonedx_document_says_it(incomplete: bool) -> None:
    document = json.loads(to_cyclonedx(replace(BOM, unresolved=2) if incomplete else BOM))
    said = {item["name"]: item["value"] for item in document["metadata"]["properties"]}
    assert said["careen:complete"] == str(not incomplete).lower()
    assert said.get("careen:incomplete:unresolved") == ("2" if incomplete else None)
