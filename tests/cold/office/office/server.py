"""Converts what is posted: /convert/NAME runs the chain of that name on the body, and answers with what it made (text as it is, anything else as it is told by its first bytes)."""

import json
import os
import pathlib
import subprocess
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import chains


def told(data: bytes) -> str:
    if data[:5] == b"%PDF-":
        return f"PDF of {len(data) // 1000 > 0}"
    if data[:4] == b"\x89PNG":
        return f"PNG {int.from_bytes(data[16:20], 'big')} x {int.from_bytes(data[20:24], 'big')}"
    if data[:2] == b"PK":
        return "ZIP"
    return data.decode("utf-8", "replace")


def convert(name: str, data: bytes, settings: dict[str, str]) -> tuple[int, str]:
    steps = chains.CHAINS.get(name)
    if steps is None:
        return 404, f"no chain {name}"
    with tempfile.TemporaryDirectory(dir=os.environ["SPOOL"]) as folder:
        current = pathlib.Path(folder, f"input.{settings.get('kind', 'txt')}")
        current.write_bytes(data)
        for number, (words, made) in enumerate(steps):
            out = pathlib.Path(folder, made or f"out{number}")
            argv = [word.format(input=current, output=out, folder=folder, **{"language": "eng", **settings}) for word in words]
            done = subprocess.run(argv, cwd=folder, capture_output=True, timeout=150, env={**os.environ, "HOME": folder})
            if not made:
                out.write_bytes(done.stdout)
            if done.returncode or not out.exists():
                return 422, f"{argv[0]} ended with {done.returncode}: {(done.stderr or done.stdout).decode('utf-8', 'replace')[-1500:]}"
            current = out
        return 200, told(current.read_bytes())


class Handler(BaseHTTPRequestHandler):
    def answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.answer(200, json.dumps(sorted(chains.CHAINS)) if self.path == "/chains" else "fine")

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        data = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            self.answer(*convert(parts.path.rpartition("/")[2], data, {name: values[0] for name, values in parse_qs(parts.query).items()}))
        except subprocess.TimeoutExpired as error:
            self.answer(504, f"{error.cmd[0]} took too long")

    def log_message(self, *words: object) -> None:
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8700), Handler).serve_forever()
