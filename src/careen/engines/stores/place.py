"""Location of an engine's store, if it is on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.engines.client.client import DOCKER, Client

_ENGINE_ID = "engine-id"


@dataclass(frozen=True, slots=True)
class Place:
    """The engine's data directory and its storage driver.

    The drivers that can be read are `overlay2` and `overlayfs` (docker), and `overlay` (podman).
    """

    root: Path
    driver: str


def local_store(client: Client) -> Place | None:
    """Return where the engine keeps its images, or None if that cannot be read here."""
    what = f"asking {client.name} for its store"
    info = client.document(client.call("info", "--format", "{{json .}}", doing=what), what)
    return _dockers(info) if client is DOCKER else _podmans(info)


def _dockers(info: Mapping[str, Any]) -> Place | None:
    # A remote daemon may name a folder that also exists here: compare the id in it.
    root, identity, driver = (_text(info, key) for key in ("DockerRootDir", "ID", "Driver"))
    if not root.startswith("/") or not identity:
        return None
    try:
        written = (Path(root) / _ENGINE_ID).read_text("utf-8").strip()
    except (OSError, ValueError):
        return None
    return Place(Path(root), driver) if written == identity else None


def _podmans(info: Mapping[str, Any]) -> Place | None:
    host, store = (_object(info, key) for key in ("host", "store"))
    root, driver = _text(store, "graphRoot"), _text(store, "graphDriverName")
    here = root.startswith("/") and host.get("serviceIsRemote") is False
    return Place(Path(root), driver) if here else None


def _object(info: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = info.get(key)
    return value if isinstance(value, dict) else {}


def _text(info: Mapping[str, Any], key: str) -> str:
    value = info.get(key)
    return value if isinstance(value, str) else ""
