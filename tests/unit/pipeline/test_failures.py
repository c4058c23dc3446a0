"""The one line of a run whose tests fail says where the logs are; a health check that fails is a
note.
"""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from careen.errors import WorkloadError
from careen.model.runs.trace import Trace
from careen.model.runs.workload import HealthResult, Workload, WorkloadResult
from careen.pipeline.hardening.judged import failure_text
from careen.pipeline.profiling.observe import Observation
from careen.pipeline.profiling.profile import make_profile, unhealthy
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined

FAILED = WorkloadResult("web", False, "not ready after 5 s", "tests", (), None, 5.0, "", None)


@pytest.mark.parametrize(
    ("logs", "end"), [(Path("out/logs/original"), "; logs in out/logs/original"), (None, "")]
)
def test_on_the_original(logs: Path | None, end: str) -> None:
    seen = Observation(
        Workload("web"), FAILED, cast("Trace", None), "2024-01-01T00:00:00Z", (), logs
    )
    with pytest.raises(WorkloadError) as caught:
        make_profile(cast("Examined", None), (seen,), cast("Session", None))
    assert (
        str(caught.value)
        == f"the workload fails on the original image: workload 'web': not ready after 5 s{end}"
    )


def test_on_the_hardened_image(tmp_path: Path) -> None:
    said = (
        "verification failed, nothing was promoted: it is broken (and 1 more); see"
        f" {tmp_path}/verify.json"
    )
    assert failure_text(("it is broken", "so is this"), tmp_path) == said  # it was not run
    (tmp_path / "logs" / "hardened").mkdir(parents=True)
    assert (
        failure_text(("it is broken", "so is this"), tmp_path)
        == f"{said}, logs in {tmp_path}/logs/hardened"
    )


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (None, []),
        (HealthResult(0), []),
        (
            HealthResult(7, "curl: (7) Failed to connect\n", 3),
            ["fails (7): curl: (7) Failed to connect though the workload is ready, tried 3 times"],
        ),
        (
            HealthResult(None, "", 1),
            ["did not finish in time: no output though the workload is ready, tried once"],
        ),
    ],
)
def test_a_health_check_that_fails_on_the_original_is_told(
    health: HealthResult | None, said: list[str]
) -> None:
    result = replace(FAILED, passed=True, health=health)
    seen = Observation(Workload("web"), result, cast("Trace", None), "2024-01-01T00:00:00Z", ())
    start, end = "workload web: the image's HEALTHCHECK ", ": what it needs to pass was not seen"
    assert list(unhealthy((seen,))) == [f"{start}{line}{end}" for line in said]
