"""The one line of a run whose tests fail says where the logs are."""

from pathlib import Path
from typing import cast

import pytest

from careen.errors import WorkloadError
from careen.model.trace import Trace
from careen.model.workload import Workload, WorkloadResult
from careen.pipeline.harden import failure_text
from careen.pipeline.observe import Observation
from careen.pipeline.profile import make_profile
from careen.pipeline.session import Session
from careen.pipeline.source import Examined

FAILED = WorkloadResult("web", False, "not ready after 5 s", "tests", (), None, 5.0, "", None)


@pytest.mark.parametrize(("logs", "end"), [(Path("out/logs/original"), "; logs in out/logs/original"), (None, "")])
def test_on_the_original(logs: Path | None, end: str) -> None:
    seen = Observation(Workload("web"), FAILED, cast("Trace", None), "2024-01-01T00:00:00Z", (), logs)
    with pytest.raises(WorkloadError) as caught:
        make_profile(cast("Examined", None), (seen,), cast("Session", None))
    assert str(caught.value) == f"the workload fails on the original image: workload 'web': not ready after 5 s{end}"


def test_on_the_hardened_image(tmp_path: Path) -> None:
    said = f"verification failed, nothing was promoted: it is broken (and 1 more); see {tmp_path}/verify.json"
    assert failure_text(("it is broken", "so is this"), tmp_path) == said  # it was not run
    (tmp_path / "logs" / "hardened").mkdir(parents=True)
    assert failure_text(("it is broken", "so is this"), tmp_path) == f"{said}, logs in {tmp_path}/logs/hardened"
