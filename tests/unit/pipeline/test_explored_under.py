"""Answers of exploration without and under a policy, and what counts as trouble."""

from careen.model.runs.exploration import Answer, Explored
from careen.model.runs.workload import HealthResult, WorkloadResult
from careen.pipeline.confining.explored import differences_of
from careen.pipeline.confining.prove import trouble


def explored(*statuses: int | None, ready: float | None = 1.0, skipped: str = "") -> Explored:
    answers = tuple(
        Answer(f"GET /{number}", "http", status) for number, status in enumerate(statuses)
    )
    return Explored("requests", "t", answers, None, ready_seconds=ready, skipped=skipped)


def test_equal_statuses_are_alike_whatever_the_body() -> None:
    assert list(differences_of([explored(200, 404, None)], [explored(200, 404, None)])) == []


def test_another_status_and_a_missing_answer_differ() -> None:
    found = list(differences_of([explored(200, 404)], [explored(500)]))
    assert found == [
        "requests: GET /0: 200, under the policy 500",
        "requests: GET /1: 404, under the policy None",
    ]


def test_a_container_that_starts_only_without_the_policy_differs() -> None:
    (found,) = differences_of([explored(200)], [explored(ready=None, skipped="it ended")])
    assert found == "requests: under the policy it ended"


def test_a_container_that_starts_neither_way_is_compared_by_its_answers() -> None:
    assert list(differences_of([explored(ready=None)], [explored(ready=None)])) == []


def ended(*, passed: bool, health: HealthResult | None) -> WorkloadResult:
    reason = "" if passed else "a test failed"
    return WorkloadResult("w", passed, reason, "tests", (), 1.0, 1.0, "", 0, health=health)


def test_a_workload_that_passes_and_is_unhealthy_is_in_trouble() -> None:
    assert trouble(ended(passed=True, health=None)) == ""
    assert trouble(ended(passed=True, health=HealthResult(0))) == ""
    assert trouble(ended(passed=False, health=HealthResult(0))) == "a test failed"
    sick = ended(passed=True, health=HealthResult(1, "no shell"))
    assert trouble(sick) == "the image's HEALTHCHECK fails (1): no shell"
