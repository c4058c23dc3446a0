"""Variables for a new container, kept off the client's command line.

A value may be a password, and every user of the machine can read command lines. The client reads
the variables from its standard input. Values that its file format cannot hold (a line break) go
into the client's environment, which only this user can read, and are passed by name.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from careen.engines.client.environment import file_line
from careen.errors import InputError

# Variables that would change the client itself or the programs that it starts.
_CLIENTS = re.compile(
    r"(?:DOCKER|BUILDKIT|BUILDX|CONTAINERS?|PODMAN|STORAGE|OTEL|LD|CAREEN)_.*|PATH|HOME|USER|TMPDIR|.*_proxy|SSL_CERT_(?:FILE|DIR)"
    r"|XDG_.*|GODEBUG|GOGC|GOMAXPROCS|GOMEMLIMIT|GORACE|GOTRACEBACK",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Given:
    """The client's options, standard input (None: none) and environment (None: careen's)."""

    words: tuple[str, ...] = ()
    stdin: IO[bytes] | None = None
    environment: Mapping[str, str] | None = None


@contextmanager
def variables(items: Sequence[str]) -> Iterator[Given]:
    """Yield how to pass `NAME=VALUE`, or `NAME` with this process's value, to the client.

    Raises InputError, without the value, for what cannot be passed.
    """
    lines, named, inherited = _sorted(items)
    words = tuple(word for name in (*inherited, *named) for word in ("--env", name))
    environment = {**os.environ, **named} if named else None
    if not lines:
        yield Given(words, None, environment)
        return
    with os.fdopen(os.memfd_create("careen-environment", os.MFD_CLOEXEC), "w+b") as stream:
        stream.write(b"".join(lines))
        stream.seek(0)
        yield Given(("--env-file", "/dev/stdin", *words), stream, environment)


def _sorted(items: Sequence[str]) -> tuple[list[bytes], dict[str, str], list[str]]:
    """Return lines for the file, values to pass by name, and names without a value."""
    last = {item.partition("=")[0]: item for item in items}
    lines: list[bytes] = []
    named: dict[str, str] = {}
    inherited: list[str] = []
    for name, item in last.items():
        _, equals, value = item.partition("=")
        if not equals:
            inherited.append(name)
            continue
        try:
            lines.append(file_line(name, value))
        except InputError:
            named[name] = _by_name(name, value)
    return lines, named, inherited


def _by_name(name: str, value: str) -> str:
    trouble = ""
    if not name:
        trouble = "has no name"
    elif "\0" in name or "\0" in value:
        trouble = "has a NUL byte"
    elif _CLIENTS.fullmatch(name):
        trouble = (
            "means something to the client, and has a value that only its environment can hold"
        )
    if trouble:
        msg = f"-e {name!r}: the variable {trouble}: it cannot be given to a container"
        raise InputError(msg)
    return value
