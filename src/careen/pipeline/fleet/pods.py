"""Lists of a cluster's pods, as `kubectl get pods -A -o json` prints them, or its API server."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from careen.clusters.pods import Pod, read_pods, rest_of
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
        pods, rest = read_pods(content, where), rest_of(content, where)
    except ToolError as error:
        raise InputError(str(error)) from error
    if rest:
        msg = f"{where}: the first page of a list; write the whole (`kubectl get pods -A -o json`)"
        raise InputError(msg)
    return tuple(_containers(pods))


def _containers(pods: Iterable[Pod]) -> Iterator[RunningContainer]:
    for pod in pods:
        for each in pod.containers:
            digest = digest_in(each.digest)
            yield RunningContainer(pod.namespace, pod.name, each.name, each.image, digest)


@dataclass(frozen=True, slots=True)
class LiveCluster:
    """A cluster that is asked what runs; `place` and `environ` are as in `all_pods`."""

    name: str
    place: str
    environ: Mapping[str, str]

    def running(self) -> tuple[RunningContainer, ...]:
        """Return the containers that run now. Raises InputError or ToolError as `all_pods`."""
        from careen.clusters.whole_cluster import all_pods  # its imports take long

        return tuple(_containers(chain.from_iterable(all_pods(self.place, self.environ))))


def written(path: Path) -> str:
    """Return when a file was written (RFC 3339, UTC): a list states no time of its own."""
    try:
        changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    except (OSError, OverflowError, ValueError) as error:
        msg = f"{path}: its time cannot be read: {error}"
        raise InputError(msg) from error
    # A time to come would refuse every later list.
    return min(changed, dt.datetime.now(dt.UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
