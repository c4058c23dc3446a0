"""What the scanner is to see of an image: parts of all layers, and the configuration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.compliance.secrets.parts import LARGEST, Part, parts_of, plain
from careen.model.entry import EntryKind
from careen.model.image import ImageConfig
from careen.oci.extents import BytesPart, Extents
from careen.oci.image import Image
from careen.oci.tar.read import content_of, read_members
from careen.oci.tree.entry_name import entry_parts

CONFIGURATION = -1
_NAMED = frozenset({"Labels", "Annotations"})  # names of the image's own: `name=value` is a text
_SETS = frozenset({"ExposedPorts", "Volumes"})  # whose keys are the values


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


def configuration_parts(config: ImageConfig) -> Iterator[tuple[str, tuple[Part, ...]]]:
    """Yield the parts of each text of the configuration document, by the text's place."""
    for place, text in _texts(config.document):
        data = text.encode("utf-8", "replace")
        whole = len(data) <= LARGEST
        yield place, (Part(plain(data), 0, 1),) if whole else tuple(_marked(data))


def _marked(data: bytes) -> Iterator[Part]:
    yield from parts_of(Extents([BytesPart(data)]))


def _texts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield all texts with their places, also of fields that no specification has.

    The words of a list are one text, as an option and its value are; each variable is its own.
    """
    waiting: list[tuple[str, str, Any]] = [("", "", document)]
    while waiting:
        place, name, value = waiting.pop()
        if isinstance(value, str):
            yield place, f"{name}={value}" if place.endswith("]") and name else value
        elif isinstance(value, list):
            words = [each for each in value if isinstance(each, str)]
            if name == "Env":
                yield from ((f"{place}[{each.partition('=')[0]}]", each) for each in words)
            elif words:
                yield place, " ".join(words)
            listed = [(n, each) for n, each in enumerate(value) if not isinstance(each, str)]
            waiting += [(f"{place}[{n}]", "", each) for n, each in reversed(listed)]
        elif isinstance(value, dict):
            waiting += [_below(place, name, *each) for each in reversed(value.items())]
            if name in _SETS and value:
                yield place, " ".join(map(str, value))


def _below(place: str, name: str, key: str, value: Any) -> tuple[str, str, Any]:
    inside = f"{place}[{key}]" if name in _NAMED else f"{place}.{key}" if place else key
    return inside, key, value
