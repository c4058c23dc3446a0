"""ONNX models, a protobuf message (onnx.proto).

Only the top level and the graph are read, field by field; deeper fields are skipped, so depth costs
nothing. Operators of other domains than ONNX's own need third-party code, and tensors may lie in
other files, whose paths the model states.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from careen.inventory.models.header import Effort, HeaderError, HeaderReader

MAX_HEADER = 64 << 20
# Of the model, its graph, its nodes and tensors together, at 8 µs each; a model of 5,000 nodes has
# about 50,000.
MAX_FIELDS = 200_000
_MAX_TEXT = 4096
_VARINT, _COUNTED = 0, 2
_MODEL_TEXTS = {2: "producer", 3: "producer version", 4: "domain"}
_IR_VERSION, _GRAPH, _OPSET = 1, 7, 8
_GRAPH_NODE, _GRAPH_NAME, _GRAPH_TENSOR = 1, 2, 5
_NODE_DOMAIN, _TENSOR_EXTERNAL = 7, 13
_OWN_DOMAINS = frozenset(
    {"", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training"}
)
_HEAD = re.compile(rb"\x08[\x01-\x20](?:\x12[\x01-\x7f]|\x1a|\x22|\x28|\x32|\x3a|\x42)")
_OUTSIDE = re.compile(r"(?:\A|/)\.\.(?:/|\Z)|\A/|\A[A-Za-z]:|\\")


def looks_like(head: bytes) -> bool:
    """Return whether the first bytes are a model's IR version and one of its next fields."""
    return _HEAD.match(head) is not None


@dataclass(slots=True)
class _Model:
    facts: list[tuple[str, str]] = field(default_factory=list)
    opsets: list[str] = field(default_factory=list)
    domains: set[str] = field(default_factory=set)
    external: list[str] = field(default_factory=list)
    nodes: int = 0
    tensors: int = 0
    graphs: int = 0


def read_facts(
    stream: BinaryIO, size: int, effort: Effort
) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return the facts, and the paths of external data outside the model's directory.

    Raises HeaderError.
    """
    walk = _Fields(stream, size, effort)
    model = _Model()
    for number, kind, end in walk.until(size):
        if kind == _COUNTED and number in _MODEL_TEXTS:
            model.facts.append((_MODEL_TEXTS[number], walk.text(end)))
        elif number == _IR_VERSION and kind == _VARINT:
            model.facts.append(("IR version", str(walk.value)))
        elif kind == _COUNTED and number == _OPSET:
            model.opsets.append(_opset(walk, end))
        elif kind == _COUNTED and number == _GRAPH:
            model.graphs += 1
            _graph(walk, end, model)
    if not model.graphs:
        msg = "no graph in it"
        raise HeaderError(msg)
    foreign = sorted({item for item in model.domains if item not in _OWN_DOMAINS})
    facts = [
        *model.facts[:10],
        ("opset", ", ".join(model.opsets[:10])),
        ("nodes", str(model.nodes)),
        ("tensors", str(model.tensors)),
    ]
    if foreign:
        facts.append(("operators of other domains", ", ".join(foreign[:10])))
    if model.external:
        facts.append(("external data", ", ".join(dict.fromkeys(model.external))[:200]))
    return (
        facts,
        tuple(
            f"external data outside of the model's directory: {path!r}"
            for path in dict.fromkeys(model.external)
            if _OUTSIDE.search(path)
        )[:20],
    )


def _graph(walk: "_Fields", end: int, model: _Model) -> None:
    for number, kind, stop in walk.until(end):
        if kind != _COUNTED:
            continue
        if number == _GRAPH_NODE:
            model.nodes += 1
            for inner, inner_kind, inner_end in walk.until(stop):
                # A model has three.
                if inner == _NODE_DOMAIN and inner_kind == _COUNTED and len(model.domains) < 100:  # noqa: PLR2004
                    model.domains.add(walk.text(inner_end))
        elif number == _GRAPH_TENSOR:
            model.tensors += 1
            for inner, inner_kind, inner_end in walk.until(stop):
                if inner == _TENSOR_EXTERNAL and inner_kind == _COUNTED:
                    key, value = _entry(walk, inner_end)
                    # One per tensor.
                    if key == "location" and len(model.external) < 10_000:  # noqa: PLR2004
                        model.external.append(value)
        elif number == _GRAPH_NAME:
            model.facts.append(("graph", walk.text(stop)))


def _opset(walk: "_Fields", end: int) -> str:
    domain, version = "", 0
    for number, kind, stop in walk.until(end):
        if number == 1 and kind == _COUNTED:
            domain = walk.text(stop)
        elif number == 2 and kind == _VARINT:  # noqa: PLR2004
            version = walk.value
    return f"{domain or 'ai.onnx'} {version}"


def _entry(walk: "_Fields", end: int) -> tuple[str, str]:
    texts = {1: "", 2: ""}
    for number, kind, stop in walk.until(end):
        if kind == _COUNTED and number in texts:
            texts[number] = walk.text(stop)
    return texts[1], texts[2]


class _Fields:
    """Walk over the fields of nested messages; unread bytes of a field are skipped."""

    def __init__(self, stream: BinaryIO, size: int, effort: Effort) -> None:
        self._stream = stream
        self._reader = HeaderReader(stream, size, MAX_HEADER, effort)
        self._left = MAX_FIELDS
        self.value = 0

    def until(self, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield (number, wire type, end offset) of each field up to `end`.

        A varint's value is in `value`.
        """
        while self._reader.at < end:
            self._left -= 1
            if self._left < 0:
                msg = f"more than {MAX_FIELDS} fields"
                raise HeaderError(msg)
            tag = self._reader.varint()
            number, kind = tag >> 3, tag & 7
            stop = self._stop(kind)
            if not number or stop > end:
                msg = (
                    f"a field {number} of wire type {kind} that ends at byte {stop}, its message at"
                    f" {end}"
                )
                raise HeaderError(msg)
            yield number, kind, stop
            self._stream.seek(stop)

    def _stop(self, kind: int) -> int:
        match kind:
            case 0:
                self.value = self._reader.varint()
                return self._reader.at
            case 1:
                return self._reader.at + 8
            case 2:
                length = self._reader.varint()
                return self._reader.at + length
            case 5:
                return self._reader.at + 4
            case _:
                msg = f"a field of the unknown wire type {kind} at byte {self._reader.at}"
                raise HeaderError(msg)

    def text(self, end: int) -> str:
        """Return the field's bytes as text, truncated to 4 kB."""
        return self._reader.take(min(end - self._reader.at, _MAX_TEXT)).decode("utf-8", "replace")
