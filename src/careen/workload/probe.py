"""Readiness probes of a container.

A probe returns None if the container is ready, else a few words on what is missing. It takes the
seconds left and blocks no longer than that. careen runs the HEALTHCHECK itself (health.py).
"""

import os
import select
import socket
import time
from collections.abc import Callable, Mapping
from typing import assert_never
from urllib.parse import quote, urlsplit, urlunsplit

from careen.errors import InputError, ToolError
from careen.model.runs.engine import Container
from careen.model.runs.linear_pattern import linear_pattern
from careen.model.runs.workload import (
    Ready,
    ReadyCommand,
    ReadyDefault,
    ReadyExit,
    ReadyHealthcheck,
    ReadyLog,
    ReadyTcp,
    ReadyUrl,
)
from careen.tools import process
from careen.tools.exchange import HEAD_ONLY, Request, Target, exchange
from careen.workload.health import PAUSE, HealthCheck, health_words
from careen.workload.ready import url_port

Probe = Callable[[float], str | None]

# a proxy in front of a closed port accepts, then closes within milliseconds
HOLD = 0.2
REQUEST = 10.0
SLOW = 2.0
GRACE_URL = 3.0
# longer than for an answer: a port for metrics may open long before the service
GRACE_TCP = 10.0
COMMAND = 30.0
LOG_LIMIT = 16 * 1024 * 1024
LONGEST_LINE = 4096  # the user's regular expression runs on output that an attacker may choose
_WORST = 400
_OK, _FAILS = 200, 400  # a redirect is an answer, too
_URL_SAFE = "%/?:@!$&'()*+,;="


def make_probe(
    ready: Ready, health: HealthCheck, ports: tuple[int, ...], environment: Mapping[str, str]
) -> Probe:
    """Return the probe for a settled readiness check of a started container.

    `health` is its HEALTHCHECK. `ports` are the candidates if the check names none; for several of
    them the probe is an `AnyPort`. Raises InputError if the port of a running container is not
    published.
    """
    try:
        return _probe_of(ready, health, ports, environment)
    except _NotPublishedError:
        # An engine forgets the ports of a container that has ended: report the end instead.
        if health.container.state().running:
            raise
        return lambda _left: "the container has ended"


class _NotPublishedError(InputError):
    """The engine maps no port of this machine to a port of the container."""


def _probe_of(
    ready: Ready, health: HealthCheck, ports: tuple[int, ...], environment: Mapping[str, str]
) -> Probe:
    container = health.container
    match ready:
        case ReadyUrl(url):
            named = url_port(url)
            return _any(
                (named,) if named is not None else ports,
                lambda port: _url_probe(_mapped_url(url, _host_port(container, port))),
                GRACE_URL,
            )
        case ReadyDefault() if ports:
            return _any(
                ports, lambda port: _tcp_probe(_host_port(container, port), port), GRACE_TCP
            )
        case ReadyTcp(port):
            return _tcp_probe(_host_port(container, port), port)
        case ReadyLog(pattern):
            return _LogProbe(container, pattern)
        case ReadyCommand(command):
            return _command_probe(command, environment)
        case ReadyHealthcheck(healthcheck):
            return _healthcheck_probe(health, healthcheck.test)
        case ReadyExit() | ReadyDefault():
            msg = f"no probe for {type(ready).__name__}: it is waited for in another way"
            raise InputError(msg)
        case _:
            assert_never(ready)


def _host_port(container: Container, port: int) -> int:
    mapped = container.host_port(port)
    if mapped is None:
        msg = f"readiness check: container port {port} is not published; publish it with -p {port}"
        raise _NotPublishedError(msg)
    return mapped


class AnyPort:
    """Probe of several ports; `answered` is the one that was chosen.

    The first in order is preferred: another one is chosen only if the first does not answer within
    `grace` seconds after it.
    """

    def __init__(self, probes: Mapping[int, Probe], grace: float) -> None:
        self.answered: int | None = None
        self._probes = probes
        self._grace = grace
        self._slow: set[int] = set()
        self._since: float | None = None

    def __call__(self, left: float) -> str | None:
        begun = time.monotonic()
        missing: dict[int, str] = {}
        # Slow ports last: a port that accepts and never answers must not delay the others.
        for port in sorted(self._probes, key=self._slow.__contains__):
            asked = time.monotonic()
            said = self._probes[port](max(left - (asked - begun), 0.1))
            if said is None:
                return self._settle(port, left, missing)
            missing[port] = said
            if time.monotonic() - asked > SLOW:
                self._slow.add(port)
        return "; ".join(f"port {port}: {missing[port]}" for port in self._probes)

    def _settle(self, port: int, left: float, missing: Mapping[int, str]) -> str | None:
        # Wait, so that the choice does not depend on chance.
        first = next(iter(self._probes))
        self._since = self._since if self._since is not None else time.monotonic()
        if port != first and time.monotonic() - self._since < min(self._grace, left - 1.0):
            return f"port {port} answers; port {first}: {missing.get(first, 'not asked yet')}"
        self.answered = port
        return None


