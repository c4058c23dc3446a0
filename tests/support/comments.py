"""Stand-ins for the comments of GitHub and the notes of GitLab."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

GH = """#!/bin/sh
printf '%s\\n' "$@" > "$COMMENTS/arguments"
case "$*" in
"api --paginate"*)
  for word; do expression=$word; done
  [ ! -f "$COMMENTS/there.json" ] || jq --raw-output "$expression" "$COMMENTS/there.json" ;;
"api --silent --method PATCH"*)
  for word; do case $word in body=@*) cp -- "${word#body=@}" "$COMMENTS/body.md" ;; esac; done ;;
"pr comment"*)
  while [ "$1" != --body-file ]; do shift; done
  cp -- "$2" "$COMMENTS/body.md" ;;
*) exit 2 ;;
esac
"""
"""A `gh` that keeps its last call and its body; the comments that are there it reads as GitHub."""

USER = 5


class Notes:
    """Notes of a merge request; `there` are those that are there, `calls` what was written."""

    def __init__(self) -> None:
        self.there: list[dict[str, Any]] = []
        self.calls: list[tuple[str, str, str, str]] = []
        self.url = ""

    def add(self, author: int, body: str) -> int:
        """Add a note, and return its number."""
        self.there.append({"id": len(self.there) + 1, "author": {"id": author}, "body": body})
        return len(self.there)

    def answer(self, method: str, path: str, token: str, body: str) -> Any:
        """Answer a request."""
        split = urlsplit(path)
        if split.path.endswith("/user"):
            return {"id": USER}
        if method == "GET":
            return self.there[:100] if "page=1" in split.query.split("&") else self.there[100:]
        self.calls.append((method, split.path, token, body))
        if method == "POST":
            self.add(USER, body)
        return {}


@contextmanager
def notes() -> Iterator[Notes]:
    """Serve notes on loopback."""
    found = Notes()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(sent)["body"] if sent else ""
            token = str(self.headers["PRIVATE-TOKEN"])
            data = json.dumps(found.answer(self.command, self.path, token, body)).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/api/v4"
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def program(folder: Path) -> Path:
    """Put `gh` into a folder."""
    place = folder / "gh"
    place.write_text(GH)
    place.chmod(0o755)
    return place
