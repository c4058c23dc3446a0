"""A registry of one OCI layout, read only, on a free port of this machine: the few requests of the
distribution API that a pull needs.
"""

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path


def _handler(layout: Path) -> type[http.server.BaseHTTPRequestHandler]:
    types = {
        one["digest"]: one["mediaType"]
        for one in json.loads((layout / "index.json").read_text())["manifests"]
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _, kind, name = ("", *self.path.rstrip("/").rsplit("/", 2)[-2:])
            if self.path.rstrip("/") == "/v2":
                self._answer(b"{}", "application/json")
                return
            path = layout / "blobs" / "sha256" / name.removeprefix("sha256:")
            if kind not in {"manifests", "blobs"} or not path.is_file():
                self.send_error(404)
                return
            self._answer(path.read_bytes(), types.get(name, "application/octet-stream"), name)

        do_HEAD = do_GET  # noqa: N815 — the name that http.server calls

        def _answer(self, body: bytes, kind: str, digest: str = "") -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if digest:
                self.send_header("Docker-Content-Digest", digest)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextlib.contextmanager
def serve(layout: Path) -> Iterator[str]:
    """Serve the layout's images under any repository name, by digest; yields `localhost:PORT`."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(layout))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
