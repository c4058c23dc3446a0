"""Lists of pods, from anybody: what is well formed is read, the rest is left out."""

import copy
import json
from typing import Any

import pytest

from careen.clusters.kubelet_mounts import container_in
from careen.clusters.pods import PodContainer, read_pods
from careen.errors import ToolError

ID = "a" * 64
UID = "0a1b2c3d-1111-2222-3333-444455556666"
DIGEST = "registry.example/team/api@sha256:" + "b" * 64
POD: dict[str, Any] = {
    "metadata": {
        "name": "api-5d8f9c-x1",
        "namespace": "shop",
        "uid": UID,
        "labels": {"app": "api", "pod-template-hash": "5d8f9c"},
        "ownerReferences": [
            {"kind": "Other", "name": "not-the-controller"},
            {"kind": "ReplicaSet", "name": "api-5d8f9c", "controller": True},
        ],
    },
    "spec": {
        "nodeName": "n1",
        "containers": [{"name": "api", "image": "registry.example/team/api:1"}],
        "initContainers": [{"name": "proxy", "image": "registry.example/proxy:1"}],
    },
    "status": {
        "phase": "Running",
        "containerStatuses": [
            {
                "name": "api",
                "containerID": f"containerd://{ID}",
                "imageID": DIGEST,
                "state": {"running": {"startedAt": "2026-11-30T00:00:00Z"}},
            }
        ],
        "initContainerStatuses": [
            {
                "name": "proxy",
                "containerID": f"cri-o://{'c' * 64}",
                "imageID": "sha256:" + "d" * 64,
                "state": {"running": {}},
            },
            {
                "name": "migrate",
                "containerID": f"cri-o://{'e' * 64}",
                "imageID": DIGEST,
                "state": {"terminated": {}},
            },
        ],
    },
}


def listed(*pods: Any) -> bytes:
    return json.dumps({"kind": "PodList", "apiVersion": "v1", "items": list(pods)}).encode()


def without(path: str, value: Any = None) -> Any:
    """The pod with another value, or none, at a path."""
    pod = copy.deepcopy(POD)
    *above, last = path.split(".")
    here: Any = pod
    for name in above:
        here = here[int(name)] if name.isdigit() else here[name]
    if value is None:
        del here[last]
    else:
        here[last] = value
    return pod


def test_a_pod_is_read_with_the_containers_that_run() -> None:
    (pod,) = read_pods(listed(POD), "list")
    assert (pod.namespace, pod.name, pod.uid, pod.node) == ("shop", "api-5d8f9c-x1", UID, "n1")
    assert (pod.workload, pod.template) == ("api", "5d8f9c")
    proxy, api = pod.containers
    assert api == PodContainer("api", ID, "containerd", "registry.example/team/api:1", DIGEST)
    # a sidecar of an image that was loaded into the node by hand: no registry knows it
    assert proxy == PodContainer("proxy", "c" * 64, "cri-o", "registry.example/proxy:1", "")


def test_a_static_pod_has_the_control_group_of_its_hash() -> None:
    static = without("metadata.annotations", {"kubernetes.io/config.mirror": "0f" * 16})
    assert [pod.group_uid for pod in read_pods(listed(POD, static), "list")] == [UID, "0f" * 16]


def test_docker_names_images_with_a_scheme() -> None:
    odd = without("status.containerStatuses.0.imageID", f"docker-pullable://{DIGEST}")
    assert read_pods(listed(odd), "list")[0].containers[-1].digest == DIGEST


