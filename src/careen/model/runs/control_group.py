"""Names of containers' control groups, as engines, container runtimes and kubelets make them."""

import re
from dataclasses import dataclass

_ID = r"(?P<id>[0-9a-f]{64})"
# systemd's driver: `docker-ID.scope`. cgroupfs: `ID`, podman's `libpod-ID`. A containerd that was
# told of systemd's names and uses cgroupfs has `SLICE:cri-containerd:ID`.
_NAME = re.compile(
    rf"(?:(?P<prefix>[a-z][a-z-]{{0,31}})-|[^/]{{0,255}}:(?P<named>[a-z-]{{1,32}}):)?"
    rf"{_ID}(?:\.scope)?\Z"
)
_POD = re.compile(
    r"pod(?P<uid>[0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}"
    r"|[0-9a-f]{32})(?:\.slice)?\Z"
)
# Processes of a runtime that watch a container from outside have groups named by its ID, too.
_WATCHERS = frozenset({"crio-conmon", "libpod-conmon"})
_INNER = "container"  # crun's group below the named one, on cgroup v2 with systemd
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """What the name of a container's control group says.

    `runtime` is the prefix of the name (`cri-containerd`, `crio`, `docker`, `libpod`), "" without.
    `pod_uid` is that of the Kubernetes pod, with hyphens if it has any, "" outside of pods.
    """

    container_id: str
    runtime: str = ""
    pod_uid: str = ""


def parse_control_group(path: str) -> ControlGroup | None:
    """Return what the path of a control group says, None if it is not a container's."""
    parts = [part for part in path[:_LONGEST].split("/") if part]
    if len(parts) > 1 and parts[-1] == _INNER:
        parts.pop()
    match = _NAME.match(parts[-1]) if parts else None
    if match is None:
        return None
    runtime = match["prefix"] or match["named"] or ""
    if runtime in _WATCHERS:
        return None
    # The slice of a name with colons is a part of that name.
    above = [*parts[:-1], *parts[-1].split(":")[:-2]]
    return ControlGroup(match["id"], runtime, next(filter(None, map(pod_uid, above[::-1])), ""))


def pod_uid(name: str) -> str:
    """Return the UID of the pod whose control group has this name, "" if it is no pod's.

    Names are `podUID` and `kubepods-burstable-podUID.slice`, where systemd's have underscores.
    """
    match = _POD.search(name)
    begins = match is not None and (match.start() == 0 or name[match.start() - 1] == "-")
    return match["uid"].replace("_", "-") if match is not None and begins else ""
