"""YAML as far as JSON can say the same: no aliases, no tags, no repeated keys, bounded depth."""

import re
from collections.abc import Hashable
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser where it is built in


class YamlLoader(_BASE):  # type: ignore[misc]
    """A loader without YAML 1.1's surprises: `on` and `0:1` are texts, and no key occurs twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    # the signature of yaml
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        """Return a mapping; raise yaml.YAMLError if a key occurs twice."""
        found: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(found) != len(node.value):
            msg = "a key occurs twice"
            raise yaml.constructor.ConstructorError(None, None, msg, node.start_mark)
        return found


for _kind, _pattern, _first in (
    ("null", r"(?:~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", list("tTfF")),
    (
        "int",
        r"(?:[-+]?(?:0|[1-9][0-9]{0,18})|0o?[0-7]{1,21}|0x[0-9a-fA-F]{1,16})\Z",
        list("-+0123456789"),
    ),
):
    YamlLoader.add_implicit_resolver(_TAG + _kind, re.compile(_pattern), _first)


def load_subset(data: bytes, deepest: int, most: int | None = None) -> tuple[Any, yaml.Node | None]:
    """Return the value of one document, and its node with the places in the text.

    The caller bounds the size, and the number of values and keys with `most`. Raises ValueError in
    one line: not YAML, or beyond the subset.
    """
    try:
        _check_events(data, deepest, most)
        node = yaml.compose(data, YamlLoader)
        return None if node is None else YamlLoader(b"").construct_document(node), node
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        msg = f"not valid YAML: {' '.join(str(error).split())}"
        raise ValueError(msg) from error


def _check_events(data: bytes, deepest: int, most: int | None) -> None:
    """Refuse aliases, tags, and what would cost too much: depth and number."""
    depth = nodes = 0
    for event in yaml.parse(data, YamlLoader):
        if isinstance(event, yaml.AliasEvent):
            msg = f"a YAML alias (*{event.anchor}); write its content in its place"
            raise ValueError(msg)  # noqa: TRY004 — of the text, not of a type
        if (tag := getattr(event, "tag", None)) is not None:
            msg = f"a YAML tag ({tag[:80]!r}); write the value without it"
            raise ValueError(msg)
        nodes += isinstance(event, yaml.NodeEvent)
        if most is not None and nodes > most:
            msg = f"more than {most:,} values and keys"
            raise ValueError(msg)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > deepest:
            msg = f"YAML nested deeper than {deepest} levels"
            raise ValueError(msg)
