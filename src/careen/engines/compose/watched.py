"""The compose document of one watched container, from its service and careen's own options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from careen.engines.bounds import OOM_SCORE, PROCESSES, most_processes
from careen.engines.compose.file import document_of, services_of
from careen.engines.compose.neighbours import shared, with_aliases
from careen.errors import InputError
from careen.model.runs.compose import ComposeService
from careen.model.runs.workload import RunOptions

_REPLACED = (
    *("build", "container_name", "depends_on", "develop", "healthcheck", "links", "ports"),
    *("profiles", "pull_policy", "restart", "scale", "cgroup_parent", "logging"),
)
"""What careen decides itself for the container that it watches."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What careen adds to a watched container: image, name, ports to publish, label, group."""

    image: str
    name: str
    ports: tuple[int, ...]
    labels: Mapping[str, str]
    cgroup_parent: str | None = None


def watched_document(
    service: ComposeService, options: RunOptions, wanted: Wanted
) -> dict[str, Any]:
    """Return the document whose only service is the watched container.

    Everything that the compose file says of the service stays, except what careen decides itself.
    `options` add to it as those of `docker run`.
    """
    document = document_of(service.document)
    own = services_of(document)[service.name]
    out = {key: value for key, value in own.items() if key not in _REPLACED}
    out |= {
        "image": wanted.image,
        "container_name": wanted.name,
        "labels": {**(own.get("labels") or {}), **wanted.labels},
        "healthcheck": {"disable": True},
        "restart": "no",
        "logging": {"driver": "json-file", "options": {"max-size": "64m", "max-file": "2"}},
    }
    out.setdefault("oom_score_adj", OOM_SCORE)
    limits = ((own.get("deploy") or {}).get("resources") or {}).get("limits") or {}
    if "pids_limit" not in own and "pids" not in limits:
        out["pids_limit"] = most_processes() or PROCESSES
    if "deploy" in own:
        out["deploy"] = {key: value for key, value in own["deploy"].items() if key != "replicas"}
    if wanted.cgroup_parent is not None:
        out["cgroup_parent"] = wanted.cgroup_parent
    names = [service.name, *([str(own["container_name"])] if own.get("container_name") else ())]
    with_aliases(out, names, document)
    _add_options(out, options, wanted)
    top = shared(document)
    if service.throwaway:
        _make_read_only(out, top)
    return {"services": {wanted.name: out}, **top}


def _add_options(out: dict[str, Any], options: RunOptions, wanted: Wanted) -> None:
    if options.gpus is not None:
        msg = "--gpus: with compose the file says it (deploy.resources.reservations.devices)"
        raise InputError(msg)
    for key, value in (
        ("user", options.user),
        ("shm_size", options.shm_size),
        ("mem_limit", options.memory),
    ):
        if value is not None:
            out[key] = doubled(value)
    if options.memory is not None:
        _drop_memory_limit(out)
    if options.read_only:
        out["read_only"] = True
    if options.entrypoint is not None:
        out["entrypoint"] = [doubled(options.entrypoint)] if options.entrypoint else []
        out["command"] = _doubled(options.args)
    elif options.args:
        out["command"] = _doubled(options.args)
    if options.env:
        out["environment"] = {**(out.get("environment") or {}), **_variables(options.env)}
    for key, values in (("tmpfs", options.tmpfs), ("dns", options.dns)):
        if values:
            there = out.get(key) or []
            there = [there] if isinstance(there, str) else list(there)
            out[key] = list(values) if key == "dns" else [*there, *_doubled(values)]
    if options.volumes:
        out["volumes"] = [*(out.get("volumes") or ()), *_doubled(options.volumes)]
    if options.network == "none":
        out.pop("networks", None)
        out["network_mode"] = "none"
    elif "network_mode" not in out:
        out["ports"] = [*options.ports, *(f"127.0.0.1::{port}" for port in wanted.ports)]
    if options.confinement is not None:
        _confine(out, options)


def _confine(out: dict[str, Any], options: RunOptions) -> None:
    confinement = options.confinement
    if confinement is None:
        return
    out["cap_drop"] = ["ALL"]
    out["cap_add"] = [name.removeprefix("CAP_") for name in confinement.capabilities]
    secured = [str(each) for each in out.get("security_opt") or ()]
    if confinement.no_new_privileges:
        secured.append("no-new-privileges:true")
    if confinement.seccomp is not None:
        secured = [each for each in secured if not each.startswith("seccomp")]
        secured.append(doubled(f"seccomp:{confinement.seccomp.absolute()}"))
    out["security_opt"] = list(dict.fromkeys(secured))
    if confinement.groups:
        out["group_add"] = [*(out.get("group_add") or ()), *map(str, confinement.groups)]


def _drop_memory_limit(out: dict[str, Any]) -> None:
    """Remove the limit that the file states in its other place."""
    for kind in ("limits", "reservations"):
        resources = dict((out.get("deploy") or {}).get("resources") or {})
        if "memory" in (resources.get(kind) or {}):
            kept = {key: value for key, value in resources[kind].items() if key != "memory"}
            out["deploy"] = {**out["deploy"], "resources": {**resources, kind: kept}}
    for key in ("memswap_limit", "mem_reservation"):
        out.pop(key, None)


def _variables(items: Sequence[str]) -> dict[str, str | None]:
    pairs = (item.partition("=") for item in items)
    return {name: doubled(value) if equals else None for name, equals, value in pairs}


def _make_read_only(out: dict[str, Any], top: Mapping[str, Any]) -> None:
    """Make what belongs to the user read-only: bind mounts and external volumes."""
    external = {key for key, each in (top.get("volumes") or {}).items() if each.get("external")}
    out["volumes"] = [
        {**each, "read_only": True}
        if isinstance(each, dict) and (each.get("type") == "bind" or each.get("source") in external)
        else each
        for each in out.get("volumes") or ()
    ]


def doubled(text: str) -> str:
    """Return a text with dollar signs that compose does not interpolate."""
    return text.replace("$", "$$")


def _doubled(words: Sequence[str]) -> list[str]:
    return [doubled(word) for word in words]
