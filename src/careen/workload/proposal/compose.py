"""What a compose file says of its services, for a first careen.toml."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from careen.model.image import ImageConfig
from careen.workload.ports import exposed_tcp_ports
from careen.workload.proposal.facts import Facts, facts_of
from careen.workload.proposal.found_tests import FoundTest
from careen.workload.proposal.settings import Setting, workload_settings

_COMPLETED = "service_completed_successfully"
_DROPPED = ("user", "volumes")
"""What a workload of a compose service does not repeat."""


def chosen_services(document: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return the services to harden, and why: those that are built, else those on top."""
    services: Mapping[str, Mapping[str, Any]] = document["services"]
    built = tuple(name for name, service in services.items() if service.get("build"))
    if built:
        return built, "the compose file builds it"
    needed = {other for service in services.values() for other in service.get("depends_on") or {}}
    top = tuple(name for name in services if name not in needed)
    return top or tuple(services), "no service of the compose file depends on it"


def service_facts(
    document: Mapping[str, Any], name: str, file: str, config: ImageConfig | None
) -> Facts:
    """Return the facts of a service; `config` is of its image, None if it is not here."""
    service = document["services"][name]
    origin = f"service {name} of {file}"
    facts = Facts(origin) if config is None else facts_of(config, exposed_tcp_ports(config), origin)
    ports = [
        int(port["target"])
        for port in service.get("ports") or ()
        if isinstance(port, dict) and port.get("protocol", "tcp") == "tcp" and port.get("target")
    ]
    health = (service.get("healthcheck") or {}).get("test")
    unset = [key for key, value in (service.get("environment") or {}).items() if value is None]
    finished = any(
        ((other.get("depends_on") or {}).get(name) or {}).get("condition") == _COMPLETED
        for other in document["services"].values()
    )
    return replace(
        facts,
        ports=() if finished else tuple(dict.fromkeys((*ports, *facts.ports))),
        health="" if finished else " ".join(map(str, health)) if health else facts.health,
        unset=(),
        asked=tuple(unset),
        is_worker=not finished,
    )


def compose_settings(facts: Facts, tests: Sequence[FoundTest]) -> tuple[Setting, ...]:
    """Return the settings of a compose service's workload."""
    out = []
    for setting in workload_settings(facts, tests):
        if setting.key == "env":
            source = (
                f"{facts.origin} takes {', '.join(facts.asked)} from the environment that careen"
                " runs in: set what it needs"
            )
            out.append(replace(setting, source=source, active=False))
        elif setting.key not in _DROPPED:
            out.append(setting)
    return tuple(out)
