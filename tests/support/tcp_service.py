"""A TCP service of threads, for tests of what lies before it."""

import contextlib
import errno
import socket
import threading
import time
from collections.abc import Callable, Iterator


class Service:
    """Serves each connection by `handle` in a thread of its own, on a port of `host`."""

    def __init__(self, handle: Callable[[socket.socket], None], host: str = "127.0.0.1") -> None:
        self._listener = socket.create_server((host, 0), backlog=600)
        self.port: int = self._listener.getsockname()[1]
        self._handle = handle
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError as error:
                if error.errno != errno.EMFILE:
                    return
                time.sleep(0.05)
            else:
                threading.Thread(target=self._one, args=(link,), daemon=True).start()

    def _one(self, link: socket.socket) -> None:
        with link, contextlib.suppress(OSError):
            self._handle(link)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextlib.contextmanager
def serving(handle: Callable[[socket.socket], None], host: str = "127.0.0.1") -> Iterator[int]:
    """Such a service; its port."""
    service = Service(handle, host)
    try:
        yield service.port
    finally:
        service.close()


def read_all(link: socket.socket) -> bytes:
    out = bytearray()
    while data := link.recv(1 << 16):
        out += data
    return bytes(out)


def echo(link: socket.socket) -> None:
    while data := link.recv(1 << 16):
        link.sendall(data)
