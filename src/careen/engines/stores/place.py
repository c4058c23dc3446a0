"""Location of an engine's store, if it is on this machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.engines.client.client import Client

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
    words = client.store_words
    root, driver, identity = (
        str(_at(info, keys) or "") for keys in (words.root, words.driver, words.identity)
    )
    if not root.startswith("/"):
        return None
    if words.identity:
        # A remote daemon may name a folder that also exists here: compare the id in it.
        is_here = identity != "" and _written_id(Path(root)) == identity
    else:
        is_here = _at(info, words.is_remote) is False
    return Place(Path(root), driver) if is_here else None


def _written_id(root: Path) -> str:
    """Return the id that a data directory states, or "" if it cannot be read."""
    try:
        return (root / _ENGINE_ID).read_text("utf-8").strip()
    except (OSError, ValueError):
        return ""


def _at(info: object, keys: Sequence[str]) -> object:
    """Return the value at a path of keys, or None."""
    for key in keys:
        info = info.get(key) if isinstance(info, dict) else None
    return info
