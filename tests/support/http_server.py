"""A server on loopback that answers each path as a test says."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Said:
    """One answer."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class HttpServer:
    """What it answers by path, and what it was asked: first lines and `Host` and so on."""

    port: int = 0
    answers: dict[str, Said] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def http_server() -> Iterator[HttpServer]:
    """Hold a server; unknown paths are 404."""
    out = HttpServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            out.asked.append(self.path)
            out.headers.append({name.lower(): value for name, value in self.headers.items()})
            said = out.answers.get(self.path, Said(status=404))
            self.send_response(said.status)
            for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(said.body)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    out.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield out
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
