"""What a running service offers, found on the original; every image then gets the same requests."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from careen.errors import ToolError
from careen.explore.abuse import OTHER, abuse, malformed_http_requests
from careen.explore.allowance import Allowance
from careen.explore.api_requests import api_tries
from careen.explore.common_requests import common_tries
from careen.explore.experiment import ReadyContainer
from careen.explore.trials import Try
from careen.formats.openapi import MAX_BYTES, Operation, openapi_operations, read_openapi
from careen.model.runs.exploration import Answer
from careen.tools.exchange import (
    CLOSED,
    ENDLESS,
    LATE,
    LOCAL,
    REFUSED,
    Request,
    Target,
    digested,
    exchange,
)

PLACES = (
    *(
        "/openapi.json",
        "/swagger.json",
        "/v3/api-docs",
        "/api/openapi.json",
        "/api-json",
        "/api-docs.json",
        "/api-docs",
        "/swagger/v1/swagger.json",
    ),
    *(
        "/openapi/v1.json",
        "/v1/openapi.json",
        "/api/v1/openapi.json",
        "/swagger/doc.json",
        "/api/swagger.json",
        "/openapi",
    ),
)
"""Usual paths of the OpenAPI document: FastAPI, Flask's and Rails' Swagger, Spring, Nest, ASP.NET,
Go's swag.
"""

GONE = "not asked: the container had ended"
TOO_SLOW = "not asked: too many answers had not come in time"
TIMES = 4
"""How often a request is repeated whose answers vary."""
_LOOK = 5.0
_HOLD = 0.3
_MAX_PORTS = 8
_HELD = 64 * 1024 * 1024  # bytes of bodies that one experiment keeps as text


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of the requests.

    `operations`, `choices` (values of enumerations for each), `tries` (requests in all), `works`
    (other requests that cause work) and `plain` (under a condition) are counts, so that load does
    not matter. `seconds` is for one request. After `late` late answers nothing more is sent.
    `total` seconds for an experiment (original only) and `making` seconds to make up the requests
    are last resorts.
    """

    operations: int
    choices: int
    tries: int
    works: int
    plain: int
    seconds: float
    total: float
    making: float
    late: int
    thorough: bool


