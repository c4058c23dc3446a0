"""Reader of a list of pods (`v1.PodList`), as kubelets and API servers answer it."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.errors import ToolError
from careen.formats.json_document import parse

LARGEST = 64 << 20
"""Limit on a list's bytes; a node with 110 pods has some 2 MB."""

_ID = re.compile(r"([a-z-]{1,32})://([0-9a-f]{64})\Z")
_DIGEST = re.compile(r"(?:[a-z-]+://)?([^@\s]+@sha256:[0-9a-f]{64})\Z")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\Z")
# Which of its controller's templates a pod was made from, by the controllers' own labels.
_TEMPLATES = ("pod-template-hash", "controller-revision-hash")
# A CronJob's Jobs end with the minute they are for; each is one run of the same.
_RUN = re.compile(r"-[0-9]{7,10}\Z")
_JOB = "Job"
_MIRRORED = "kubernetes.io/config.mirror"
MOST_PODS = 10_000
"""Limit on the pods of one list, running or not."""


@dataclass(frozen=True, slots=True)
class PodContainer:
    """A running container of a pod.

    `image` is what the pod asks for, `digest` the registry's name of what runs (`NAME@sha256:…`),
    "" if the node has it from no registry.
    """

    name: str
    container_id: str
    runtime: str
    image: str
    digest: str


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod that runs, and its containers that do.

    `owner` is its controller (`ReplicaSet/api-5d8f9c`), "" without one. `template` is the hash of
    the template that it was made from, for a Job that of its containers, else the pod's name.
    `group_uid` is the UID in the name of its control group.
    """

    namespace: str
    name: str
    uid: str
    node: str
    labels: Mapping[str, str]
    owner: str
    template: str
    sandboxed: bool
    group_uid: str
    containers: tuple[PodContainer, ...]

    @property
    def workload(self) -> str:
        """The name of what the pod is of: that of its controller, without the template's hash."""
        kind, _, name = self.owner.rpartition("/")
        if kind == _JOB:
            return _RUN.sub("", name) or name
        name = name or self.name
        return name.removesuffix(f"-{self.template}") or name


def read_pods(data: bytes, where: str) -> tuple[Pod, ...]:
    """Return the running pods of a list; what is not well formed is left out.

    Raises ToolError that names `where` if it is no list of pods at all, or has too many.
    """
    document = parse(data, where, ToolError, limit=LARGEST)
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        msg = f"{where}: not a list of pods (no `items`); name the address of a kubelet's /pods"
        raise ToolError(msg)
    if len(items) > MOST_PODS:
        msg = (
            f"{where}: more than {MOST_PODS:,} pods in one list; have careen ask the API server, or"
            " write one list for each namespace (`kubectl get pods -n NAME -o json`) or node"
        )
        raise ToolError(msg)
    return tuple(pod for item in items if (pod := _pod(_object(item))) is not None)


def rest_of(data: bytes, where: str) -> str:
    """Return what an API server calls the rest of a list, "" at its end. Raises ToolError."""
    return _text(_about(data, where).get("continue"))


def version_of(data: bytes, where: str) -> str:
    """Return the state of a cluster that a list is of, "" without one. Raises ToolError."""
    return _text(_about(data, where).get("resourceVersion"))


def _about(data: bytes, where: str) -> Mapping[str, Any]:
    document = parse(data, where, ToolError, limit=LARGEST)
    return _object(_object(document).get("metadata"))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (
        item for item in (value if isinstance(value, list) else ()) if isinstance(item, dict)
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _pod(item: Mapping[str, Any]) -> Pod | None:
    about, spec, status = (_object(item.get(key)) for key in ("metadata", "spec", "status"))
    name, namespace, uid = (_text(about.get(key)) for key in ("name", "namespace", "uid"))
    if _text(status.get("phase")) != "Running" or not (
        _NAME.match(name) and _NAME.match(namespace) and uid
    ):
        return None
    labels = {
        key: value for key, value in _object(about.get("labels")).items() if isinstance(value, str)
    }
    owners = [each for each in _objects(about.get("ownerReferences")) if each.get("controller")]
    owner = f"{_text(owners[0].get('kind'))}/{_text(owners[0].get('name'))}" if owners else ""
    own = _program(spec) if owner.startswith(f"{_JOB}/") else name
    template = next((labels[key] for key in _TEMPLATES if _is_name(labels.get(key))), own)
    asked = {
        _text(each.get("name")): _text(each.get("image"))
        for key in ("initContainers", "containers")
        for each in _objects(spec.get(key))
    }
    running = tuple(
        found
        for key in ("initContainerStatuses", "containerStatuses")
        for each in _objects(status.get(key))
        if (found := _container(each, asked)) is not None
    )
    return Pod(
        namespace,
        name,
        uid,
        _text(spec.get("nodeName")),
        labels,
        owner if _is_name(owner.partition("/")[2]) else "",
        template,
        bool(spec.get("runtimeClassName")),
        # The API server has a static pod under a UID of its own; the kubelet names it by the hash.
        _text(_object(about.get("annotations")).get(_MIRRORED)) or uid,
        running,
    )


def _program(spec: Mapping[str, Any]) -> str:
    """Return a hash of what a pod runs, which is the same in each run of a Job's template."""
    said = [
        [each.get(key) for key in ("name", "image", "command", "args")]
        for kind in ("initContainers", "containers")
        for each in _objects(spec.get(kind))
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:10]


def _is_name(text: str | None) -> bool:
    return text is not None and _NAME.match(text) is not None


def _container(status: Mapping[str, Any], asked: Mapping[str, str]) -> PodContainer | None:
    name = _text(status.get("name"))
    identity = _ID.match(_text(status.get("containerID")))
    if identity is None or not _NAME.match(name) or "running" not in _object(status.get("state")):
        return None
    digest = _DIGEST.match(_text(status.get("imageID")))
    return PodContainer(
        name, identity[2], identity[1], asked.get(name, ""), digest[1] if digest else ""
    )
