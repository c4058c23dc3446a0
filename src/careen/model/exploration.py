"""What careen tries beyond the user's tests, and what came of it on one image."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.model.trace import Trace


class Effort(enum.Enum):
    """How much is tried (`--explore`)."""

    OFF = "off"
    SAFE = "safe"
    DEEP = "deep"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one try gave: a request, a command, a signal, an import. The same try on another image
    has the same `id` ("POST /embed: no body").

    `kind` is `http`, `exec`, `signal`, `raw`, `import` or `run`. `status` is the HTTP or exit
    status, None when there was none (a closed connection, a time-out): `note` says so, and `late`
    that a time limit of careen's came first. `headers` are those that a client may rely on; `body`
    is bounded text. `begun` is of the monotonic clock; `operation` names the operation of the
    service's OpenAPI document that was called ("POST /embed"), "" if none.
    """

    id: str
    kind: str
    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    note: str = ""
    operation: str = ""
    begun: float = 0.0
    seconds: float = 0.0
    late: bool = False


@dataclass(frozen=True, slots=True)
class Explored:
    """One experiment on one image, in a container of its own: its answers in the order of the
    tries, and what the sensor saw.

    `skipped` is the reason why it was not run (or not to its end), "" when it was. `ready_seconds`
    is None when it never became ready; `exit_code` None when it had to be killed. `begun` is of the
    monotonic clock; `started` RFC 3339 UTC; `command` the container's argv.
    """

    experiment: str
    title: str
    answers: tuple[Answer, ...]
    trace: Trace | None
    started: str = ""
    command: tuple[str, ...] = ()
    skipped: str = ""
    ready_seconds: float | None = None
    exit_code: int | None = None
    logs: str = ""
    memory_peak: int | None = None
    begun: float = 0.0
    seconds: float = 0.0
