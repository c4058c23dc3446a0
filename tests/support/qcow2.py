"""The disk inside a QCOW2 image of QEMU, version 2 or 3, without backing file and encryption.

The format: QEMU's docs/interop/qcow2.rst.
"""

import struct
import zlib
from pathlib import Path

import zstandard

_HEADER = struct.Struct(">4sIQIIQIIQ")  # as far as the place of the first table
_OFFSET, _COMPRESSED = 0x00FFFFFFFFFFFE00, 1 << 62
_ZERO = 1
_ZSTD = 1  # the type of compression, at byte 104


def write_disk(image: Path, disk: Path) -> None:
    """Write the disk of an image; what the image does not have is a hole."""
    data = image.read_bytes()
    magic, _, backing, _, bits, size, encrypted, entries, first = _HEADER.unpack_from(data)
    assert (magic, backing, encrypted) == (b"QFI\xfb", 0, 0)
    zstd = int.from_bytes(data[100:104], "big") > 104 and data[104] == _ZSTD
    cluster, each = 1 << bits, 1 << (bits - 3)
    with disk.open("wb") as out:
        out.truncate(size)
        for number, (table,) in enumerate(struct.iter_unpack(">Q", data[first:][: entries * 8])):
            at = table & _OFFSET
            if not at:
                continue
            for inner, (entry,) in enumerate(struct.iter_unpack(">Q", data[at : at + cluster])):
                place = (number * each + inner) * cluster
                if content := _cluster(data, entry, bits, zstd=zstd):
                    out.seek(place)
                    out.write(content[: max(0, size - place)])


def _cluster(data: bytes, entry: int, bits: int, *, zstd: bool) -> bytes:
    """Return the content of one cluster, b"" for a hole."""
    cluster = 1 << bits
    if not entry & _COMPRESSED:
        at = entry & _OFFSET
        return data[at : at + cluster] if at and not entry & _ZERO else b""
    shift = 62 - (bits - 8)
    at = entry & ((1 << shift) - 1)
    sectors = ((entry & (_COMPRESSED - 1)) >> shift) + 1
    packed = data[at : at + sectors * 512 - at % 512]
    if zstd:
        return zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    return zlib.decompressobj(-12).decompress(packed, cluster)
