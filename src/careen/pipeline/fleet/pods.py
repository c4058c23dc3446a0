"""Lists of a cluster's pods, as `kubectl get pods -A -o json` prints them."""

import datetime as dt
import re
from pathlib import Path

from careen.clusters.pods import MOST_PODS, read_pods
from careen.errors import InputError, ToolError
from careen.evidence.sbom.digest import digest_in
from careen.model.fleet.running import RunningContainer

_LIST = re.compile(rb'\s*\{\s*"(?:apiVersion|kind)"\s*:\s*"(?:v1|List|PodList)"')
_HEAD = 4096


def is_pods(content: bytes) -> bool:
    """Return whether a document is a list of Kubernetes objects, by its first bytes."""
    return _LIST.match(content[:_HEAD]) is not None


def running_containers(content: bytes, where: str) -> tuple[RunningContainer, ...]:
    """Return the containers that run. Raises InputError for no list of pods, or a cut one."""
    try:
        pods = read_pods(content, where)
    except ToolError as error:
        raise InputError(str(error)) from error
    if len(pods) >= MOST_PODS:
        msg = (
            f"{where}: {MOST_PODS:,} pods or more are not read of one list; write one for each"
            " namespace (`kubectl get pods -n NAME -o json`)"
        )
        raise InputError(msg)
    return tuple(
        RunningContainer(pod.namespace, pod.name, each.name, each.image, digest_in(each.digest))
        for pod in pods
        for each in pod.containers
    )


def written(path: Path) -> str:
    """Return when a file was written (RFC 3339, UTC): a list states no time of its own."""
    try:
        changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    except (OSError, OverflowError, ValueError) as error:
        msg = f"{path}: its time cannot be read: {error}"
        raise InputError(msg) from error
    # A time to come would refuse every later list.
    return min(changed, dt.datetime.now(dt.UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
