"""A small image of a service with an OpenAPI document: two operations that read a model each, and
the tests of one of them.
"""

import json
import subprocess
from pathlib import Path

from tests.support.images import directory, docker_archive, file, layer

PROGRAM = Path(__file__).with_name("api.c")
RERANK_BYTES = 2_000_000
_BODY = {
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"text": {"type": "string"}},
                "required": ["text"],
            }
        }
    }
}
_ANSWERS = {"responses": {"200": {"description": "fine"}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "api", "version": "1"},
    "paths": {
        "/health": {"get": _ANSWERS},
        "/embed": {"post": {"requestBody": {**_BODY, "required": True}, **_ANSWERS}},
        "/rerank": {"post": {"requestBody": {**_BODY, "required": True}, **_ANSWERS}},
    },
}
RUN = {
    "Entrypoint": ["/app/api"],
    "WorkingDir": "/app",
    "ExposedPorts": {"8000/tcp": {}},
    "Env": ["PATH=/app"],
}
TESTS = '''"""Six cases: the first needs a model, no other needs anything more. Nobody asks for a rerank."""

import os
import urllib.request

import pytest

BASE = os.environ["BASE_URL"]


def test_embed():
    with urllib.request.urlopen(urllib.request.Request(f"{BASE}/embed", b"{}", method="POST")) as answer:
        assert answer.read() == b"[1]"


@pytest.mark.parametrize("number", range(5))
def test_health(number):
    with urllib.request.urlopen(f"{BASE}/health") as answer:
        assert answer.read() == b"fine"
'''


def api_archive(folder: Path) -> Path:
    """Compile the program, build the image, and return it as a docker archive."""
    program = folder / "api"
    subprocess.check_call(["gcc", "-O1", "-static", "-s", "-o", str(program), str(PROGRAM)])
    made = layer(
        directory("app"),
        file("app/api", program.read_bytes(), 0o755),
        file("app/migrate.sh", "#!/bin/sh\n", 0o755),
        file("app/openapi.json", json.dumps(DOCUMENT)),
        directory("models"),
        file("models/embed.bin", b"e" * 10_000),
        file("models/rerank.bin", b"r" * RERANK_BYTES),
        directory("etc"),
        file("etc/passwd", "root:x:0:0:root:/:/app/api\n"),
        directory("tmp", 0o1777),
    )
    return docker_archive(folder / "api.tar", (made,), ("careen-test-api:1",), {"config": RUN})
