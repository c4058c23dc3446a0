"""The pod of one task, as Kubernetes, Argo and Tekton take it."""

from typing import Any

from careen.clusters.jobs.job import CAPABILITIES, FOLDER, FleetJob

CONTAINER = "careen"


def container(job: FleetJob) -> dict[str, Any]:
    """Return the container of a task, without what only one engine has."""
    return {
        "name": CONTAINER,
        "image": job.image,
        "args": [*job.arguments],
        "env": [{"name": name, "value": value} for name, value in job.environment.items()],
        # The embedded engine makes namespaces, mounts and control groups.
        "securityContext": {
            "privileged": True,
            "runAsUser": 0,
            "capabilities": {"add": [*CAPABILITIES]},
        },
        "resources": {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "8Gi"}},
        "volumeMounts": [
            {"name": "fleet", "mountPath": FOLDER},
            {"name": "work", "mountPath": "/var/tmp"},  # noqa: S108 — in the container
            {"name": "registry", "mountPath": "/etc/careen/registry", "readOnly": True},
        ],
    }


def volumes(job: FleetJob) -> list[dict[str, Any]]:
    """Return the volumes of a task."""
    return [
        {"name": "fleet", "persistentVolumeClaim": {"claimName": job.claim}},
        {"name": "work", "emptyDir": {}},
        {"name": "registry", "secret": {"secretName": "careen-registry", "optional": True}},
    ]


def labels(job: FleetJob) -> dict[str, str]:
    """Return the labels of all objects of a job."""
    return {"app.kubernetes.io/name": "careen", "app.kubernetes.io/instance": job.name}
