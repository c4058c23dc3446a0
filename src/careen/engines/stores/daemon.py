"""Location of the docker daemon's store, if it is on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.engines.client.client import DOCKER

_ENGINE_ID = "engine-id"


@dataclass(frozen=True, slots=True)
class Place:
    """The daemon's data directory and its storage driver (`overlay2`, `overlayfs`)."""

    root: Path
    driver: str


def local_store() -> Place | None:
    """Return where the daemon keeps its images, or None if that cannot be read here."""
    # A remote daemon may name a folder that also exists here: compare the id in it.
    what = "asking docker for its store"
    info = DOCKER.document(DOCKER.call("info", "--format", "{{json .}}", doing=what), what)
    root, identity, driver = (_text(info, key) for key in ("DockerRootDir", "ID", "Driver"))
    if not root.startswith("/") or not identity:
        return None
    try:
        written = (Path(root) / _ENGINE_ID).read_text("utf-8").strip()
    except (OSError, ValueError):
        return None
    return Place(Path(root), driver) if written == identity else None


def _text(info: Mapping[str, Any], key: str) -> str:
    value = info.get(key)
    return value if isinstance(value, str) else ""
