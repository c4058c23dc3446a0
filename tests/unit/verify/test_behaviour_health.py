"""The image's HEALTHCHECK on both images: what passes on the original has to pass on the new
one.
"""

import pytest

from careen.model.runs.workload import HealthResult
from tests.support.behaviours import between_runs, case, images, told, worked

PASSES = HealthResult(0, "ok\n")
CASE = case("test_embed")
EXTRA = "No such file: /app/plugins/extra.py\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (PASSES, HealthResult(0, "well\n", 2), []),
        (
            PASSES,
            HealthResult(7, "trying\ncannot connect\n", 3),
            [("failure", "status 0", "status 7 (cannot connect)")],
        ),
        (PASSES, HealthResult(None, ""), [("failure", "status 0", "no status")]),
        (HealthResult(1, ""), HealthResult(1, "x"), []),
        (HealthResult(1, ""), PASSES, [("warning", "status 1", "status 0")]),
        (
            HealthResult(1, "a"),
            HealthResult(127, "b"),
            [("warning", "status 1 (a)", "status 127 (b)")],
        ),
        (None, PASSES, []),
        (PASSES, None, []),  # it was never ready, which is said already
    ],
)
def test_its_status_is_compared(
    before: HealthResult | None, after: HealthResult | None, expected: list[tuple[str, str, str]]
) -> None:
    found = told(*between_runs(worked(CASE, health=before), worked(CASE, health=after)))
    assert found == [("health", weight, "serve", one, two) for weight, one, two in expected]


def test_what_it_says_names_the_cause() -> None:
    lost = worked(CASE, health=HealthResult(1, EXTRA))
    (item,) = between_runs(worked(CASE, health=PASSES), lost, files=images("/app/plugins/extra.py"))
    assert item.cause == ("/app/plugins/extra.py",)