SAFE = Bounds(
    operations=40,
    choices=4,
    tries=400,
    works=40,
    plain=12,
    seconds=10.0,
    total=900.0,
    making=20.0,
    late=9,
    thorough=False,
)
DEEP = Bounds(
    operations=400,
    choices=40,
    tries=10_000,
    works=10_000,
    plain=60,
    seconds=30.0,
    total=3600.0,
    making=120.0,
    late=40,
    thorough=True,
)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A port and its protocol: `http`, `https` or `other`."""

    port: int
    protocol: str


class Survey:
    """The tries of one workload, fixed by `settle`.

    `operations` are those of the OpenAPI document, or None. `untried` counts the tries for which
    time was too short. `cut` says that not all requests of the document were made up. `settled` is
    set once other experiments can make the same tries.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._begun = False
        self._asked = False
        self._spoken: tuple[_Spoken, ...] = ()
        self._tries: tuple[Try, ...] = ()
        self._port: int | None = None
        self._answering: set[str] = set()
        self.operations: tuple[Operation, ...] | None = None
        self.untried = 0
        self.cut = False
        self.settled = threading.Event()

    @property
    def total(self) -> float:
        """The seconds after which no further tries are made."""
        return self._bounds.total

    def settled_and_asked(self, live: ReadyContainer) -> Iterator[Answer]:
        """Settle the tries if necessary, and make them all."""
        self.settle(live)
        yield from self.ask(live)

    def awaited(self, _: ReadyContainer) -> Iterator[Answer]:
        """Wait until the tries are settled; yield no answers."""
        self.settled.wait()
        yield from ()

    def settle(self, live: ReadyContainer) -> None:
        """Look at the ports and fetch the document, if not done before."""
        if self._begun:
            return
        self._begun = True
        try:
            self._look(live)
        finally:
            self.settled.set()

    def _look(self, live: ReadyContainer) -> None:
        found = (
            (port, _protocol(port, host_port, live.patience))
            for port, host_port in list(live.ports.items())[:_MAX_PORTS]
        )
        self._spoken = tuple(_Spoken(port, protocol) for port, protocol in found if protocol)
        web = [each for each in self._spoken if each.protocol != "other"]
        for each in web:
            if self._read(_target(each, live), each.port, live.patience):
                return
        if web:
            self._port, self._tries = web[0].port, common_tries()

    def _read(self, target: Target, port: int, patience: float) -> bool:
        for place in PLACES:
            reply = exchange(target, Request("GET", place), _LOOK * patience, MAX_BYTES)
            # OK
            document = read_openapi(reply.body, place) if reply.status == 200 else None  # noqa: PLR2004
            if document is not None:
                own = Try(f"GET {place}: the document", Request("GET", place))
                packed = Try(
                    f"GET {place}: the document, packed",
                    Request("GET", place, (("Accept-Encoding", "gzip, br, zstd, deflate"),)),
                )
                known = {own.id, packed.id}
                made = self._made(document)
                works = {
                    each.id
                    for each in [each for each in made if each.works and not each.late][
                        self._bounds.works :
                    ]
                }
                rest = (*(each for each in made if each.id not in works), *common_tries())
                asked = {own.request, packed.request}
                self._tries = (
                    own,
                    packed,
                    *(each for each in rest if each.id not in known and each.request not in asked),
                )[: self._bounds.tries]
                self._port, self.operations = port, openapi_operations(document)
                return True
        return False

    def _made(self, document: Mapping[str, Any]) -> tuple[Try, ...]:
        bounds = self._bounds
        allowance = Allowance(bounds.making)
        made = api_tries(
            document, bounds.operations, bounds.choices, allowance, thorough=bounds.thorough
        )
        self.cut = allowance.ended
        return made

    def ask(self, live: ReadyContainer) -> Iterator[Answer]:
        """Make all tries that leave the service as it is.

        The first call makes as many as time allows; later calls make the same ones.
        """
        until = time.monotonic() + self._bounds.total
        made: list[Try] = []
        wanted = tuple(each for each in self._tries if not each.late)
        for answer, each in self._answers(live, wanted):
            if not self._asked and answer.note == TOO_SLOW:
                break
            made.append(each)
            yield answer
            if not self._asked and time.monotonic() > until:
                break
        if not self._asked:
            self.untried = len(wanted) - len(made)
            self._tries, self._asked = (*made, *(each for each in self._tries if each.late)), True

    def ask_late(self, live: ReadyContainer) -> Iterator[Answer]:
        """Make the tries that delete or end something, until the container has ended."""
        for answer, _ in self._answers(
            live, tuple(each for each in self._tries if each.late)[: self._bounds.operations]
        ):
            yield answer

    def ask_plain(self, live: ReadyContainer, mark: str = "") -> Iterator[Answer]:
        """Make the plainest try of each operation.

        `mark` is appended to the ids ("again": a repetition).
        """
        plain = [each for each in self._tries if each.plain and not each.late][
            : self._bounds.plain
        ] or list(self._tries[:1])
        marked = (replace(each, id=f"{each.id} ({mark})") for each in plain) if mark else plain
        yield from (answer for answer, _ in self._answers(live, tuple(marked)))

    def _answers(
        self, live: ReadyContainer, tries: tuple[Try, ...]
    ) -> Iterator[tuple[Answer, Try]]:
        target = next(
            (_target(each, live) for each in self._spoken if each.port == self._port), None
        )
        gone = False
        held = late = 0
        for each in _repeated(tries, live.again) if target is not None and target.host_port else ():
            begun = time.monotonic()
            if gone or target is None:
                yield (
                    Answer(each.id, "http", None, note=GONE, operation=each.operation, begun=begun),
                    each,
                )
                continue
            if late >= self._bounds.late:
                yield (
                    Answer(
                        each.id,
                        "http",
                        None,
                        note=TOO_SLOW,
                        operation=each.operation,
                        begun=begun,
                        late=True,
                    ),
                    each,
                )
                continue
            reply = exchange(target, each.request, self._bounds.seconds * live.patience)
            seconds = time.monotonic() - begun
            held += len(reply.body)
            body = reply.text if held <= _HELD else digested(reply.body)
            is_late = reply.note in {LATE, ENDLESS}
            late += is_late
            yield (
                Answer(
                    each.id,
                    "http",
                    reply.status,
                    reply.headers,
                    body,
                    reply.note,
                    each.operation,
                    begun,
                    seconds,
                    is_late,
                ),
                each,
            )
            gone = reply.note in {CLOSED, REFUSED, LATE} and not _running(live)

    def abuse(self, live: ReadyContainer) -> Iterator[Answer]:
        """Send malformed requests to every port that listens."""
        path = next(
            (
                each.request.target
                for each in self._tries
                if each.plain and not each.late and each.request.method == "POST"
            ),
            "/",
        )
        for each in self._spoken:
            if not _running(live):
                return
            target = _target(each, live)
            nonsense = (
                OTHER if each.protocol == "other" else malformed_http_requests(each.port, path)
            )
            for answer in abuse(
                target,
                nonsense
                if self._bounds.thorough
                else tuple(one for one in nonsense if one.telling),
                self._answering,
            ):
                if answer.note != LATE:
                    self._answering.add(answer.id)
                yield answer


def _repeated(tries: tuple[Try, ...], again: frozenset[str]) -> Iterator[Try]:
    """Yield the tries, each of `again` with its repetitions unless it ends something."""
    for each in tries:
        yield each
        if each.id in again and not each.late:
            yield from (
                replace(each, id=f"{each.id} ({number})") for number in range(11, 11 + TIMES)
            )


def _target(spoken: _Spoken, live: ReadyContainer) -> Target:
    return Target(spoken.port, live.ports.get(spoken.port, 0), tls=spoken.protocol == "https")


def _running(live: ReadyContainer) -> bool:
    try:
        return live.container.state().running
    except ToolError:
        return False


def _protocol(port: int, host_port: int, patience: float) -> str:
    """Return the protocol of a port, or "" if nothing listens."""
    try:
        with socket.create_connection((LOCAL, host_port), timeout=_LOOK) as link:
            link.settimeout(_HOLD)
            if not link.recv(1):  # a proxy for a closed port accepts, and closes at once
                return ""
            return "other"  # a web server does not send first
    except TimeoutError:
        pass
    except OSError:
        return ""
    for tls, name in ((False, "http"), (True, "https")):
        if (
            exchange(Target(port, host_port, tls), Request("GET", "/"), _LOOK * patience).status
            is not None
        ):
            return name
    return "other"
