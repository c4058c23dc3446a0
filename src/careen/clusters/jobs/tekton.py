"""A Task of Tekton for one image, and a PipelineRun with a matrix over all."""

from typing import Any

from careen.clusters.jobs.job import INDEX, FleetJob
from careen.clusters.jobs.pod import container, labels, volumes
from careen.errors import InputError
from careen.formats.yaml_writer import yaml_text

MOST = 256
"""Combinations that Tekton's matrix takes by default (`default-max-matrix-combinations-count`)."""


def tekton_run(job: FleetJob) -> bytes:
    """Return both objects. Raises InputError if a matrix cannot have so many images."""
    if job.count > MOST:
        msg = (
            f"{job.count:,} images are more than the {MOST} combinations of a matrix: cut the list,"
            " or use another engine"
        )
        raise InputError(msg)
    run: dict[str, Any] = {
        "apiVersion": "tekton.dev/v1",
        "kind": "PipelineRun",
        "metadata": {
            "generateName": f"{job.name}-",
            "namespace": job.namespace,
            "labels": labels(job),
        },
        "spec": {
            "pipelineSpec": {
                "tasks": [
                    {
                        "name": "image",
                        "taskRef": {"name": job.name},
                        # Tekton cannot tell exit statuses apart: a final one is tried again.
                        "retries": job.attempts - 1,
                        "timeout": f"{job.hours}h0m0s",
                        "matrix": {
                            "params": [
                                {"name": "index", "value": [str(i) for i in range(job.count)]}
                            ]
                        },
                    }
                ]
            },
            # Tekton ends a run after an hour unless it is told otherwise.
            "timeouts": {"pipeline": "0"},
            "taskRunTemplate": {"podTemplate": {"nodeSelector": {job.node_label: "true"}}},
        },
    }
    return yaml_text([_task(job), run], (job.remark, "Send it with: kubectl create -f -"))


def _task(job: FleetJob) -> dict[str, Any]:
    step = container(job)
    step["env"].append({"name": INDEX, "value": "$(params.index)"})
    resources = step.pop("resources")
    return {
        "apiVersion": "tekton.dev/v1",
        "kind": "Task",
        "metadata": {"name": job.name, "namespace": job.namespace, "labels": labels(job)},
        "spec": {
            "params": [{"name": "index", "type": "string"}],
            "volumes": volumes(job),
            "steps": [step | {"computeResources": resources}],
        },
    }
