"""Writers of YAML without anchors and aliases, which some readers refuse."""

from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from careen.formats.printable import printable_line


class PlainDumper(yaml.SafeDumper):
    """Writes a value as often as it occurs."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 — the signature of PyYAML
        """Return True."""
        return True


def yaml_text(documents: Sequence[Any], comments: Iterable[str] = ()) -> bytes:
    """Return YAML documents with comment lines above; text that is not UTF-8 is replaced."""
    head = "".join(f"# {printable_line(line)}\n" for line in comments)
    body = "---\n".join(
        yaml.dump(document, Dumper=PlainDumper, sort_keys=False, width=4096, allow_unicode=False)
        for document in map(_clean, documents)
    )
    return (head + body).encode("utf-8", "replace")


def _clean(value: Any) -> Any:
    """Replace lone surrogates, which YAML cannot hold."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list() | tuple():
            return [_clean(item) for item in value]
        case dict():
            return {key: _clean(item) for key, item in value.items()}
        case _:
            return value
