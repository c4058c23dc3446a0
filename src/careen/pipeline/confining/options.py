"""Run options of a workload under a policy."""

import enum
from dataclasses import dataclass, replace
from pathlib import Path

from careen.engines.embedded.spec import CAPABILITIES
from careen.model.policies.policy import Policy, Writable, WritableBy
from careen.model.runs.workload import Confinement, RunOptions
from careen.policy.files.docker import tmpfs_words


class Part(enum.Enum):
    """Part of a policy that can be left out, to find what breaks a test."""

    SECCOMP = "the seccomp profile"
    ROOT = "the read-only root and its mounts"
    CAPABILITIES = "the dropped capabilities and no-new-privileges"
    USER = "the user"


@dataclass(frozen=True, slots=True)
class Applied:
    """A policy as an engine applies it.

    `profile` is the seccomp profile's file. `owners`: a tmpfs has an owner, which podman lacks.
    """

    policy: Policy
    profile: Path
    owners: bool = True


def confined(options: RunOptions, applied: Applied, without: Part | None = None) -> RunOptions:
    """Return the options under the policy; what they mount already stays as it is."""
    policy = applied.policy
    confinement = Confinement(
        tuple(each.name for each in policy.capabilities),
        policy.no_new_privileges,
        None if without is Part.SECCOMP else applied.profile,
        () if without is Part.USER else policy.user.groups,
    )
    if without is Part.CAPABILITIES:
        confinement = replace(
            confinement, capabilities=tuple(CAPABILITIES), no_new_privileges=False
        )
    changed = replace(options, confinement=confinement)
    if without is not Part.USER:
        changed = replace(changed, user=f"{policy.user.uid}:{policy.user.gid}")
    return changed if without is Part.ROOT else _mounted(changed, applied)


def _mounted(options: RunOptions, applied: Applied) -> RunOptions:
    policy = applied.policy
    taken = {item.partition(":")[0].rstrip("/") for item in options.tmpfs} | {
        _target(item).rstrip("/") for item in options.volumes
    }
    new = [each for each in policy.writable if each.path.rstrip("/") not in taken]
    return replace(
        options,
        read_only=options.read_only or policy.read_only,
        tmpfs=(
            *options.tmpfs,
            *(tmpfs_words(each, owners=applied.owners) for each in _by(new, WritableBy.TMPFS)),
        ),
        volumes=(*options.volumes, *(each.path for each in _by(new, WritableBy.VOLUME))),
    )


def _by(writable: list[Writable], by: WritableBy) -> list[Writable]:
    return [each for each in writable if each.by is by]


def _target(volume: str) -> str:
    """Return the path in the container of a `-v` value."""
    parts = volume.split(":")
    return parts[1] if len(parts) > 1 else parts[0]
