"""A small RAG service: documents in PostgreSQL, answers cached in Valkey or Redis, a model server
for embeddings and text.
"""

import hashlib
import json
import os
import signal
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import redis

MODEL = os.environ["MODEL_URL"]
SCHEMA = "CREATE TABLE IF NOT EXISTS documents (id serial PRIMARY KEY, body text, place real[])"
NEAREST = """
SELECT body FROM documents ORDER BY (
    SELECT sum(a * b) FROM unnest(place, %s::real[]) AS pair(a, b)
) DESC, id LIMIT 1
"""


def database() -> psycopg.Connection:
    password = Path(os.environ["PASSWORD_FILE"]).read_text(encoding="utf-8").strip()
    return psycopg.connect(host="db", user="postgres", password=password, autocommit=True)


CACHE = redis.Redis(host="cache", decode_responses=True)


def ask_model(path: str, **body: object) -> object:
    request = urllib.request.Request(
        f"{MODEL}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: object, kind: str = "application/json") -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        match parts.path:
            case "/health":
                with database() as link:
                    link.execute("SELECT 1")
                self.answer(200, {"cache": CACHE.ping()})
            case "/ask":
                self.answer(200, self.ask(parse_qs(parts.query).get("q", [""])[0]))
            case "/export.csv":
                self.answer(200, self.export(), "text/csv")
            case "/export.zip":
                self.answer(200, self.archive(), "application/zip")
            case "/broken":
                self.broken()
            case _:
                self.answer(404, {"error": "no such page"})

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path != "/documents" or not isinstance(text, dict) or "text" not in text:
            self.answer(400, {"error": "expected a text"})
            return
        place = ask_model("/embed", text=text["text"])
        with database() as link:
            row = link.execute(
                "INSERT INTO documents (body, place) VALUES (%s, %s) RETURNING id",
                (text["text"], place),
            ).fetchone()
        CACHE.flushdb()
        self.answer(201, {"id": row[0]})

    def ask(self, question: str) -> object:
        key = hashlib.sha256(question.encode()).hexdigest()
        if cached := CACHE.get(key):
            return {"answer": cached, "cached": True}
        with database() as link:
            row = link.execute(NEAREST, (ask_model("/embed", text=question),)).fetchone()
        told = ask_model("/generate", question=question, context=row[0] if row else "")
        CACHE.set(key, told["text"], ex=600)
        return {"answer": told["text"], "cached": False}

    def export(self) -> bytes:
        """The documents as CSV, which the database writes itself."""
        with database() as link, link.cursor() as cursor:
            with cursor.copy("COPY (SELECT body FROM documents ORDER BY id) TO STDOUT CSV") as rows:
                return b"".join(bytes(each) for each in rows)

    def archive(self) -> bytes:
        """The same, packed."""
        import io
        import zipfile

        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("documents.csv", self.export())
        return out.getvalue()

    def broken(self) -> None:
        """What the service answers when the database refuses."""
        try:
            with database() as link:
                link.execute("SELECT nothing FROM nowhere")
        except psycopg.errors.UndefinedTable as error:
            self.answer(500, {"error": type(error).__name__})

    def log_message(self, *_: object) -> None:
        """Write no log: its lines have times."""


def main() -> None:
    with database() as link:
        link.execute(SCHEMA)
    server = ThreadingHTTPServer(("0.0.0.0", 8000), Service)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.serve_forever()


if __name__ == "__main__":
    main()
