"""A network namespace that a test made, and code that runs inside it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from careen.engines.network.namespace import Namespace, Network, enter

Answer = TypeVar("Answer")


def inside(network: Namespace, work: Callable[[], Answer]) -> Answer:
    """Run `work` in a thread that lives in the namespace, and return what it returned."""
    answers: list[Answer] = []
    trouble: list[BaseException] = []

    def run() -> None:
        try:
            enter(network.descriptor)
            answers.append(work())
        except BaseException as error:  # noqa: BLE001 — it is raised again, where the test sees it
            trouble.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    if trouble:
        raise trouble[0]
    assert answers, "it did not end in a minute"
    return answers[0]


@contextmanager
def own_network() -> Iterator[Network]:
    """Hold a namespace with its loopback and nothing else."""
    made = Network()
    try:
        yield made
    finally:
        made.close()


def ask(address: tuple[str, int], data: bytes, seconds: float = 20.0) -> bytes:
    """Send bytes and return all that comes back."""
    with socket.create_connection(address, timeout=seconds) as link:
        link.sendall(data)
        return read_all(link)


def read_all(link: socket.socket) -> bytes:
    out = b""
    while data := link.recv(65536):
        out += data
    return out
