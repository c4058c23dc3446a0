"""GGUF, the model format of llama.cpp and related programs.

Tensors do not run, but the chat template is a Jinja program. Source: the ggml project's
specification.
"""

import re
from typing import BinaryIO

from careen.inventory.models.header import Effort, HeaderError, HeaderReader

MAGIC = b"GGUF"
# Bytes of numbers and lengths; the texts of a vocabulary are skipped.
MAX_HEADER = 64 << 20
MAX_PAIRS = 65_536
# Of all arrays: a vocabulary has 256,000 tokens, and scores and kinds for each.
MAX_ITEMS = 4_000_000
MAX_TENSORS = 1_000_000
_MAX_TEXT = 1 << 20
_MAX_DEPTH = 4
_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 7: "?", 10: "Q", 11: "q"}
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY = 8, 9
_TEMPLATE = "tokenizer.chat_template"
_SHOWN = (
    "general.architecture",
    "general.name",
    "general.file_type",
    "general.size_label",
    "general.license",
    "tokenizer.ggml.model",
)
_ESCAPE = re.compile(
    r"__(?:class|globals|subclasses|builtins|import|mro|base|init|getattribute)__|\battr\s*\(\s*['\"]__|\b(?:cycler|joiner|namespace|lipsum)\s*\.\s*__"
)


def read_facts(
    stream: BinaryIO, size: int, effort: Effort
) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return the facts of the header, and escapes from the sandbox in its chat template.

    Raises HeaderError.
    """
    reader = HeaderReader(stream, size, MAX_HEADER, effort)
    reader.skip(len(MAGIC))
    version = reader.number("I")
    if version not in (1, 2, 3):
        msg = f"version {version}, or one in the other byte order; versions 1 to 3 are read"
        raise HeaderError(msg)
    count = "I" if version == 1 else "Q"
    tensors, pairs = reader.number(count), reader.number(count)
    if tensors > MAX_TENSORS or pairs > MAX_PAIRS:
        msg = (
            f"{tensors} tensors and {pairs} pairs, more than the {MAX_TENSORS} and {MAX_PAIRS} that"
            " are read"
        )
        raise HeaderError(msg)
    values = _Values(reader, count)
    facts = [("version", str(version)), ("tensors", str(tensors))]
    dangerous: list[str] = []
    for _ in range(pairs):
        key = values.text()
        value = values.value(reader.number("I"))
        if key in _SHOWN or key.endswith(".context_length"):
            facts.append((key, value[:120]))
        if key.startswith(_TEMPLATE):
            facts.append(("chat template", f"{len(value)} characters of Jinja"))
            dangerous += [
                f"chat template reaches for {found}"
                for found in dict.fromkeys(match[0] for match in _ESCAPE.finditer(value))
            ]
    return facts, tuple(dangerous[:20])


class _Values:
    def __init__(self, reader: HeaderReader, count: str) -> None:
        self._reader = reader
        self._count = count
        self._items = 0

    def text(self) -> str:
        size = self._reader.number(self._count)
        if size > _MAX_TEXT:
            self._reader.skip(size)
            return ""
        return self._reader.take(size).decode("utf-8", "replace")

    def value(self, kind: int) -> str:
        """Return a value as text; arrays are skipped."""
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            self._array()
            return ""
        form = _FORMS.get(kind)
        if form is not None:
            return str(self._reader.number(form))
        self._reader.skip(self._size(kind))
        return ""

    def _array(self) -> None:
        todo = [(_ARRAY, 1)]  # kind and count; a loop instead of recursion
        while todo:
            kind, number = todo.pop()
            if kind == _ARRAY:
                if len(todo) > _MAX_DEPTH:
                    msg = f"arrays nested more than {_MAX_DEPTH} deep"
                    raise HeaderError(msg)
                if number > 1:
                    todo.append((_ARRAY, number - 1))
                if number:
                    self._counted(1)
                    todo.append((self._reader.number("I"), self._reader.number(self._count)))
            elif kind == _STRING:
                self._counted(number)
                for _ in range(number):
                    self._reader.skip(self._reader.number(self._count))
            else:
                self._reader.skip(number * self._size(kind))

    def _counted(self, number: int) -> None:
        self._items += number
        if self._items > MAX_ITEMS:
            msg = f"arrays of more than {MAX_ITEMS} items"
            raise HeaderError(msg)

    def _size(self, kind: int) -> int:
        size = _SIZES.get(kind)
        if size is None:
            msg = f"a value of the unknown kind {kind}"
            raise HeaderError(msg)
        return size
