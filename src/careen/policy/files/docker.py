"""Flags of `docker run` and `podman run`, and an override file for compose."""

from typing import Any

from careen.formats.yaml_writer import yaml_text
from careen.model.policies.policy import Policy, Writable, WritableBy
from careen.policy.files.apparmor import profile_name
from careen.policy.files.seccomp import FILE as SECCOMP

FLAGS, PODMAN_FLAGS = "docker-flags.txt", "podman-flags.txt"
COMPOSE = "compose.override.yaml"


def docker_flags(policy: Policy, *, owners: bool = True) -> bytes:
    """Return one flag a line, for `docker run $(cat docker-flags.txt) IMAGE` in the folder.

    Without `owners` it is for podman. With `audit` it has the profile, and a user that was asked
    for: the rest cannot be logged instead of refused.
    """
    words: list[str] = []
    if not policy.audit:
        words += [
            "--cap-drop=ALL",
            *(f"--cap-add={short(each.name)}" for each in policy.capabilities),
        ]
        words += ["--security-opt=no-new-privileges"] if policy.no_new_privileges else []
        words += ["--read-only"] if policy.read_only else []
    if policy.user.is_asked or not policy.audit:
        words += [f"--user={policy.user.uid}:{policy.user.gid}"]
        words += [f"--group-add={group}" for group in policy.user.groups]
    if not policy.audit:
        words += [_mount_flag(each, owners=owners) for each in policy.writable]
    if not policy.calls.unknown:
        words.append(f"--security-opt=seccomp={SECCOMP}")
    # The paths have no character that a shell or docker would read otherwise (policy/writable.py).
    return "".join(f"{word}\n" for word in words).encode()


def _mount_flag(writable: Writable, *, owners: bool) -> str:
    if writable.by is WritableBy.TMPFS:
        return f"--tmpfs={tmpfs_words(writable, owners=owners)}"
    return f"--volume={writable.path}"


def tmpfs_words(writable: Writable, *, owners: bool = True) -> str:
    """Return docker's `PATH:OPTIONS`.

    Podman knows no owner of a tmpfs: without `owners` anyone may write to one that is not root's.
    """
    code = "exec" if writable.executable else "noexec"
    mode, owner = f"{writable.mode:o}", ""
    if writable.uid or writable.gid:
        mode = mode if owners else "1777"
        owner = f",uid={writable.uid},gid={writable.gid}" if owners else ""
    return f"{writable.path}:rw,nosuid,nodev,{code},mode={mode}{owner}"


def compose_override(policy: Policy) -> bytes:
    """Return a file that compose merges over the service of the policy's name."""
    security = [] if policy.calls.unknown else [f"seccomp:./{SECCOMP}"]
    service = _user(policy) if policy.user.is_asked or not policy.audit else {}
    if not policy.audit:
        service |= _confined(policy)
        security = [*(["no-new-privileges:true"] if policy.no_new_privileges else []), *security]
    if security:
        service["security_opt"] = security
    comments = (
        f"The runtime policy of {policy.image}, from what its workload did.",
        "docker compose -f compose.yaml -f compose.override.yaml up",
        f"With AppArmor, add to security_opt: apparmor={profile_name(policy)}",
        *(f"{each.name}: {each.reason}" for each in policy.capabilities),
        *(f"{each.path}: {each.reason}" for each in policy.writable),
        *policy.left_open,
        *(f"the root can be written: {reason}" for reason in policy.fixed_root[:1]),
        *(f"privileges can be gained: {reason}" for reason in policy.privileges[:1]),
    )
    return yaml_text([{"services": {policy.name: service}}], comments)


def _user(policy: Policy) -> dict[str, Any]:
    user = policy.user
    groups = {"group_add": [str(group) for group in user.groups]} if user.groups else {}
    return {"user": f"{user.uid}:{user.gid}", **groups}


def _confined(policy: Policy) -> dict[str, Any]:
    service: dict[str, Any] = {
        "read_only": policy.read_only,
        "cap_drop": ["ALL"],
    }
    if policy.capabilities:
        service["cap_add"] = [short(each.name) for each in policy.capabilities]
    tmpfs = [tmpfs_words(each) for each in policy.writable if each.by is WritableBy.TMPFS]
    volumes = [
        {"type": "volume", "target": each.path}
        for each in policy.writable
        if each.by is WritableBy.VOLUME
    ]
    return service | ({"tmpfs": tmpfs} if tmpfs else {}) | ({"volumes": volumes} if volumes else {})


def short(capability: str) -> str:
    """Return a capability's name as docker, compose and Kubernetes have it."""
    return capability.removeprefix("CAP_")
