"""A Job of Kubernetes with one index per image, for the scheduler's own queue or for Kueue."""

from typing import Any

from careen.clusters.jobs.job import FINAL, FleetJob
from careen.clusters.jobs.pod import CONTAINER, container, labels, volumes
from careen.errors import InputError
from careen.formats.yaml_writer import yaml_text

_LONGEST = 65_535
"""Limit of indices per Job."""


def indexed_job(job: FleetJob) -> bytes:
    """Return the Job. Raises InputError if it has more indices than a Job may have."""
    if job.count > _LONGEST:
        msg = f"{job.count:,} images are more than the {_LONGEST:,} indices of a Job"
        raise InputError(msg)
    return yaml_text([_job(job)], _remarks(job))


def kueue_job(job: FleetJob) -> bytes:
    """Return the Job, suspended, for a local queue of Kueue. Raises InputError as `indexed_job`."""
    indexed_job(job)
    document = _job(job)
    document["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] = job.queue
    document["spec"]["suspend"] = True
    return yaml_text([document], _remarks(job))


def _job(job: FleetJob) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "completionMode": "Indexed",
        "completions": job.count,
        "parallelism": min(job.at_once, job.count),
        "backoffLimitPerIndex": job.attempts - 1,
        "podFailurePolicy": {
            "rules": [
                {
                    "action": "FailIndex",
                    "onExitCodes": {
                        "containerName": CONTAINER,
                        "operator": "In",
                        "values": [*FINAL],
                    },
                },
                {
                    "action": "Ignore",
                    "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
                },
            ]
        },
        "template": {"metadata": {"labels": labels(job)}, "spec": _pod(job)},
    }
    if job.failures is not None:
        spec["maxFailedIndexes"] = min(job.failures, job.count)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": job.name, "namespace": job.namespace, "labels": labels(job)},
        "spec": spec,
    }


def _pod(job: FleetJob) -> dict[str, Any]:
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "activeDeadlineSeconds": job.hours * 3600,
        "nodeSelector": {job.node_label: "true"},
        "terminationGracePeriodSeconds": 120,
        "containers": [container(job)],
        "volumes": volumes(job),
    }


def _remarks(job: FleetJob) -> tuple[str, ...]:
    return (
        f"{job.count:,} images of {job.listed}, one index each (docs/incidents.md).",
        f"Before: kubectl label node NODE {job.node_label}=true",
        f"The claim {job.claim} holds the list, what it names, and advisories.db.",
        "Statuses 2, 3 and 4 fail an index for good; 1 and signals are tried again.",
    )
