"""Whether an ELF program asks for a stack without code, and can be loaded at a random address."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from careen.model.machines import MAGIC

_MAX_HEADERS = 512  # program headers; the largest files have about 20
_GNU_STACK, _INTERPRETER = 0x6474E551, 3
_EXECUTABLE = 1  # flag of a segment
_DYN, _EXEC = 3, 2  # types of a file
_IDENT = 16
# The fields of the header after e_ident, and of a program header, by class (elf(5)).
_HEADER = {1: "HHIIIIIHHHHHH", 2: "HHIQQQIHHHHHH"}
_SEGMENT = {1: "IIIIIIII", 2: "IIQQQQQQ"}
_FLAGS_AT = {1: 6, 2: 1}  # p_flags


@dataclass(frozen=True, slots=True)
class Protection:
    """What the headers of an ELF file state.

    `program`: it can be started. `random_address`: it can be loaded anywhere (PIE).
    `code_on_stack`: its stack is executable, asked for or by default.
    """

    program: bool
    random_address: bool
    code_on_stack: bool


def read_protection(stream: BinaryIO) -> Protection | None:
    """Return what the headers state, or None for a file that is not a complete ELF file."""
    ident = stream.read(_IDENT)
    if len(ident) < _IDENT or not ident.startswith(MAGIC) or ident[4] not in _HEADER:
        return None
    order = {1: "<", 2: ">"}.get(ident[5])
    if order is None:
        return None
    header = _unpack(stream, order + _HEADER[ident[4]])
    if header is None or not 0 < header[9] <= _MAX_HEADERS:
        return None
    kind, segments_at, size, count = header[0], header[4], header[8], header[9]
    form = order + _SEGMENT[ident[4]]
    if kind not in (_DYN, _EXEC) or size != struct.calcsize(form):
        return None
    stream.seek(segments_at)
    segments = [_unpack(stream, form) for _ in range(count)]
    if None in segments:
        return None
    types = {each[0]: each[_FLAGS_AT[ident[4]]] for each in segments if each is not None}
    stack = types.get(_GNU_STACK)
    return Protection(
        program=kind == _EXEC or _INTERPRETER in types,
        random_address=kind == _DYN,
        code_on_stack=stack is None or bool(stack & _EXECUTABLE),
    )


def _unpack(stream: BinaryIO, form: str) -> tuple[int, ...] | None:
    data = stream.read(struct.calcsize(form))
    return struct.unpack(form, data) if len(data) == struct.calcsize(form) else None