def _any(ports: tuple[int, ...], make: Callable[[int], Probe], grace: float) -> Probe:
    return (
        make(ports[0]) if len(ports) == 1 else AnyPort({port: make(port) for port in ports}, grace)
    )


def _mapped_url(url: str, mapped: int) -> str:
    if url.startswith("/"):
        return f"http://127.0.0.1:{mapped}{url}"
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, f"127.0.0.1:{mapped}", parts.path or "/", parts.query, ""))


def _short(error: object) -> str:
    return " ".join(str(error).split())[:_WORST] or type(error).__name__


def _url_probe(url: str) -> Probe:
    parts = urlsplit(url)
    mapped = parts.port or 0
    # The Host header has the published port, as from any client of it.
    target = Target(mapped, mapped, tls=parts.scheme == "https")
    request = Request("GET", _request_target(parts.path, parts.query))

    def ask(left: float) -> str | None:
        reply = exchange(target, request, min(REQUEST, left), HEAD_ONLY)
        if reply.status is None:
            return f"GET {url}: {reply.note}"
        return None if _OK <= reply.status < _FAILS else f"GET {url} answers {reply.status}"

    return ask


def _request_target(path: str, query: str) -> str:
    written = quote(path or "/", safe=_URL_SAFE)
    return f"{written}?{quote(query, safe=_URL_SAFE)}" if query else written


def _tcp_probe(host_port: int, port: int) -> Probe:
    def ask(left: float) -> str | None:
        try:
            with socket.create_connection(
                ("127.0.0.1", host_port), timeout=min(REQUEST, left)
            ) as link:
                readable, _, _ = select.select([link], [], [], min(HOLD, left))
                if readable and not link.recv(1):
                    return f"port {port} closes its connections at once"
        except OSError as error:
            return f"port {port}: {_short(error)}"
        return None

    return ask


class _LogProbe:
    """Probe for a line of output; searches only what was printed since the last call."""

    def __init__(self, container: Container, pattern: str) -> None:
        self._container = container
        self._words = pattern
        self._pattern = linear_pattern(pattern)
        self._seen = 0

    # reading output does not block
    def __call__(self, left: float) -> str | None:  # noqa: ARG002
        logs = self._container.logs()
        start = self._seen if self._seen <= len(logs) < LOG_LIMIT // 4 else 0
        lines = logs[start:].encode("utf-8", "replace").decode().splitlines()
        if any(self._pattern.search(line[:LONGEST_LINE]) for line in lines):
            return None
        self._seen = logs.rfind("\n") + 1  # an incomplete line is searched again
        return f"no line of the output matches {self._words!r}"


def _command_probe(command: str, environment: Mapping[str, str]) -> Probe:
    def ask(left: float) -> str | None:
        done = process.run(
            ["/bin/sh", "-c", command],
            timeout=min(COMMAND, left),
            env={**os.environ, **environment},
            supervision=process.Supervision(),
        )
        return None if done.status == 0 else f"{command!r} {_ending(done.status)}: {done.complaint}"

    return ask


def _healthcheck_probe(health: HealthCheck, test: tuple[str, ...]) -> Probe:
    if not health.config.healthcheck_argv:
        msg = f"the image's HEALTHCHECK cannot be run: {test!r}; give --ready"
        raise InputError(msg)
    last = -1.0

    def ask(left: float) -> str | None:
        nonlocal last
        # Once a second is enough: a check may start an interpreter.
        if last >= 0 and (pause := last + PAUSE - time.monotonic()) > 0:
            time.sleep(min(pause, left))
        try:
            done = health.once(left)
        except ToolError as error:
            return f"HEALTHCHECK cannot be run: {_short(error)}"
        finally:
            last = time.monotonic()
        return None if done.status == 0 else f"HEALTHCHECK {health_words(done)}"

    return ask


def _ending(status: int | None) -> str:
    return "did not finish in time" if status is None else f"fails ({status})"
