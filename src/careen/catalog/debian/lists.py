"""Digests of packages in the package lists that apt has verified by their signatures."""

import re
from collections.abc import Collection, Mapping

from careen.catalog.port import Key

MAX_LIST = 512 << 20
_ENTRY = re.compile(rb"(Package|Version|Architecture|SHA256): ([^\n]{1,500})")


def digests(lists: bytes, wanted: Collection[Key]) -> Mapping[Key, str]:
    """Return the SHA-256 (hex) of the archives of these packages, as far as the list has them."""
    # A list has 70,000 paragraphs: only those of wanted names are taken apart.
    names = {name for name, _, _ in wanted}
    found: dict[Key, str] = {}
    for paragraph in lists.split(b"\n\n"):
        if not paragraph.startswith(b"Package: "):
            continue
        name = paragraph[9 : paragraph.find(b"\n")].decode("utf-8", "replace")
        if name not in names:
            continue
        fields = {
            line[1].decode(): line[2].decode("utf-8", "replace")
            for line in map(_ENTRY.fullmatch, paragraph.split(b"\n"))
            if line is not None
        }
        key = (name, fields.get("Architecture", ""), fields.get("Version", ""))
        if key in wanted and "SHA256" in fields:
            found[key] = fields["SHA256"]
    return found
