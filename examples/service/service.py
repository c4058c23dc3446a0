"""A small service: it counts the words of a text."""

import json
import signal
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answer /health, and count the words that are posted to /count."""

    def do_GET(self) -> None:
        """Say that the service is there."""
        self._answer(200 if self.path == "/health" else 404, {"ready": True})

    def do_POST(self) -> None:
        """Count the words of the body."""
        length = min(int(self.headers.get("Content-Length", 0)), 1 << 20)
        words = self.rfile.read(length).decode("utf-8", "replace").split()
        self._answer(200, dict(Counter(words)))

    def _answer(self, status: int, value: dict[str, object]) -> None:
        body = json.dumps(value, sort_keys=True).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ThreadingHTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
