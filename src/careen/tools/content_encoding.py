"""Decoding of HTTP bodies by their Content-Encoding."""

import zlib

_ANY_HEADER = zlib.MAX_WBITS | 32  # gzip or zlib, whichever the data begins with (zlib.h)
_DECODED = frozenset({"gzip", "x-gzip", "deflate"})


def decoded(body: bytes, encoding: str, most: int) -> bytes:
    """Return the body without its gzip or zlib encoding, cut off at `most` bytes.

    A body in another encoding, or one that does not decode, is returned unchanged.
    """
    # A gzip header holds a time: the same document packs differently from second to second.
    if encoding.strip().lower() not in _DECODED:
        return body
    try:
        return zlib.decompressobj(_ANY_HEADER).decompress(body, most)
    except zlib.error:
        return body
