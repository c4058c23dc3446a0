"""Kubernetes: a Deployment with the security context, and a NetworkPolicy."""

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

from careen.formats.yaml_writer import yaml_text
from careen.model.policies.policy import Peer, Policy, Writable, WritableBy
from careen.oci.reference import EngineImage, RegistryImage, parse_reference
from careen.policy.files.apparmor import profile_name
from careen.policy.files.docker import short
from careen.policy.network import DNS

DEPLOYMENT, NETWORK = "kubernetes-deployment.yaml", "kubernetes-network-policy.yaml"
_LABEL = "app.kubernetes.io/name"


def deployment(policy: Policy) -> bytes:
    """Return a Deployment to apply, or to merge into one's own (kustomize, `kubectl patch`)."""
    labels = {_LABEL: policy.name}
    pod: dict[str, Any] = {
        "automountServiceAccountToken": False,
        "securityContext": pod_context(policy),
        "containers": [_container(policy)],
    }
    if policy.writable and not policy.audit:
        pod["volumes"] = [
            {"name": _volume(number), "emptyDir": {}} for number in range(len(policy.writable))
        ]
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": policy.name, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    return yaml_text([document], _remarks(policy))


def pod_context(policy: Policy) -> dict[str, Any]:
    """Return the pod's `securityContext`."""
    context: dict[str, Any] = {}
    if policy.user.is_asked or not policy.audit:
        context = {
            "runAsUser": policy.user.uid,
            "runAsGroup": policy.user.gid,
            "runAsNonRoot": policy.user.uid != 0,
        }
        if policy.user.groups:
            context["supplementalGroups"] = list(policy.user.groups)
        if policy.writable and policy.user.gid and not policy.audit:
            context["fsGroup"] = policy.user.gid
    kind = "RuntimeDefault" if policy.calls.unknown else "Localhost"
    context["seccompProfile"] = {"type": kind}
    if kind == "Localhost":
        context["seccompProfile"]["localhostProfile"] = f"careen/{policy.name}.json"
    return context


def _container(policy: Policy) -> dict[str, Any]:
    container: dict[str, Any] = {"name": policy.name, "image": _image(policy)}
    if policy.ports:
        container["ports"] = [{"containerPort": port} for port in policy.ports]
    if policy.audit:
        return container
    capabilities: dict[str, Any] = {"drop": ["ALL"]}
    if policy.capabilities:
        capabilities["add"] = [short(each.name) for each in policy.capabilities]
    container["securityContext"] = {
        "allowPrivilegeEscalation": not policy.no_new_privileges,
        "readOnlyRootFilesystem": policy.read_only,
        "capabilities": capabilities,
    }
    if policy.writable:
        container["volumeMounts"] = [
            {"name": _volume(number), "mountPath": each.path}
            for number, each in enumerate(policy.writable)
        ]
    return container


def _image(policy: Policy) -> str:
    """Return the image's name, or a placeholder if a cluster cannot pull it."""
    place = parse_reference(policy.image)
    if isinstance(place, EngineImage | RegistryImage):
        return place.name
    return f"registry.example/{policy.name}"


def _volume(number: int) -> str:
    return f"writable-{number}"


def _remarks(policy: Policy) -> Iterator[str]:
    yield f"The runtime policy of {policy.image}, from what its workload did."
    if _image(policy) not in policy.image:
        yield f"Replace {_image(policy)}: a cluster cannot pull {policy.image}."
    if not policy.calls.unknown:
        yield (
            f"Copy seccomp.json to careen/{policy.name}.json in the kubelet's seccomp folder of"
            " each node (/var/lib/kubelet/seccomp)."
        )
    yield (
        "With AppArmor on the nodes, add to the container's securityContext: appArmorProfile:"
        f" {{type: Localhost, localhostProfile: {profile_name(policy)}}}"
    )
    yield from (f"{each.name}: {each.reason}" for each in policy.capabilities)
    yield from map(_writable_remark, policy.writable)
    yield from policy.left_open


def _writable_remark(writable: Writable) -> str:
    if writable.by is WritableBy.TMPFS:
        return f"{writable.path}: {writable.reason}"
    return (
        f"{writable.path}: {writable.reason}. The image has files there, which an emptyDir hides:"
        " copy them in an init container, or mount a volume that has them."
    )


def network_policy(policy: Policy) -> bytes:
    """Return a NetworkPolicy from listeners and observed addresses; they must be known."""
    spec = {
        "podSelector": {"matchLabels": {_LABEL: policy.name}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"ports": [{"protocol": "TCP", "port": port} for port in policy.ports]}]
        if policy.ports
        else [],
        "egress": list(_egress(policy.peers)),
    }
    document = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": policy.name},
        "spec": spec,
    }
    return yaml_text([document], _network_remarks(policy))


def _egress(peers: Iterable[Peer]) -> Iterator[dict[str, Any]]:
    """Yield rules for the observed addresses; those of name servers become the cluster's."""
    known = list(peers)
    if any(peer.port == DNS for peer in known):
        yield {
            "to": [
                {
                    "namespaceSelector": {
                        "matchLabels": {"kubernetes.io/metadata.name": "kube-system"}
                    },
                    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                }
            ],
            "ports": [{"protocol": kind, "port": DNS} for kind in ("UDP", "TCP")],
        }
    for peer in known:
        if peer.port == DNS:
            continue
        yield {
            "to": [{"ipBlock": {"cidr": block(peer.address)}}],
            "ports": [{"protocol": "UDP" if peer.udp else "TCP", "port": peer.port}],
        }


def block(address: str) -> str:
    """Return the address alone as a CIDR block."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inside = getattr(found, "ipv4_mapped", None) or found
    return f"{inside}/{inside.max_prefixlen}"


def _network_remarks(policy: Policy) -> Iterator[str]:
    yield f"Who may reach {policy.image}, and whom it may reach, from what its workload did."
    yield (
        "A NetworkPolicy has addresses and no names: where the workload looked a name up, its"
        " address may change. Replace the blocks by selectors, or use a policy engine that knows"
        " names."
    )
    yield "Ports are taken as TCP, unless data was sent from a socket without a connection."
    if not policy.peers:
        yield "The workload connected to no address beyond its container: nothing is allowed out."
