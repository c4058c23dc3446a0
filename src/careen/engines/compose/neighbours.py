"""Which services a watched one needs beside it, and the compose document that starts them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from careen.engines.compose.file import image_of, services_of
from careen.errors import InputError

RESTARTING = ("always", "unless-stopped")
_OWN = ("build", "container_name", "develop", "ports", "profiles", "scale")
"""What a neighbour in careen's project does not have: a fixed name or port would collide with the
user's own project, and careen builds nothing.
"""
_PULLS = ("always", "build", "daily", "weekly")


def needed(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the services to start beside one: all that it depends on, else all others.

    The others are those without profiles that do not depend on it themselves. Most files of small
    projects state no dependencies.
    """
    services = services_of(document)
    found = [each for each in _closure(services, name) if each != name]
    if found:
        return tuple(sorted(found))
    return tuple(
        sorted(
            other
            for other, service in services.items()
            if other != name
            and not service.get("profiles")
            and name not in _closure(services, other)
        )
    )


def conditions(document: Mapping[str, Any], name: str) -> Mapping[str, tuple[str, bool]]:
    """Return the condition of each direct dependency, and whether it is required."""
    found = services_of(document)[name].get("depends_on") or {}
    return {
        str(other): (
            str((how or {}).get("condition") or "service_started"),
            bool((how or {}).get("required", True)),
        )
        for other, how in found.items()
    }


def _closure(services: Mapping[str, Mapping[str, Any]], name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for other in services.get(waiting.pop(), {}).get("depends_on") or {}:
            if other not in found and other in services:
                found.add(other)
                waiting.append(other)
    return found


def neighbours_document(
    document: Mapping[str, Any], name: str, labels: Mapping[str, str]
) -> dict[str, Any]:
    """Return the document with the neighbours of a service, for a project of careen's own."""
    chosen = needed(document, name)
    services = services_of(document)
    aliases = dict(_links(services[name]))
    out = {}
    for other in chosen:
        mine = {key: value for key, value in services[other].items() if key not in _OWN}
        mine["image"] = services[other].get("image") or image_of(document, other)
        if str(mine.get("pull_policy")).startswith((*_PULLS, "every_")):
            mine["pull_policy"] = "missing"  # both images meet the same neighbour
        if mine.get("restart") in RESTARTING:
            mine["restart"] = "on-failure"  # not after the machine was started again
        if depends := mine.get("depends_on"):
            mine["depends_on"] = {key: how for key, how in depends.items() if key in chosen}
        mine["labels"] = {**(mine.get("labels") or {}), **labels}
        names = [other, *aliases.get(other, ())]
        if own := services[other].get("container_name"):
            names.append(str(own))
        with_aliases(mine, names, document)
        out[other] = mine
    return {"services": out, **shared(document)}


def shared(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return networks, volumes, secrets and configs, with names of the project's own.

    What is `external` keeps its name: it is the user's.
    """
    out: dict[str, Any] = {}
    for kind in ("networks", "volumes", "secrets", "configs"):
        if found := document.get(kind):
            out[kind] = {key: _renamed(each) for key, each in found.items()}
    return out


def _renamed(each: Mapping[str, Any] | None) -> dict[str, Any]:
    if not each or each.get("external"):
        return dict(each or {})
    return {key: value for key, value in each.items() if key != "name"}


def with_aliases(
    service: dict[str, Any], names: Sequence[str], document: Mapping[str, Any]
) -> None:
    """Make a service reachable by more names in each network of the project, and by none in others.

    In an external network these names are those of the user's own containers.
    """
    networks = service.get("networks")
    if not networks:
        return
    stated = document.get("networks") or {}
    out = {}
    for key, how in networks.items():
        out[key] = {name: value for name, value in (how or {}).items() if name != "aliases"}
        if not (stated.get(key) or {}).get("external"):
            own = (how or {}).get("aliases") or ()
            out[key]["aliases"] = list(dict.fromkeys((*own, *names)))
    service["networks"] = out


def _links(service: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the names that a service has for its neighbours (`links: [db:database]`)."""
    found: dict[str, list[str]] = {}
    for link in service.get("links") or ():
        other, _, alias = str(link).partition(":")
        found.setdefault(other, []).append(alias or other)
    yield from ((other, tuple(names)) for other, names in found.items())


def check_service(document: Mapping[str, Any], name: str) -> None:
    """Raise InputError for a service that careen cannot watch in its project."""
    services = services_of(document)
    if name not in services:
        msg = f"service {name!r}: not in the compose file, which has {', '.join(services)}"
        raise InputError(msg)
    found = (*_troubles(services[name]), *_late(document, services[name]))
    trouble = next(iter(found), "")
    if trouble:
        msg = f"service {name!r}: {trouble}"
        raise InputError(msg)


def _troubles(service: Mapping[str, Any]) -> Iterator[str]:
    mode = str(service.get("network_mode") or "")
    if mode and mode != "none":
        yield (
            f"network_mode {mode!r}: careen publishes the ports of the service it watches, and"
            " needs a network of the project for it; remove the key, or harden the image alone"
        )
    for key in ("ipc", "pid"):
        if str(service.get(key) or "").startswith(("service:", "container:")):
            yield f"{key} {service[key]!r}: the service cannot be watched apart from the other one"
    if service.get("volumes_from"):
        yield "volumes_from: name the volume in both services instead"
    if service.get("provider"):
        yield "provider: it is no container"


def _late(document: Mapping[str, Any], service: Mapping[str, Any]) -> Iterator[str]:
    """Yield what compose puts into a container only when it starts the container itself."""
    for kind in ("secrets", "configs"):
        for each in service.get(kind) or ():
            name = str(each.get("source") if isinstance(each, dict) else each)
            if not ((document.get(kind) or {}).get(name) or {}).get("file"):
                yield f"{kind} {name!r}: careen starts the container, so it has to be a file"
