"""Values of exploration: what was tried beyond the tests, and the answers."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.model.runs.trace import Trace


class Effort(enum.Enum):
    """Level of exploration (`--explore`)."""

    OFF = "off"
    SAFE = "safe"
    DEEP = "deep"


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer to one try: a request, command, signal or import.

    A try has the same `id` on every image ("POST /embed: no body"). `kind` is `http`, `exec`,
    `signal`, `raw`, `import` or `run`. `status` is the HTTP or exit status, None if there was none;
    `note` then says why, and `late` that a time limit of careen expired. `headers` are those that a
    client may rely on; `body` is bounded. `begun` is of the monotonic clock. `operation` is the
    OpenAPI operation that was called, "" if none.
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
    """One experiment on one image, in its own container.

    `answers` are in the order of the tries. `skipped` says why it was not run to its end, else "".
    `ready_seconds` is None if it never became ready, `exit_code` if it had to be killed. `begun` is
    of the monotonic clock, `started` is RFC 3339 UTC, and `command` is the container's argv.
    `served` says that a command became ready as the service does, `waited` for how many seconds a
    running service was waited for that never became ready. `held_up` is for how many seconds it
    waited for a processor until it was ready, None if unknown. `yielded`: it left the processors to
    others.
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
    served: bool = False
    waited: float | None = None
    held_up: float | None = None
    yielded: bool = False
