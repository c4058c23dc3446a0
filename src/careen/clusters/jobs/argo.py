"""A workflow of Argo with one step per image."""

from typing import Any

from careen.clusters.jobs.job import FINAL, INDEX, FleetJob
from careen.clusters.jobs.pod import container, labels, volumes
from careen.formats.yaml_writer import yaml_text


def argo_workflow(job: FleetJob) -> bytes:
    """Return the Workflow, which fails if an image failed."""
    document = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {
            "generateName": f"{job.name}-",
            "namespace": job.namespace,
            "labels": labels(job),
        },
        "spec": {
            "entrypoint": "fleet",
            "parallelism": job.at_once,
            "automountServiceAccountToken": False,
            "nodeSelector": {job.node_label: "true"},
            "volumes": volumes(job),
            "templates": [_all(job), _one(job)],
        },
    }
    return yaml_text([document], (job.remark, "Send it with: kubectl create -f -"))


def _all(job: FleetJob) -> dict[str, Any]:
    """Return the template with a step for each image; all run, whichever fails."""
    step = {
        "name": "image",
        "template": "image",
        "arguments": {"parameters": [{"name": "index", "value": "{{item}}"}]},
        "withSequence": {"count": str(job.count)},
    }
    return {"name": "fleet", "failFast": False, "steps": [[step]]}


def _one(job: FleetJob) -> dict[str, Any]:
    """Return the template of one image."""
    task = container(job)
    task["env"].append({"name": INDEX, "value": "{{inputs.parameters.index}}"})
    del task["name"]  # Argo names it
    final = " || ".join(f"lastRetry.exitCode == '{status}'" for status in FINAL)
    return {
        "name": "image",
        "inputs": {"parameters": [{"name": "index"}]},
        "activeDeadlineSeconds": job.hours * 3600,
        "retryStrategy": {
            "limit": str(job.attempts - 1),
            "retryPolicy": "Always",
            "expression": f"!({final})",
        },
        "container": task,
    }
