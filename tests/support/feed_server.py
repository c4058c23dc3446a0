"""A server of feeds on the loopback, that can misbehave."""

import email.utils
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(slots=True)
class FeedServer:
    """`files` by path. `cuts`: how many bytes of an answer's body come before the connection
    breaks, one for each request of that path, then no more. `statuses`: likewise, answers without a
    body. `asked` is every request: path, Range, If-None-Match, and the status of the answer.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cuts: dict[str, list[int]] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    modified: str = email.utils.format_datetime(
        email.utils.parsedate_to_datetime("Sat, 22 Aug 2026 10:00:00 GMT"), usegmt=True
    )
    without_length: bool = False
    wrong_range: bool = False
    without_etag: bool = False
    asked: list[tuple[str, str, int]] = field(default_factory=list)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one GET."""
        path = handler.path
        span, known = handler.headers.get("Range", ""), handler.headers.get("If-None-Match", "")
        if self.statuses.get(path):
            self._plain(handler, self.statuses[path].pop(0), span)
            return
        body = self.files.get(path)
        if body is None:
            self._plain(handler, 404, span)
            return
        tag = "" if self.without_etag else f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        since = handler.headers.get("If-Modified-Since", "")
        if (tag and known == tag) or (since and since == self.modified and not known):
            self._plain(handler, 304, span)
            return
        start = (
            int(span.removeprefix("bytes=").rstrip("-"))
            if span and handler.headers.get("If-Range") in (tag, self.modified)
            else 0
        )
        if start > len(body):
            self._plain(handler, 416, span)
            return
        self.asked.append((path, span, 206 if start else 200))
        handler.send_response(206 if start else 200)
        part = body[start:]
        if start:
            first = 0 if self.wrong_range else start
            handler.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
        if not self.without_length:
            handler.send_header("Content-Length", str(len(part)))
        handler.send_header("Last-Modified", self.modified)
        if tag:
            handler.send_header("ETag", tag)
        handler.end_headers()
        cuts = self.cuts.get(path)
        handler.wfile.write(part[: cuts.pop(0)] if cuts else part)
        handler.close_connection = True

    def _plain(self, handler: BaseHTTPRequestHandler, status: int, span: str) -> None:
        self.asked.append((handler.path, span, status))
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        handler.close_connection = True


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    """Serve for the `with` block."""
    state = FeedServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
