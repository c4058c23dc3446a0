"""Calls of the docker command line and the meaning of its errors."""

import json
from collections.abc import Mapping
from typing import IO, Any

from careen.errors import InputError, ToolError
from careen.tools.process import Finished, Program, run

DOCKER = Program(("docker",), "docker.io")

SHORT = 60.0
"""Seconds for a call that does not transfer an image."""

LONG = 3600.0
"""Seconds for a call that transfers a whole image."""

_LINE = 500

_DOWN = (
    "cannot connect to the docker daemon",
    "is the docker daemon running",
    "error during connect",
    "connection refused",
    "unexpected eof",
)


def daemon_is_down(complaint: str) -> bool:
    """Return whether an error message of docker says that the daemon is unreachable."""
    return any(words in complaint.lower() for words in _DOWN)


def complaint(text: str) -> str:
    """Return the line of docker's output that says what failed.

    It is the daemon's answer, else the last line that is not a usage hint.
    """
    lines = [
        line.strip()
        for line in text.splitlines()
        if line.strip() and not line.startswith(("Run 'docker", "See 'docker", "Usage:"))
    ]
    answers = [line for line in lines if "error response from daemon" in line.lower()]
    return (answers or lines or ["no output"])[-1][:_LINE]


def failure(done: Finished, doing: str) -> ToolError:
    """Return the error for a failed call, as one line."""
    said = complaint((done.stderr or done.stdout).decode("utf-8", "replace"))
    if done.status is None:
        return ToolError(
            f"{doing}: docker did not answer in time; look at the daemon, or use --engine embedded"
        )
    if daemon_is_down(said):
        return ToolError(
            f"{doing}: the docker daemon does not answer ({said}); start it, or use --engine"
            " embedded"
        )
    if "no such container" in said.lower():
        return ToolError(
            f"{doing}: the container is gone, and careen did not remove it; see who cleans up on"
            " this machine, and run the command again"
        )
    return ToolError(f"{doing}: docker failed ({done.status}): {said}")


def call(
    *words: str,
    doing: str,
    timeout: float = SHORT,
    stdin: IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run `docker WORDS` and return its output; raise ToolError unless it exits 0."""
    done = run((DOCKER.require(), *words), timeout=timeout, stdin=stdin, env=env)
    if done.status != 0:
        raise failure(done, doing)
    return done


def try_call(*words: str, doing: str, absent: str, timeout: float = SHORT) -> Finished | None:
    """Run `docker WORDS`; return None if the object does not exist.

    `absent` is docker's message for that, in lower case. Raises ToolError for other failures.
    """
    done = run((DOCKER.require(), *words), timeout=timeout)
    if done.status == 0:
        return done
    if done.status is not None and absent in done.stderr.decode("utf-8", "replace").lower():
        return None
    raise failure(done, doing)


def document(done: Finished, doing: str) -> Mapping[str, Any]:
    """Return the JSON object that docker printed."""
    return document_of(done.stdout, doing)


def document_of(text: bytes, doing: str) -> Mapping[str, Any]:
    """Return the JSON object in docker's output, or the only object of a list.

    Raises ToolError for anything else.
    """
    shown = text[:80].decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except ValueError as error:
        msg = f"{doing}: docker's answer is not JSON: {shown!r}"
        raise ToolError(msg) from error
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if not isinstance(found, dict):
        msg = f"{doing}: docker's answer is not one object: {shown!r}"
        raise ToolError(msg)
    return found


def inspect_image(name: str) -> Mapping[str, Any] | None:
    """Return docker's inspect record of an image, or None if it does not exist.

    Raises InputError for text that is not an image name.
    """
    if not name or name.startswith("-") or any(char.isspace() for char in name):
        msg = f"not an image name: {name!r}"
        raise InputError(msg)
    done = try_call(
        "image", "inspect", "--", name, doing=f"looking up image {name!r}", absent="no such image"
    )
    return None if done is None else document(done, f"looking up image {name!r}")
