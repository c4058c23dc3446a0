"""A message as Outlook keeps it: a compound file of one level, written by hand. Streams below 4096 bytes lie in the small stream."""

import struct

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _padded(data: bytes, size: int) -> bytes:
    return data.ljust(-(-len(data) // size) * size, b"\0")


def compound(members: dict[str, bytes | dict[str, bytes]]) -> bytes:
    """A compound file of streams, and of storages with streams."""
    entries = [["Root Entry", 5, _FREE, _FREE, _FREE, _END, 0]]
    small, small_chain = b"", []

    def tree(numbers: list[int]) -> int:
        if not numbers:
            return _FREE
        middle = len(numbers) // 2
        entries[numbers[middle]][2:4] = [tree(numbers[:middle]), tree(numbers[middle + 1 :])]
        return numbers[middle]

    def add(parent: int, found: dict) -> None:
        nonlocal small
        numbers = []
        for name in sorted(found, key=lambda name: (len(name), name.upper())):
            value = found[name]
            numbers.append(len(entries))
            if isinstance(value, dict):
                entries.append([name, 1, _FREE, _FREE, _FREE, 0, 0])
                add(numbers[-1], value)
            else:
                first = len(small) // 64
                count = -(-len(value) // 64)
                entries.append([name, 2, _FREE, _FREE, _FREE, first if count else _END, len(value)])
                small += _padded(value, 64)
                small_chain.extend([*range(first + 1, first + count), *([_END] if count else [])])
        entries[parent][4] = tree(numbers)

    add(0, members)
    packed_entries = b"".join(
        struct.pack("<64sHBBIII16sIQQIQ", name.encode("utf-16-le"), len(name) * 2 + 2, kind, 1, left, right, child, b"\0" * 16, 0, 0, 0, start, size)
        for name, kind, left, right, child, start, size in entries
    )
    parts = {
        "directory": _padded(packed_entries, 512),
        "minifat": _padded(struct.pack(f"<{len(small_chain)}I", *small_chain), 512),
        "small": _padded(small, 512),
    }
    first, sectors, chain = {}, b"", [_FAT]
    for name, data in parts.items():
        first[name] = len(chain)
        count = len(data) // 512
        chain.extend([*range(len(chain) + 1, len(chain) + count), _END])
        sectors += data
    directory = bytearray(sectors[: len(parts["directory"])])
    struct.pack_into("<IQ", directory, 116, first["small"], len(small))
    minifat = parts["minifat"][: len(small_chain) * 4].ljust(len(parts["minifat"]), b"\xff")
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\0" * 16, 0x3E, 3, 0xFFFE, 9, 6, b"\0" * 6, 0, 1, first["directory"], 0, 4096, first["minifat"],
        len(minifat) // 512, _END, 0, 0
    )  # fmt: skip
    header += struct.pack("<109I", 0, *[_FREE] * 108)[: 512 - len(header)]
    assert len(header) == 512
    assert len(chain) <= 128
    return header + fat + bytes(directory) + minifat + parts["small"]


def message(subject: str, body: str, sender: str) -> bytes:
    """A note with a subject, a body and a sender."""
    texts = {0x001A: "IPM.Note", 0x0037: subject, 0x1000: body, 0x0C1F: sender, 0x0C1A: sender}
    streams: dict[str, bytes | dict[str, bytes]] = {f"__substg1.0_{number:04X}001F": text.encode("utf-16-le") for number, text in texts.items()}
    fixed = [struct.pack("<IIQ", 0x340D0003, 6, 0x00040000), struct.pack("<IIQ", 0x0E070003, 6, 1)]
    variable = [struct.pack("<IIII", number << 16 | 0x1F, 6, len(text) * 2 + 2, 0) for number, text in texts.items()]
    streams["__properties_version1.0"] = struct.pack("<8xIIII8x", 0, 0, 0, 0) + b"".join([*fixed, *variable])
    streams["__nameid_version1.0"] = {f"__substg1.0_{number:04X}0102": b"" for number in (2, 3, 4)}
    return compound(streams)
