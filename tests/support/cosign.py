"""cosign as an independent verifier, with keys of the test's own and no server."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

PASSWORD = {"COSIGN_PASSWORD": "secret-77"}
_ROOT = {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}
OFFLINE = ("--new-bundle-format", "--insecure-ignore-tlog", "--trusted-root", "root.json")
"""With a root that trusts nobody cosign asks no server; `new_keys` writes it."""


def cosign(*words: str | Path, folder: Path, env: Mapping[str, str] | None = None) -> None:
    """Run cosign in a folder; it must succeed."""
    done = subprocess.run(  # noqa: TID251
        ["cosign", *map(str, words)],
        cwd=folder,
        env={**os.environ, **(env or {}), **PASSWORD},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def new_keys(folder: Path, prefix: str = "cosign") -> None:
    """Write PREFIX.key, PREFIX.pub and root.json into a folder."""
    cosign("generate-key-pair", "--output-key-prefix", prefix, folder=folder)
    (folder / "root.json").write_text(json.dumps(_ROOT))
