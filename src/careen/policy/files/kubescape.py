"""Bill of behaviour as Kubescape 4 reads it: a user-defined ApplicationProfile and
NetworkNeighborhood, and the ContainerProfile that replaces both.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from careen.formats.yaml_writer import yaml_text
from careen.model.policies.policy import Peer, Policy
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.policy.network import DNS

FILE, CONTAINER = "kubescape.yaml", "kubescape-container-profile.yaml"
API = "spdx.softwarecomposition.kubescape.io/v1beta1"
ANY_NAME = "\u22ef"
"""Kubescape's wildcard for one component of a path."""

MOST_FILES = 50
"""A directory with more opened files is written with a wildcard, as Kubescape does."""

_OWN = {"kubescape.io/managed-by": "User"}
_FULL = {**_OWN, "kubescape.io/status": "completed", "kubescape.io/completion": "full"}


def bill_of_behaviour(policy: Policy, bom: RuntimeBom) -> bytes:
    """Return both objects, to be applied before the workload."""
    comments = (
        f"The bill of behaviour of {policy.image}.",
        "Apply it before the workload, and label the pods:",
        f"  kubescape.io/user-defined-profile: {policy.name}",
        f"  kubescape.io/user-defined-network: {policy.name}",
    )
    return yaml_text([_profile(policy, bom), _network(policy)], comments)


def container_profile(policy: Policy, bom: RuntimeBom) -> bytes:
    """Return the one object that newer node agents read in place of both."""
    found = _object(policy, "ContainerProfile", {**_surfaces(policy, bom), **_neighbours(policy)})
    found["spec"]["architectures"] = [policy.calls.architecture]
    # A status marks what Kubescape learned itself, and such an object is ignored.
    found["metadata"]["annotations"] = _OWN
    comments = (
        f"The bill of behaviour of {policy.image}, for node agents that read ContainerProfiles.",
        "Apply it before the workload, and label the pods:",
        f"  kubescape.io/user-defined-profile: {policy.name}",
    )
    return yaml_text([found], comments)


def _object(policy: Policy, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": kind,
        "metadata": {
            "name": policy.name,
            "annotations": _FULL,
            "labels": {
                "kubescape.io/workload-api-group": "apps",
                "kubescape.io/workload-api-version": "v1",
                "kubescape.io/workload-kind": "Deployment",
                "kubescape.io/workload-name": policy.name,
            },
        },
        "spec": spec,
    }


def _profile(policy: Policy, bom: RuntimeBom) -> dict[str, Any]:
    container = {"name": policy.name, **_surfaces(policy, bom)}
    spec = {"architectures": [policy.calls.architecture], "containers": [container]}
    return _object(policy, "ApplicationProfile", spec)


def _surfaces(policy: Policy, bom: RuntimeBom) -> dict[str, Any]:
    return {
        "imageTag": policy.image,
        "imageID": policy.digest,
        "capabilities": [each.name for each in policy.capabilities],
        "execs": [{"path": path} for path in sorted(_paths(bom, Use.EXECUTED))],
        "opens": list(_opens(policy, bom)),
        "syscalls": sorted({name for names in bom.syscalls.values() for name in names}),
    }


def _paths(bom: RuntimeBom, *uses: Use) -> set[str]:
    return {str(file.path) for file in bom.files if any(each.use in uses for each in file.uses)}


def _opens(policy: Policy, bom: RuntimeBom) -> Iterator[dict[str, Any]]:
    opened = _paths(bom, Use.OPENED, Use.MAPPED, Use.EXECUTED, Use.LISTED)
    many = Counter(parent_of(path) for path in opened)
    crowded = {directory for directory, count in many.items() if directory and count > MOST_FILES}
    for path in sorted(
        {f"{parent_of(path)}/{ANY_NAME}" if parent_of(path) in crowded else path for path in opened}
    ):
        yield {"path": path, "flags": ["O_RDONLY"]}
    for each in policy.writable:
        yield {"path": f"{each.path}/*", "flags": ["O_RDWR", "O_CREAT"]}


def parent_of(path: str) -> str:
    """Return the directory of a path, without a slash at its end."""
    return path.rpartition("/")[0]


def _network(policy: Policy) -> dict[str, Any]:
    container = {"name": policy.name, **_neighbours(policy)}
    spec = {
        "matchLabels": {"app.kubernetes.io/name": policy.name},
        "containers": [container],
    }
    return _object(policy, "NetworkNeighborhood", spec)


def _neighbours(policy: Policy) -> dict[str, Any]:
    ingress = [_neighbour("from-anywhere", ["*"], policy.ports, "TCP")] if policy.ports else []
    return {"ingress": ingress, "egress": [_peer(peer) for peer in policy.peers]}


def _peer(peer: Peer) -> dict[str, Any]:
    # Name servers of the profiled run are not those of the cluster.
    addresses = ["*"] if peer.port == DNS else [peer.address]
    kind = "UDP" if peer.udp or peer.port == DNS else "TCP"
    return _neighbour(f"{peer.address}-{peer.port}-{kind.lower()}", addresses, (peer.port,), kind)


def _neighbour(
    identifier: str, addresses: list[str], ports: tuple[int, ...], kind: str
) -> dict[str, Any]:
    return {
        "identifier": identifier,
        "type": "external",
        "ipAddresses": addresses,
        "ports": [{"name": f"{kind}-{port}", "protocol": kind, "port": port} for port in ports],
    }
