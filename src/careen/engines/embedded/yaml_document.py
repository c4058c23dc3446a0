"""One YAML document, read as what JSON can say."""

import json
import re
from collections.abc import Hashable
from typing import Any

import yaml

from careen.errors import ImageError
from careen.oci.documents import read_json
from careen.oci.limits import MAX_DEPTH

_TAG = "tag:yaml.org,2002:"
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser where it is built in


class _Loader(_BASE):  # type: ignore[misc]
    """A loader without YAML 1.1's surprises: `on` and `0:1` are texts, and no key occurs twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    # the signature of yaml
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
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
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(_pattern), _first)


def read_yaml(data: bytes, where: str) -> Any:
    """Parse one document; the caller bounds its size.

    Raises ImageError for invalid YAML, several documents, aliases, tags, repeated keys, deep
    nesting, and what JSON cannot express.
    """
    try:
        _check_events(data, where)
        found = json.dumps(yaml.load(data, _Loader), allow_nan=False)  # noqa: S506 — a safe loader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        msg = f"{where}: not valid YAML: {' '.join(str(error).split())}"
        raise ImageError(msg) from error
    except (TypeError, ValueError) as error:
        msg = f"{where}: YAML beyond what JSON can express: {error}"
        raise ImageError(msg) from error
    return read_json(found.encode(), where)


def _check_events(data: bytes, where: str) -> None:
    """Refuse what would cost more than its size (aliases, depth), and what JSON lacks: tags."""
    depth = 0
    for event in yaml.parse(data, _Loader):
        if isinstance(event, yaml.AliasEvent):
            msg = f"{where}: a YAML alias (*{event.anchor}); write its content in its place"
            raise ImageError(msg)
        if (tag := getattr(event, "tag", None)) is not None:
            msg = f"{where}: a YAML tag ({tag[:80]!r}); write the value without it"
            raise ImageError(msg)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            msg = f"{where}: YAML nested deeper than {MAX_DEPTH} levels"
            raise ImageError(msg)
