"""The image around tests/support/cold.c: a service with an OpenAPI document, whose every cold path
reads a file of its own.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.support.images import directory, docker_archive, file, layer

SOURCE = Path(__file__).with_name("cold.c")
SHARE = "/usr/share/cold"
NAMES = (
    *(
        "table.bin",
        "errors.txt",
        "nonsense.txt",
        "not-found.txt",
        "reload.txt",
        "interrupted.txt",
        "terminated.txt",
        "warm.txt",
        "no-cache.txt",
        "stranger.txt",
    ),
    *(
        "german.txt",
        "help.txt",
        "version.txt",
        "health.txt",
        "end.txt",
        "zone/Asia/Kathmandu",
        "unused.bin",
    ),
)
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "cold", "version": "1"},
    "servers": [{"url": "http://example.com/"}],
    "paths": {
        "/convert": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["text"],
                                "properties": {
                                    "text": {"type": "string"},
                                    "form": {"enum": ["a", "b"], "default": "a"},
                                },
                            }
                        }
                    },
                }
            }
        },
        "/shutdown": {"post": {}},
    },
}


def cold_archive(folder: Path, *tags: str, without: tuple[str, ...] = (), **more: Any) -> Path:
    """Build the image as a docker archive; `without` are names of its files that are left out,
    `more` fields of its config.
    """
    program = folder / "cold"
    if not program.exists():
        subprocess.check_call(["gcc", "-O1", "-static", "-s", "-o", str(program), str(SOURCE)])
    folders = (
        "usr",
        "usr/bin",
        "usr/share",
        SHARE[1:],
        f"{SHARE[1:]}/zone",
        f"{SHARE[1:]}/zone/Asia",
        "etc",
        "var",
    )
    contents = (
        *(directory(name) for name in folders),
        directory("var/cold", 0o777),
        directory("tmp", 0o1777),
        file("usr/bin/cold", program.read_bytes(), 0o755),
        file("etc/passwd", "root:x:0:0:root:/:/bin/sh\n"),
        file(f"{SHARE[1:]}/openapi.json", json.dumps(DOCUMENT)),
        *(
            file(f"{SHARE[1:]}/{name}", f"this is {name}\n")
            for name in NAMES
            if name not in without
        ),
    )
    config = {
        "Entrypoint": ["/usr/bin/cold"],
        "Cmd": ["serve", "8000"],
        "ExposedPorts": {"8000/tcp": {}},
        "Healthcheck": {"Test": ["CMD", "/usr/bin/cold", "health", "8000"]},
        **more,
    }
    return docker_archive(folder / "cold.tar", (layer(*contents),), tags, {"config": config})
