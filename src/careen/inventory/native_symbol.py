"""Static evaluation of exported symbols: functions that return a constant, and constants.

Only code of exactly the shape that compilers give to `return CONSTANT;` is read, one or two
instructions on x86-64 and AArch64; anything else gives no result.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from careen.formats.elf.file import ElfFile

MAX_SYMBOLS = 1 << 20  # libtorch_cpu has about 150,000
MAX_NAMES = 64 << 20  # libtorch_cpu's take 25 MB
_MAX_TEXT = 64
_CODE = 32
_SYMBOL = 24  # bytes per symbol in a 64-bit file

_X86_64, _AARCH64 = 62, 183
_X86_ENDBR = b"\xf3\x0f\x1e\xfa"
_X86_FRAME = b"\x55\x48\x89\xe5"
_ARM_RET, _ARM_BTI = 0xD65F03C0, 0xD503245F


@dataclass(frozen=True, slots=True)
class Constant:
    """The return value of a function: a number, or an address if `is_address`."""

    value: int
    is_address: bool


def symbol_addresses(elf: ElfFile, wanted: frozenset[str]) -> dict[str, int]:
    """Return the addresses of the `wanted` symbols that a 64-bit little-endian file exports."""
    table, names = elf.tables.section(".dynsym"), elf.tables.section(".dynstr")
    if (
        table is None
        or names is None
        or elf.tables.bits != 64  # noqa: PLR2004
        or elf.tables.order != "<"
        or names.size > MAX_NAMES
    ):
        return {}
    offsets = dict(_offsets(elf.read(names.offset, names.size), wanted))
    if not offsets:
        return {}
    data = elf.read(table.offset, min(table.size, MAX_SYMBOLS * _SYMBOL))
    out: dict[str, int] = {}
    for offset, name in offsets.items():
        entry = _entry(data, offset)
        if entry is not None:
            out[name] = entry
    return out


def _offsets(names: bytes, wanted: frozenset[str]) -> Iterator[tuple[int, str]]:
    for name in wanted:
        at = names.find(b"\0" + name.encode() + b"\0")
        if at >= 0:
            yield at + 1, name


def _entry(table: bytes, name: int) -> int | None:
    key = struct.pack("<I", name)
    at = table.find(key)
    while at >= 0:
        if at % _SYMBOL == 0 and at + _SYMBOL <= len(table):
            _, _, _, section, value, _ = struct.unpack_from("<IBBHQQ", table, at)
            return int(value) if section else None
        at = table.find(key, at + 1)
    return None


def constant(elf: ElfFile, address: int) -> Constant | None:
    """Return the constant that the function at `address` returns, or None for other code."""
    code = elf.at_address(address, _CODE)
    if elf.tables.machine == _X86_64:
        return _x86(code, address)
    return _arm(code, address) if elf.tables.machine == _AARCH64 else None


def _x86(code: bytes, address: int) -> Constant | None:
    at = len(_X86_ENDBR) if code.startswith(_X86_ENDBR) else 0
    end = b"\xc3"
    if code.startswith(_X86_FRAME, at):
        at, end = at + len(_X86_FRAME), b"\x5d\xc3"
    if code[at : at + 1] == b"\xb8" and code.startswith(end, at + 5):
        return Constant(int.from_bytes(code[at + 1 : at + 5], "little"), is_address=False)
    if code[at : at + 3] == b"\x48\x8d\x05" and code.startswith(end, at + 7):
        return Constant(
            address + at + 7 + int.from_bytes(code[at + 3 : at + 7], "little", signed=True),
            is_address=True,
        )
    return None


def _arm(code: bytes, address: int) -> Constant | None:
    words = list(struct.unpack(f"<{len(code) // 4}I", code[: len(code) // 4 * 4]))
    if words and words[0] == _ARM_BTI:
        words, address = words[1:], address + 4
    if len(words) < 3:  # noqa: PLR2004
        return None
    first, second, third = words[:3]
    if first & 0xFFE0001F == 0x52800000:  # noqa: PLR2004 — movz w0, #imm
        value = first >> 5 & 0xFFFF
        if second == _ARM_RET:
            return Constant(value, is_address=False)
        # movk w0, #imm, lsl 16
        if second & 0xFFE0001F == 0x72A00000 and third == _ARM_RET:  # noqa: PLR2004
            return Constant(value | (second >> 5 & 0xFFFF) << 16, is_address=False)
    # adrp x0; add x0, x0, #imm
    if first & 0x9F00001F == 0x90000000 and second & 0xFFC003FF == 0x91000000 and third == _ARM_RET:  # noqa: PLR2004
        page = (first >> 5 & 0x7FFFF) << 2 | (first >> 29 & 3)
        page -= (page & 1 << 20) << 1
        return Constant((address & ~0xFFF) + (page << 12) + (second >> 10 & 0xFFF), is_address=True)
    return None


def text_at(elf: ElfFile, address: int) -> str:
    """Return the NUL-terminated printable text at an address, at most 63 bytes; "" without one."""
    text, end, _ = elf.at_address(address, _MAX_TEXT).partition(b"\0")
    return (
        text.decode("ascii")
        if end and text.isascii() and text.decode("ascii").isprintable()
        else ""
    )


def unpacked(number: int, form: str) -> str:
    """Return the version that a number encodes, or "".

    `form` is `hex 8.8.8` (bit widths), `thousands` (2161 is 2.16.1), `hundreds` (20914 is 2.9.14),
    `postgres` (150003 is 15.3) or `python` (0x030b07f0 is 3.11.7).
    """
    match form.split():
        case ["hex", widths]:
            parts: list[str] = []
            for width in reversed([int(item) for item in widths.split(".")]):
                parts.append(str(number & (1 << width) - 1))
                number >>= width
            return ".".join(reversed(parts)) if not number else ""
        case ["thousands"]:
            return f"{number // 1000}.{number % 1000 // 10}" + (
                f".{number % 10}" if number % 10 else ""
            )
        case ["hundreds"]:
            return f"{number // 10000}.{number // 100 % 100}.{number % 100}"
        case ["postgres"]:
            return f"{number // 10000}.{number % 10000}"
        case ["python"]:
            level = {
                0xA: f"a{number & 15}",
                0xB: f"b{number & 15}",
                0xC: f"rc{number & 15}",
                0xF: "",
            }.get(number >> 4 & 15)
            return (
                ""
                if level is None
                else f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}{level}"
            )
        case _:
            return ""