@pytest.mark.parametrize(
    ("labels", "owner", "workload", "template"),
    [
        ({"controller-revision-hash": "db-7f"}, ("StatefulSet", "db"), "db", "db-7f"),
        ({"controller-revision-hash": "6b9"}, ("DaemonSet", "agent"), "agent", "6b9"),
        ({}, None, "api-5d8f9c-x1", "api-5d8f9c-x1"),
        ({"pod-template-hash": "../../etc"}, None, "api-5d8f9c-x1", "api-5d8f9c-x1"),
        ({"pod-template-hash": "x"}, ("ReplicaSet", "../x"), "api-5d8f9c-x1", "x"),
    ],
)
def test_the_template_is_by_its_controllers_label(
    labels: dict[str, str], owner: tuple[str, str] | None, workload: str, template: str
) -> None:
    pod = without("metadata.labels", {"app": "api", **labels})
    owners = [] if owner is None else [{"kind": owner[0], "name": owner[1], "controller": True}]
    pod["metadata"]["ownerReferences"] = owners
    (read,) = read_pods(listed(pod), "list")
    assert (read.workload, read.template) == (workload, template)


def job(name: str, **container: Any) -> Any:
    pod = without("metadata.labels", {"batch.kubernetes.io/controller-uid": name})
    pod["metadata"]["name"] = f"{name}-x1"
    pod["metadata"]["ownerReferences"] = [{"kind": "Job", "name": name, "controller": True}]
    pod["spec"]["nodeName"] = name
    pod["spec"]["containers"][0].update(container)
    return pod


def test_each_run_of_a_cronjob_is_of_one_template() -> None:
    """Its Jobs are named by the minute, and have no hash in common."""
    first, second, other, one = read_pods(
        listed(
            job("nightly-29384730"),
            job("nightly-29386170"),
            job("nightly-29387610", args=["--full"]),
            job("migrate-2"),
        ),
        "list",
    )
    assert (first.workload, first.template) == (second.workload, second.template)
    assert (other.workload, other.template == first.template) == ("nightly", False)
    assert (one.workload, one.template) == ("migrate-2", first.template)


@pytest.mark.parametrize(
    "pod",
    [
        None,
        [],
        {},
        "pod",
        without("status.phase", "Pending"),
        without("metadata.name", "../../etc/passwd"),
        without("metadata.name", "A"),
        without("metadata.namespace", 7),
        without("metadata.uid"),
    ],
)
def test_what_is_no_running_pod_is_left_out(pod: Any) -> None:
    assert len(read_pods(listed(pod, POD), "list")) == 1


@pytest.mark.parametrize(
    "status",
    [
        {},
        None,
        {"name": "api"},
        {"name": "api", "containerID": "containerd://abc", "state": {"running": {}}},
        {"name": "a/b", "containerID": f"containerd://{ID}", "state": {"running": {}}},
        {"name": "api", "containerID": f"containerd://{ID}", "state": {"waiting": {}}},
        {"name": "api", "containerID": f"containerd://{ID}", "state": []},
    ],
)
def test_what_is_no_running_container_is_left_out(status: Any) -> None:
    (pod,) = read_pods(listed(without("status.containerStatuses", [status])), "list")
    assert [each.name for each in pod.containers] == ["proxy"]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"items":{}}', b"not json", b"\xff"])
def test_what_is_no_list_is_an_error_that_names_it(data: bytes) -> None:
    with pytest.raises(ToolError, match="the list"):
        read_pods(data, "the list")


LINE = "229 223 254:0 {} {} rw,relatime - ext4 /dev/vda rw"
OWN = f"/var/lib/kubelet/pods/{UID}/containers/api/1a2b3c4d"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([LINE.format("/", "/"), LINE.format(OWN, "/dev/termination-log")], (UID, "api")),
        ([LINE.format(OWN.replace("/var/lib", ""), "/dev/termination-log")], (UID, "api")),
        ([LINE.format(OWN, "/log/elsewhere")], (UID, "api")),
        ([LINE.format(f"/var/lib/kubelet/pods/{UID}/etc-hosts", "/etc/hosts")], None),
        ([LINE.format(OWN + "/more", "/x")], None),
        (["", "a b", "x" * 9999], None),
    ],
)
def test_the_kubelets_mounts_tell_the_container(
    lines: list[str], found: tuple[str, str] | None
) -> None:
    assert container_in("\n".join(lines)) == found
