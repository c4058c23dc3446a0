"""Jobs of schedulers: valid by Kubernetes' own schemas, and true to careen's exit statuses."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from careen.clusters.jobs.engines import ENGINES
from careen.clusters.jobs.job import FleetJob
from careen.errors import InputError

JOB = FleetJob("careen-fleet", "registry.example/careen:1", "images.toml", 12, "careen-fleet")
OLDEST, NEWEST = "1.33", "1.37"
"""The first release in which `backoffLimitPerIndex` is stable, and the latest known."""


def made(engine: str, **changes: Any) -> list[Any]:
    return list(yaml.safe_load_all(ENGINES[engine](replace(JOB, **changes))))


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("engine", ["indexed-job", "kueue"])
def test_the_job_is_valid(engine: str, version: str) -> None:
    (job,) = made(engine, queue="gpu", failures=3)
    assert kubernetes_validate.validate(job, version, strict=True).startswith(version)
    job["spec"]["backofLimitPerIndex"] = 1
    with pytest.raises(kubernetes_validate.ValidationError, match="backofLimitPerIndex"):
        kubernetes_validate.validate(job, version, strict=True)


def test_final_statuses_fail_an_index_and_others_are_tried_again() -> None:
    (job,) = made("indexed-job", attempts=4)
    spec = job["spec"]
    assert (spec["completions"], spec["parallelism"], spec["completionMode"]) == (12, 4, "Indexed")
    assert spec["backoffLimitPerIndex"] == 3
    first, second = spec["podFailurePolicy"]["rules"]
    assert first["action"] == "FailIndex"
    assert first["onExitCodes"] == {
        "containerName": spec["template"]["spec"]["containers"][0]["name"],
        "operator": "In",
        "values": [2, 3, 4],
    }
    assert second == {
        "action": "Ignore",
        "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
    }


def test_no_more_failures_than_images() -> None:
    (job,) = made("indexed-job", failures=50)
    assert job["spec"]["maxFailedIndexes"] == 12


def test_kueue_gets_a_suspended_job_of_its_queue() -> None:
    (job,) = made("kueue", queue="gpu")
    assert job["spec"]["suspend"] is True
    assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "gpu"


def test_argo_and_tekton_give_each_image_its_index() -> None:
    (flow,) = made("argo")
    fleet, image = flow["spec"]["templates"]
    assert fleet["steps"][0][0]["withSequence"] == {"count": "12"}
    index = {"name": "CAREEN_INDEX", "value": "{{inputs.parameters.index}}"}
    assert index in image["container"]["env"]
    assert "name" not in image["container"]
    assert "continueOn" not in fleet["steps"][0][0]  # it fails if an image failed
    assert image["retryStrategy"]["expression"].count("lastRetry.exitCode") == 3
    task, run = made("tekton")
    (step,) = task["spec"]["steps"]
    assert {"name": "CAREEN_INDEX", "value": "$(params.index)"} in step["env"]
    (over,) = run["spec"]["pipelineSpec"]["tasks"]
    assert run["spec"]["timeouts"] == {"pipeline": "0"}
    assert over["matrix"]["params"][0]["value"] == [str(i) for i in range(12)]


@pytest.mark.parametrize(("engine", "count"), [("tekton", 257), ("indexed-job", 70_000)])
def test_more_than_an_engine_takes_is_refused(engine: str, count: int) -> None:
    with pytest.raises(InputError, match="more than"):
        made(engine, count=count)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "a\n#SBATCH --wrap=x"}, "--name"),
        ({"name": "$(id)"}, "--name"),
        ({"listed": "../images.toml"}, "--as"),
        ({"listed": "{{workflow.name}}"}, "--as"),
        ({"image": "x; y"}, "--image"),
        ({"queue": "a b"}, "--queue"),
    ],
)
def test_a_word_that_an_engine_reads_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        replace(JOB, **change).check()


@pytest.mark.parametrize(
    ("status", "restarts", "requeued"),
    [(0, 0, False), (1, 0, True), (1, 2, False), (2, 0, False), (3, 0, False), (137, 1, True)],
)
def test_slurm_requeues_what_is_worth_it(
    status: int, restarts: int, requeued: bool, tmp_path: Path
) -> None:
    script = tmp_path / "job.sh"
    script.write_bytes(ENGINES["slurm"](JOB))
    for name, text in (
        ("careen", f'echo "$@" > {tmp_path}/asked; exit {status}'),
        ("scontrol", f'echo "$@" > {tmp_path}/requeued'),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "SLURM_ARRAY_JOB_ID": "7",
        "SLURM_ARRAY_TASK_ID": "3",
        "SLURM_RESTART_COUNT": str(restarts),
    }
    done = subprocess.run(["bash", str(script)], env=environment, check=False)  # noqa: TID251
    assert done.returncode == status
    assert (tmp_path / "asked").read_text() == "fleet work images.toml --push\n"
    assert (tmp_path / "requeued").exists() is requeued
    if requeued:
        assert (tmp_path / "requeued").read_text() == "requeue 7_3\n"
