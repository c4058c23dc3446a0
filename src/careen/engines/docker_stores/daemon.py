"""What the daemon says of its store, and whether that store is the one on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.engines.docker.cli import call, document

_ENGINE_ID = "engine-id"


@dataclass(frozen=True, slots=True)
class Place:
    """The daemon's folder, open to us, and the driver of its store (`overlay2`, `overlayfs`)."""

    root: Path
    driver: str


def local_store() -> Place | None:
    """Return where the daemon keeps its images, or None where that cannot be read here.

    A daemon elsewhere may name a folder that this machine has, too: the id that it wrote there
    tells.
    """
    what = "asking docker for its store"
    info = document(call("info", "--format", "{{json .}}", doing=what), what)
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
