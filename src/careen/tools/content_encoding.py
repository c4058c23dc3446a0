"""What an HTTP body says beneath its Content-Encoding."""

import zlib

_ANY_HEADER = zlib.MAX_WBITS | 32  # gzip or zlib, whichever the data begins with (zlib.h)
_DECODED = frozenset({"gzip", "x-gzip", "deflate"})


def decoded(body: bytes, encoding: str, most: int) -> bytes:
    """Return the body without its gzip or zlib packing, cut off at `most` bytes.

    A body in another encoding, or that is not packed as its header says, is returned as it is.
    """
    # gzip holds the time of packing: the same document differs from one second to the next.
    if encoding.strip().lower() not in _DECODED:
        return body
    try:
        return zlib.decompressobj(_ANY_HEADER).decompress(body, most)
    except zlib.error:
        return body
