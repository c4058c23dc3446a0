"""All files of a policy."""

from collections.abc import Mapping

from careen.model.policies.policy import Policy
from careen.model.rbom import RuntimeBom
from careen.policy.files import apparmor, docker, kubernetes, kubescape, seccomp
from careen.policy.subject import Defaults


def policy_files(policy: Policy, bom: RuntimeBom, defaults: Defaults) -> Mapping[str, bytes]:
    """Return the content of each file by its name; what is unknown has no file."""
    files = {
        apparmor.FILE: apparmor.apparmor_profile(policy, bom),
        docker.FLAGS: docker.docker_flags(policy),
        docker.PODMAN_FLAGS: docker.docker_flags(policy, owners=False),
        docker.COMPOSE: docker.compose_override(policy),
        kubernetes.DEPLOYMENT: kubernetes.deployment(policy),
    }
    if not policy.calls.unknown:
        files[seccomp.FILE] = seccomp.seccomp_profile(policy, defaults)
    # No cluster logs what a NetworkPolicy refuses, and lets it pass.
    if not policy.network_unknown and not policy.audit:
        files[kubernetes.NETWORK] = kubernetes.network_policy(policy)
    if not policy.calls.unknown and not policy.network_unknown:
        files[kubescape.FILE] = kubescape.bill_of_behaviour(policy, bom)
        files[kubescape.CONTAINER] = kubescape.container_profile(policy, bom)
    return files


def names() -> tuple[str, ...]:
    """Return the names of all files that a policy may have."""
    return (
        seccomp.FILE,
        apparmor.FILE,
        docker.FLAGS,
        docker.PODMAN_FLAGS,
        docker.COMPOSE,
        kubernetes.DEPLOYMENT,
        kubernetes.NETWORK,
        kubescape.FILE,
        kubescape.CONTAINER,
    )
