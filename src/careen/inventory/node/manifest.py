"""Reader of package.json."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packageurl import PackageURL

from careen.errors import ImageError
from careen.formats.identity import check_identity, is_plain
from careen.formats.json_document import items, mapping, parse_object, text

MAX_MANIFEST = 4 << 20  # the largest in the registry have about 100 kB
_NAME = re.compile(r"(?:@[^/@]+/)?[^/@][^/@]*\Z")
_MAX_DEPENDS = 10_000
_MAX_LICENCE = 200


@dataclass(frozen=True, slots=True)
class NodeManifest:
    """The used fields of a package.json; `name` includes the scope, `version` is as written.

    `depends` are the names in `dependencies`; `licence` is as declared, or "".
    """

    name: str
    version: str
    depends: tuple[str, ...] = ()
    licence: str = ""

    @property
    def purl(self) -> str:
        """Package URL, `pkg:npm/%40scope/name@version`."""
        scope, _, name = self.name.rpartition("/")
        return PackageURL("npm", scope or None, name, self.version).to_string()


def read_manifest(data: bytes, where: str) -> NodeManifest | None:
    """Return the manifest, or None without a name or version; raise ImageError for a broken one."""
    document = parse_object(data, where, ImageError)
    stated = document.get("name"), document.get("version")
    # Many package.json only set the module type.
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
    """Return `license`, also in its old forms: an object with `type`, a list in `licenses`."""
    stated = document.get("license")
    found = text(stated) or text(mapping(stated).get("type"))
    if not found:
        found = " OR ".join(
            name
            for item in items(document.get("licenses"))[:20]
            if (name := text(item) or text(mapping(item).get("type")))
        )
    return found[:_MAX_LICENCE] if found.isprintable() else ""
