"""package.json: what a Node package says of itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packageurl import PackageURL

from careen.errors import ImageError
from careen.formats.identity import check_identity, is_plain
from careen.formats.json_document import items, mapping, parse_object, text

MAX_MANIFEST = 4 << 20  # the largest of the registry's have some 100 kB
_NAME = re.compile(r"(?:@[^/@]+/)?[^/@][^/@]*\Z")
_MAX_DEPENDS = 10_000
_MAX_LICENCE = 200


@dataclass(frozen=True, slots=True)
class NodeManifest:
    """`name` with its scope, `version` as written, `depends` the names of `dependencies`, `licence`
    as declared or "".
    """

    name: str
    version: str
    depends: tuple[str, ...] = ()
    licence: str = ""

    @property
    def purl(self) -> str:
        """`pkg:npm/%40scope/name@version`."""
        scope, _, name = self.name.rpartition("/")
        return PackageURL("npm", scope or None, name, self.version).to_string()


def read_manifest(data: bytes, where: str) -> NodeManifest | None:
    """Return what package.json states, None where it states no name or no version: many only set
    the module type. Raises ImageError for a broken one.
    """
    document = parse_object(data, where, ImageError)
    stated = document.get("name"), document.get("version")
    if any(value is None or value == "" for value in stated):
        return None
    name, version = check_identity(*stated, where)
    if not _NAME.match(name):
        msg = f"{where}: no npm package has this name: {name[:80]!r}"
        raise ImageError(msg)
    return NodeManifest(name, version.removeprefix("v"), _depends(document), _licence(document))


def _depends(document: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        sorted(
            name
            for name in list(mapping(document.get("dependencies")))[:_MAX_DEPENDS]
            if is_plain(name)
        )
    )


def _licence(document: Mapping[str, Any]) -> str:
    """Return `license`, in its old forms too: an object with a `type`, and `licenses`, a list of
    such.
    """
    stated = document.get("license")
    found = text(stated) or text(mapping(stated).get("type"))
    if not found:
        found = " OR ".join(
            name
            for item in items(document.get("licenses"))[:20]
            if (name := text(item) or text(mapping(item).get("type")))
        )
    return found[:_MAX_LICENCE] if found.isprintable() else ""
