"""Texts in UTF-16, as Windows tools write them, for the search for secrets."""

import codecs

from careen.oci.extents import BytesPart, Extents

LIMIT = 16 << 20  # bytes of one text
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def narrowed(content: Extents) -> Extents | None:
    """Return a text in UTF-16 with a byte order mark as ASCII, "?" for what is none.

    Any other content comes back as it is; None for a text above LIMIT.
    """
    encoding = _MARKS.get(bytes(content.read_at(0, 2)))
    if encoding is None:
        return content
    if content.size > LIMIT:
        return None
    text = content.read_at(2, LIMIT).decode(encoding, "replace")
    return Extents([BytesPart(text.encode("ascii", "replace"))])
