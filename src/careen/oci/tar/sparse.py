"""Sparse files in tar: GNU's old format (type `S`) and the pax formats 0.0, 0.1 and 1.0.

A map is a tuple of (offset in the file, length, offset in the stored data), ascending, without the
holes.
"""

from careen.errors import ImageError
from careen.oci.extents import Extents
from careen.oci.limits import MAX_SPARSE_PARTS, MAX_SPARSE_SIZE
from careen.oci.tar.header import BLOCK, number
from careen.oci.tar.pax import Records, decimal

SparseMap = tuple[tuple[int, int, int], ...]
_OLD_IN_HEADER = 4
_OLD_IN_BLOCK = 21

_MAX_LINE = 64  # of a number of a pax 1.0 map


def checked(pairs: list[tuple[int, int]], real: int, stored: int, where: str) -> SparseMap:
    """Return the map of (offset, length) pairs.

    Raises ImageError if they overlap, pass the end or do not add up to `stored` bytes.
    """
    if real > MAX_SPARSE_SIZE:
        msg = f"{where}: sparse file of {real} bytes; at most {MAX_SPARSE_SIZE} are read"
        raise ImageError(msg)
    out: list[tuple[int, int, int]] = []
    end = used = 0
    for offset, length in pairs:
        if offset < end or length < 0 or offset + length > real:
            msg = (
                f"{where}: sparse map is not ascending inside the file's {real} bytes: {length}"
                f" bytes at {offset}"
            )
            raise ImageError(msg)
        if length:
            out.append((offset, length, used))
        end, used = offset + length, used + length
    if used != stored:
        msg = f"{where}: sparse map names {used} bytes of data, the entry holds {stored}"
        raise ImageError(msg)
    return tuple(out)


def old_pairs(
    source: Extents, header: bytes, data: int, where: str
) -> tuple[list[tuple[int, int]], int, int]:
    """Return pairs, real size and data offset of an old GNU map (header, extensions)."""
    pairs: list[tuple[int, int]] = []

    def take(block: bytes, start: int, count: int) -> None:
        for at in range(start, start + 24 * count, 24):
            if not block[at]:
                return
            pairs.append(
                (number(block[at : at + 12], where), number(block[at + 12 : at + 24], where))
            )

    take(header, 386, _OLD_IN_HEADER)
    extended = header[482]
    while extended:
        block = source.read_at(data, BLOCK)
        if len(block) < BLOCK or len(pairs) > MAX_SPARSE_PARTS:
            msg = f"{where}: sparse map is truncated or has more than {MAX_SPARSE_PARTS} parts"
            raise ImageError(msg)
        take(block, 0, _OLD_IN_BLOCK)
        extended, data = block[504], data + BLOCK
    return pairs, number(header[483:495], where), data


def pax_pairs(records: Records, where: str) -> list[tuple[int, int]] | None:
    """Return the pairs of pax formats 0.0 and 0.1, or None if the records hold no map."""
    listed = dict(records).get(b"GNU.sparse.map")
    if listed is not None:
        numbers = (
            [decimal(item, "sparse map", where) for item in listed.split(b",")] if listed else []
        )
    else:
        numbers = [
            decimal(value, "sparse map", where)
            for key, value in records
            if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes")
        ]
        order = [key for key, _ in records if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes")]
        if not order and b"GNU.sparse.numblocks" not in dict(records):
            return None
        if order != [b"GNU.sparse.offset", b"GNU.sparse.numbytes"] * (len(order) // 2):
            msg = f"{where}: sparse offsets and lengths do not alternate in the pax header"
            raise ImageError(msg)
    if len(numbers) % 2 or len(numbers) > 2 * MAX_SPARSE_PARTS:
        msg = (
            f"{where}: sparse map has an odd count of numbers, or more than {MAX_SPARSE_PARTS}"
            " parts"
        )
        raise ImageError(msg)
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def stored_pairs(
    source: Extents, data: int, end: int, where: str
) -> tuple[list[tuple[int, int]], int]:
    """Return the pairs of a pax 1.0 map at the start of the data, and its size (whole blocks)."""
    numbers: list[int] = []
    rest = b""
    at = data
    wanted = 1
    while len(numbers) < wanted:
        # Without a bound, a map without line ends is copied once for each of its blocks.
        if len(rest) > _MAX_LINE:
            msg = f"{where}: sparse map has a line of more than {_MAX_LINE} characters"
            raise ImageError(msg)
        block = source.read_at(at, min(BLOCK, end - at))
        if len(block) < BLOCK:
            msg = f"{where}: sparse map is truncated"
            raise ImageError(msg)
        at += BLOCK
        *lines, rest = (rest + block).split(b"\n")
        for line in lines[: wanted - len(numbers)] if wanted > 1 else lines:
            numbers.append(decimal(line, "sparse map", where))
            if len(numbers) == 1:
                wanted = 1 + 2 * numbers[0]
            if wanted > 1 + 2 * MAX_SPARSE_PARTS:
                msg = (
                    f"{where}: sparse map of {numbers[0]} parts; at most {MAX_SPARSE_PARTS} are"
                    " read"
                )
                raise ImageError(msg)
            if len(numbers) == wanted:
                break
    return list(zip(numbers[1::2], numbers[2::2], strict=True)), at - data
