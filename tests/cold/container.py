"""Containers of a subject under test, through the docker command: started, asked, removed."""

import contextlib
import re
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from careen.errors import ToolError
from careen.tools.process import Finished, check, run
from tests.cold.subject import Subject

PREFIX = "careen-cold-"


@dataclass(frozen=True, slots=True)
class Container:
    """A running container of an image of the subject."""

    name: str
    image: str
    base_url: str

    def logs(self) -> str:
        """What it has written to both outputs, the last 400 lines."""
        done = run(["docker", "logs", "--tail", "400", self.name], timeout=60)
        return (done.stdout + done.stderr).decode("utf-8", "replace")

    def running(self) -> bool:
        return (
            run(
                ["docker", "inspect", "-f", "{{.State.Running}}", self.name], timeout=60
            ).text.strip()
            == "true"
        )


def free_port() -> int:
    """A port of this machine that nobody has now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def new_name(subject: Subject) -> str:
    return f"{PREFIX}{subject.name}-{uuid.uuid4().hex[:8]}"


@contextlib.contextmanager
def service(subject: Subject, image: str, options: Sequence[str] = ()) -> Iterator[Container]:
    """Start the subject's service and wait until it is ready; remove it at the end. Raises
    ToolError with the end of its log if it does not come up.
    """
    port = free_port()
    container = Container(new_name(subject), image, f"http://127.0.0.1:{port}")
    published = ["-p", f"127.0.0.1:{port}:{subject.port}"] if subject.port else []
    argv = [
        "docker",
        "run",
        "-d",
        "--name",
        container.name,
        *published,
        *subject.options,
        *options,
        image,
        *subject.args,
    ]
    try:
        check(argv, timeout=120, doing=f"starting {image}")
        _wait_ready(subject, container, port)
        yield container
    finally:
        run(["docker", "rm", "-f", container.name], timeout=120)


def once(
    subject: Subject,
    image: str,
    options: Sequence[str],
    args: Sequence[str],
    stdin: Path | None,
    timeout: float,
) -> Finished:
    """Run a container of its own to its end (or to the limit) and remove it."""
    name = new_name(subject)
    argv = ["docker", "run", "--rm", "-i", "--name", name, *subject.options, *options, image, *args]
    try:
        if stdin is None:
            return run(argv, timeout=timeout)
        with stdin.open("rb") as stream:
            return run(argv, timeout=timeout, stdin=stream)
    finally:
        run(["docker", "rm", "-f", name], timeout=120)


def _wait_ready(subject: Subject, container: Container, port: int) -> None:
    deadline = time.monotonic() + subject.ready_seconds
    while time.monotonic() < deadline and container.running():
        if _is_ready(subject.ready, container, port):
            return
        time.sleep(0.2)
    msg = (
        f"{container.image}: not ready ({subject.ready}); the end of its"
        f" log:\n{container.logs()[-3000:]}"
    )
    raise ToolError(msg)


def _is_ready(ready: str, container: Container, port: int) -> bool:
    if ready.startswith("log:"):
        return re.search(ready.removeprefix("log:"), container.logs()) is not None
    return _answers(ready, container.base_url, port)


def _answers(ready: str, base_url: str, port: int) -> bool:
    if ready.startswith("/"):
        try:
            return httpx.get(base_url + ready, timeout=5, trust_env=False).status_code < 500
        except httpx.HTTPError:
            return False
    # docker's proxy accepts before the service listens, and then closes at once: a service that is
    # there waits for the client, or speaks first
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.settimeout(0.5)
            return connection.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False
