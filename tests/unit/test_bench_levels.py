"""What the bench of levels works out of its measurements."""

import pytest

from bench.cold_levels import Level, Measured, adequacy_of, predictions, recapture_of, tau


def test_tau_is_one_where_the_lower_always_broke_more_and_minus_one_where_less() -> None:
    assert tau([(0.1, 0.9), (0.2, 0.5), (0.8, 0.1)]) == 1.0
    assert tau([(0.1, 0.1), (0.2, 0.5), (0.8, 0.9)]) == -1.0


def test_ties_are_left_out_and_nothing_to_compare_is_unknown() -> None:
    assert tau([(0.1, 0.9), (0.1, 0.1), (0.5, 0.5), (0.6, 0.2)]) == pytest.approx(1 / 5)
    assert tau([(0.1, 0.9), (0.1, 0.1)]) is None


def test_the_adequacy_of_an_rbom_is_that_of_its_weakest_workload_and_unknown_with_one_unknown() -> (
    None
):
    assert (
        adequacy_of({"runs": [{"adequacy": 0.7}, {"adequacy": 0.4}, {"kind": "exploration"}]})
        == 0.4
    )
    assert adequacy_of({"runs": [{"adequacy": 0.7}, {}]}) is None


def test_subjects_of_unknown_adequacy_do_not_count_for_it_but_for_what_was_used() -> None:
    def one(adequacy: float | None, observed: int, failed: int) -> Measured:
        return Measured(
            "x",
            100,
            adequacy,
            None,
            4,
            {"observed": Level(observed, ("c",) * failed), "closure": Level(80, ())},
        )

    assert predictions([one(None, 20, 3), one(0.5, 60, 1), one(0.9, 40, 2)]) == [
        "adequacy: tau -1.00 of 2 subjects",
        "share of closure used: tau +1.00 of 3 subjects",
        "recapture: tau unknown of 0 subjects",
    ]


def test_recapture_is_the_share_of_what_exploration_used_that_the_workload_had_used() -> None:
    def file(*uses: tuple[str, int]) -> dict[str, object]:
        return {"uses": [{"use": use, "origin": origin} for use, origin in uses]}

    files = [
        file(("opened", 0), ("opened", 1)),
        file(("opened", 1)),
        file(("looked up", 0), ("mapped", 1)),
        file(("executed", 0), ("executed", 1), ("opened", 2)),
        file(("opened", 2)),
        file(("opened", 0)),
        {},
    ]
    assert (
        recapture_of(
            {"origins": ["default", "explore:requests", "explore:imports"], "files": files}
        )
        == 0.5
    )
    assert recapture_of({"origins": ["default"], "files": [file(("opened", 0))]}) is None
