"""The one verdict on completeness."""

from dataclasses import replace

from careen.model.completeness import UNRESOLVED, UNWATCHED, Completeness, Gap, completeness
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
    assert seen.sentence() == (
        "the kernel took 2 names elsewhere than the image's index says; 1 container that others, perhaps the tests, started of this image could not be watched"
    )
    assert "$BASE_URL" in seen.remedy()


def test_an_rbom_asks_it_of_all_its_runs_and_its_unresolved_names() -> None:
    assert BOM.completeness.complete
    assert replace(BOM, unresolved=1).completeness == Completeness((Gap(UNRESOLVED, 1),))
