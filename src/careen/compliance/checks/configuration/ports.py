"""The ports that the image states, and those that its workload listens on."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from careen.compliance.accounts import number
from careen.compliance.check import Check, Decision, none_of, not_evaluable, passed
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.rbom import RunKind, RuntimeBom
from careen.model.runs.trace import Endpoint, SensorKind

_PRIVILEGED, _HIGHEST = 1024, 65535
_REMOTE = frozenset({22, 23, 512, 513, 514, 2222, 3389, 5900})  # logins from outside
_KEY = "config.ExposedPorts"


@dataclass(frozen=True, slots=True)
class _Ports:
    """A port or range of ports as the image states it: 8080/tcp, 20-25/tcp."""

    text: str
    first: int
    last: int

    def has(self, port: int) -> bool:
        return self.first <= port <= self.last


def _stated(subject: Subject) -> tuple[tuple[_Ports, ...], tuple[str, ...]]:
    """Return the ports that the image states, and what cannot be read as one."""
    read: list[_Ports] = []
    unread: list[str] = []
    for port in subject.config.exposed_ports:
        text = str(port)
        low, dash, high = text.partition("/")[0].partition("-")
        first, last = number(low), number(high if dash else low)
        if first is None or last is None or not first <= last <= _HIGHEST:
            unread.append(text)
        else:
            read.append(_Ports(text, first, last))
    return tuple(read), tuple(unread)


def _exposed(subject: Subject, is_bad: Callable[[_Ports], bool], what: str) -> Decision:
    stated, unread = _stated(subject)
    if not stated and not unread:
        return passed("the image states no ports (EXPOSE)", [Evidence(_KEY, "(not set)")])
    found = [Evidence(_KEY, each.text) for each in stated if is_bad(each)]
    if unread and not found:
        return not_evaluable(f"{len(unread)} stated ports are no numbers, such as {unread[0]!r}")
    return none_of(found, f"{{}} ports are {what}", f"none of {len(stated)} stated ports is {what}")


def _privileged(subject: Subject) -> Decision:
    return _exposed(subject, lambda each: each.last > 0 and each.first < _PRIVILEGED, "below 1024")


def _remote(subject: Subject) -> Decision:
    return _exposed(subject, lambda each: any(map(each.has, _REMOTE)), "for logins from outside")


def _listeners(subject: Subject) -> Decision:
    if subject.rbom is None:
        return not_evaluable("no RBOM was given (--rbom): which ports are used is not known")
    bound = {each.port for each in subject.rbom.endpoints if _is_reachable(each)}
    stated, _ = _stated(subject)
    found = [
        Evidence("RBOM endpoints", f"listens on {port}")
        for port in sorted(bound)
        if not any(each.has(port) for each in stated)
    ]
    if not found and (unseen := _unseen(subject.rbom)):
        return not_evaluable(unseen)
    return none_of(
        found,
        "{} ports are listened on that EXPOSE does not state",
        f"all {len(bound)} ports that the workload listened on are stated by EXPOSE",
    )


def _unseen(bom: RuntimeBom) -> str:
    """Return why a port could be listened on that the RBOM does not have, or ""."""
    if not bom.completeness.complete:
        return f"the RBOM is incomplete: {bom.completeness.sentence()}"
    if not any(run.kind is RunKind.WORKLOAD for run in bom.runs):
        return "the RBOM has no run of a workload from its start, where ports are opened"
    if any(run.sensor.kind is SensorKind.FANOTIFY for run in bom.runs):
        return "the RBOM is of a sensor that sees no ports (fanotify)"
    return ""


def _is_reachable(endpoint: Endpoint) -> bool:
    if endpoint.direction != "bind" or endpoint.family == "unix" or not endpoint.port:
        return False
    try:
        return not ipaddress.ip_address(endpoint.address).is_loopback
    except ValueError:
        return True


CHECKS = (
    Check(
        id="no-privileged-ports",
        title="No stated port is below 1024",
        reads="configuration: ExposedPorts",
        fix="Let the service listen on a port from 1024 on; the platform maps it.",
        command="docker image inspect --format '{{json .Config.ExposedPorts}}' IMAGE",
        decide=_privileged,
    ),
    Check(
        id="no-login-ports",
        title="No stated port is one for logins",
        reads="configuration: ExposedPorts",
        fix="Remove the service and its EXPOSE.",
        command="docker image inspect --format '{{json .Config.ExposedPorts}}' IMAGE",
        decide=_remote,
    ),
    Check(
        id="listeners-stated",
        title="The workload listens only on stated ports",
        reads="configuration: ExposedPorts; RBOM",
        fix="State the port by EXPOSE, or let the service not listen on it.",
        command="careen profile IMAGE --test COMMAND --rbom-dir DIR",
        decide=_listeners,
    ),
)
