"""What the scanner is to see of an image: parts of all layers, and the configuration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.compliance.secrets.parts import Part, plain
from careen.model.entry import EntryKind
from careen.model.image import ImageConfig
from careen.oci.extents import Extents
from careen.oci.image import Image
from careen.oci.tar.read import content_of, read_members
from careen.oci.tree.entry_name import entry_parts

CONFIGURATION = -1


@dataclass(frozen=True, slots=True)
class LayerFile:
    """A regular file of one layer, whatever later layers do to it."""

    layer: int
    path: str
    content: Extents


def layer_files(image: Image) -> Iterator[LayerFile]:
    """Yield every regular file with content of every layer; a repeated layer counts once."""
    seen: set[int] = set()
    for number, layer in enumerate(image.layers):
        if id(layer.extents) in seen:
            continue
        seen.add(id(layer.extents))
        where = f"layers[{number}]"
        for member in read_members(layer.extents, where):
            if member.kind is EntryKind.FILE and not member.hard_link and member.size:
                content = content_of(layer.extents, member.data, member.size, member.sparse)
                path = "/" + "/".join(entry_parts(member.name, where))
                yield LayerFile(number, path, content)


def configuration_parts(config: ImageConfig) -> Iterator[tuple[str, Part]]:
    """Yield each value of the configuration that can hold a secret, by its key."""
    for key, text in _texts(config):
        yield key, Part(plain(text.encode("utf-8", "replace")), 0, 1)


def _texts(config: ImageConfig) -> Iterator[tuple[str, str]]:
    run: Mapping[str, Any] = config.document.get("config") or {}
    for name, value in config.env.items():
        yield f"config.Env[{name}]", f"{name}={value}"
    for name, value in (run.get("Labels") or {}).items():
        yield f"config.Labels[{name}]", f"{name}={value}"
    for key in ("Entrypoint", "Cmd", "OnBuild", "Shell"):
        words = run.get(key)
        if isinstance(words, list):
            yield f"config.{key}", " ".join(map(str, words))
    check = (run.get("Healthcheck") or {}).get("Test")
    if isinstance(check, list):
        yield "config.Healthcheck", " ".join(map(str, check))
    for number, step in enumerate(config.history):
        for key in ("created_by", "comment", "author"):
            if isinstance(text := step.get(key), str) and text:
                yield f"history[{number}].{key}", text
