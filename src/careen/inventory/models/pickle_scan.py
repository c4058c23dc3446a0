"""Imports of a pickle, found by walking its opcodes; nothing is ever loaded.

The opcodes are those of the standard library's pickletools. Its own walk reads every argument into
memory, whatever its length. This one skips unused arguments, and keeps only texts and marks of the
unpickler's stack, from which the names of imports are built.
"""

import io
import pickletools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import BinaryIO, Final

# Per file, at about 0.6 µs each. A state dict of 1,000 tensors has about 30,000.
MAX_OPCODES = 1_000_000
# A gigabyte of marks would need eight of memory; beyond this depth, the bottom of the stack is
# dropped.
MAX_STACK = 50_000
MAX_MEMO = 200_000  # texts in the memo
MAX_PICKLES = 8  # consecutive pickles in a file; torch's old format has 5
MAX_TEXT = 1024  # bytes of a text that can be part of a name
MAX_LINE = 1 << 20
MAX_SEARCHED = 256 << 20  # bytes to search after opcodes that cannot be followed
MAX_NAMED = 100  # different imports to keep
COMPUTED = "STACK_GLOBAL of a name that is computed"

_MARK: Final = object()
_LINE, _ONE, _FOUR, _FOUR_UNSIGNED, _EIGHT = (
    pickletools.UP_TO_NEWLINE,
    pickletools.TAKEN_FROM_ARGUMENT1,
    pickletools.TAKEN_FROM_ARGUMENT4,
    pickletools.TAKEN_FROM_ARGUMENT4U,
    pickletools.TAKEN_FROM_ARGUMENT8U,
)
_CHUNK, _OVERLAP = 4 << 20, 256
_IMPORT = re.compile(
    rb"[ci]([A-Za-z_][\w.]{1,80})\n([A-Za-z_][\w.]{0,80})\n|\x8c.([A-Za-z_][\w.]{1,80})\x94?\x8c.([A-Za-z_][\w.]{0,80})\x94?\x93",
    re.DOTALL,
)
_NEWEST = max(code.proto for code in pickletools.opcodes)
_PREFIX = {_ONE: 1, _FOUR: 4, _FOUR_UNSIGNED: 4, _EIGHT: 8}
_TEXTS = frozenset(
    {
        "SHORT_BINUNICODE",
        "BINUNICODE",
        "BINUNICODE8",
        "SHORT_BINSTRING",
        "BINSTRING",
        "UNICODE",
        "STRING",
    }
)
_LINES_OF_TWO = frozenset({"GLOBAL", "INST"})
_PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GETS = frozenset({"GET", "BINGET", "LONG_BINGET"})
_EXTENSIONS = frozenset({"EXT1", "EXT2", "EXT4"})


@dataclass(frozen=True, slots=True)
class _Opcode:
    name: str
    argument: int | None
    pops: int
    to_mark: bool
    pushes: int


@dataclass(slots=True)
class PickleScan:
    """Result of a scan; `imports` maps `module.name` to its opcode, in file order.

    `searched` counts the bytes searched after opcodes that cannot be followed. `problem` is the
    reason for an early end, or "".
    """

    imports: dict[str, str] = field(default_factory=dict)
    opcodes: int = 0
    searched: int = 0
    pickles: int = 0
    problem: str = ""

    @property
    def steps(self) -> int:
        """Cost of the scan in steps of an `Effort`."""
        return self.opcodes + self.searched // 64

    @property
    def dangerous(self) -> tuple[str, ...]:
        """Imports not known to be harmless, with their opcodes; known dangerous ones first."""
        named = [(name, opcode) for name, opcode in self.imports.items() if not _is_harmless(name)]
        named.sort(key=lambda item: not _is_unsafe(item[0]))
        return tuple(
            name if name == COMPUTED or opcode in _EXTENSIONS else f"{opcode} {name}"
            for name, opcode in named
        )

    def note(self, name: str, opcode: str) -> None:
        """Record an import; at the limit, a dangerous one replaces one that is not known to be."""
        if name in self.imports:
            return
        if len(self.imports) >= MAX_NAMED:
            other = (
                next((item for item in self.imports if not _is_unsafe(item)), None)
                if _is_unsafe(name)
                else None
            )
            if other is None:
                return
            del self.imports[other]
        self.imports[name] = opcode


@cache
def _lists() -> Mapping[str, frozenset[str]]:
    document = tomllib.loads(
        resources.files("careen.inventory.models")
        .joinpath("pickle_imports.toml")
        .read_text("utf-8")
    )
    return {key: frozenset(document[key]) for key in ("harmless", "unsafe")}


def _is_harmless(name: str) -> bool:
    known = _lists()["harmless"]
    return name in known or f"{name.rpartition('.')[0]}.*" in known


def _is_unsafe(name: str) -> bool:
    """Return whether a name or its prefix is known to run code, as in `builtins.exec.__call__`."""
    known = _lists()["unsafe"]
    parts = name.split(".")[:20]
    above = [".".join(parts[:i]) for i in range(1, len(parts) + 1)]
    return any(item in known or f"{item}.*" in known for item in above)


@cache
def _opcodes() -> Mapping[int, _Opcode]:
    out: dict[int, _Opcode] = {}
    for code in pickletools.opcodes:
        before = [
            item
            for item in code.stack_before
            if item not in (pickletools.markobject, pickletools.stackslice)
        ]
        out[ord(code.code)] = _Opcode(
            code.name,
            None if code.arg is None else code.arg.n,
            len(before),
            pickletools.markobject in code.stack_before,
            len(code.stack_after),
        )
    return out


class _InvalidPickleError(Exception):
    """The bytes do not continue as the opcodes say."""


def scan_pickles(stream: BinaryIO, size: int, max_opcodes: int = MAX_OPCODES) -> PickleScan:
    """Scan the consecutive pickles at the stream's position, up to `size` bytes.

    Never raises for their content.
    """
    scan = PickleScan()
    end = stream.tell() + size
    while scan.pickles < MAX_PICKLES and stream.tell() < end and not scan.problem:
        start = stream.tell()
        try:
            _Walk(stream, end, scan, max_opcodes).run()
        except _InvalidPickleError as error:
            # Tensor data follows the pickles.
            if scan.pickles and not _is_pickle_at(stream, start):
                break
            scan.problem = f"byte {stream.tell()}: {error}"
            _search_rest(stream, end, scan)
            break
        scan.pickles += 1
        if not _is_pickle_at(stream, stream.tell()):
            break
    return scan


def _search_rest(stream: BinaryIO, end: int, scan: PickleScan) -> None:
    """Search for dangerous imports by their bytes where the opcodes cannot be followed."""
    # joblib writes its arrays between opcodes, and a broken pickle still runs up to its break.
    left = min(MAX_SEARCHED, end - stream.tell())
    kept = b""
    while left > 0 and (data := stream.read(min(_CHUNK, left))):
        left -= len(data)
        scan.searched += len(data)
        data = kept + data
        for match in _IMPORT.finditer(data):
            module, attribute = (
                part.decode("ascii") for part in match.groups() if part is not None
            )
            opcode = "GLOBAL" if match[1] is not None else "STACK_GLOBAL"
            if _is_unsafe(f"{module}.{attribute}"):
                scan.note(f"{module}.{attribute}", opcode)
        kept = data[-_OVERLAP:]


def _is_pickle_at(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    head = stream.read(2)
    stream.seek(offset)
    return len(head) == 2 and head[0] == 0x80 and 2 <= head[1] <= _NEWEST  # noqa: PLR2004


class _Walk:
    """The walk over one pickle, opcode by opcode."""

    def __init__(self, stream: BinaryIO, end: int, scan: PickleScan, max_opcodes: int) -> None:
        self._max_opcodes = max_opcodes
        self._stream = stream
        self._end = end
        self._scan = scan
        self._stack: list[object] = []
        self._memo: dict[int, str] = {}
        self._memoized = 0

    def run(self) -> None:
        """Walk to STOP; raise _EndedError if the bytes end or are invalid."""
        table = _opcodes()
        read = self._stream.read
        while True:
            code = read(1)
            opcode = table.get(code[0]) if code else None
            if opcode is None:
                msg = "the pickle is cut short" if not code else f"no opcode: {code!r}"
                raise _InvalidPickleError(msg)
            self._scan.opcodes += 1
            if self._scan.opcodes > self._max_opcodes:
                msg = f"more than {self._max_opcodes} opcodes; what follows was not looked at"
                raise _InvalidPickleError(msg)
            argument = None if opcode.argument is None else self._argument(opcode, opcode.argument)
            self._apply(opcode, argument)
            if opcode.name == "STOP":
                return

    def _argument(self, opcode: _Opcode, number: int) -> bytes | None:
        """Return the argument's bytes; None for non-text data and for text above MAX_TEXT."""
        if number == _LINE:
            return b"\n".join(self._line() for _ in range(2 if opcode.name in _LINES_OF_TWO else 1))
        if number >= 0:
            return self._exactly(number)
        size = int.from_bytes(self._exactly(_PREFIX[number]), "little")
        if size > self._end - self._stream.tell():
            msg = f"{opcode.name} of {size} bytes, which the file does not have"
            raise _InvalidPickleError(msg)
        if opcode.name in _TEXTS and size <= MAX_TEXT:
            return self._exactly(size)
        self._stream.seek(size, io.SEEK_CUR)
        return None

    def _exactly(self, number: int) -> bytes:
        data = self._stream.read(number)
        if len(data) < number:
            msg = "the pickle is cut short"
            raise _InvalidPickleError(msg)
        return data

    def _line(self) -> bytes:
        line = self._stream.readline(MAX_LINE)
        if not line.endswith(b"\n"):
            msg = "a line without end"
            raise _InvalidPickleError(msg)
        return line[:-1].rstrip(b"\r")[: MAX_TEXT + 1]

    def _apply(self, opcode: _Opcode, argument: bytes | None) -> None:
        stack, name = self._stack, opcode.name
        if name == "MARK":
            self._push(_MARK)
        elif name in _TEXTS:
            self._push(None if argument is None else _text(name, argument))
        elif name in _LINES_OF_TWO:
            module, _, attribute = (argument or b"").decode("utf-8", "replace").partition("\n")
            self._pop(opcode)
            self._import(module, attribute, name)
            self._push(None)
        elif name == "STACK_GLOBAL":
            attribute_, module_ = (stack.pop() if stack else None for _ in range(2))
            if isinstance(module_, str) and isinstance(attribute_, str):
                self._import(module_, attribute_, name)
            else:
                self._scan.note(COMPUTED, name)
            self._push(None)
        elif name in _EXTENSIONS:
            self._scan.note(
                f"{name} {int.from_bytes(argument or b'', 'little')}: an import by a number of the"
                " extension registry",
                name,
            )
            self._push(None)
        elif name in _PUTS or name == "MEMOIZE":
            number = self._memoized if name == "MEMOIZE" else _number(name, argument or b"")
            self._memoized += 1
            top = stack[-1] if stack else None
            if isinstance(top, str) and len(self._memo) < MAX_MEMO:
                self._memo[number] = top
            else:
                self._memo.pop(number, None)
        elif name in _GETS:
            self._push(self._memo.get(_number(name, argument or b"")))
        elif name == "DUP":
            self._push(stack[-1] if stack else None)
        else:
            self._pop(opcode)
            for _ in range(opcode.pushes):
                self._push(None)

    def _push(self, item: object) -> None:
        if len(self._stack) >= MAX_STACK:
            del self._stack[: MAX_STACK // 2]
        self._stack.append(item)

    def _pop(self, opcode: _Opcode) -> None:
        stack = self._stack
        if opcode.to_mark:
            while stack and stack.pop() is not _MARK:
                pass
        for _ in range(opcode.pops):
            if stack:
                stack.pop()

    def _import(self, module: str, attribute: str, opcode: str) -> None:
        self._scan.note(f"{module}.{attribute}"[:200], opcode)


def _text(name: str, data: bytes) -> str:
    if name == "STRING":
        data = data.strip(b"'\"")
    if name == "UNICODE":
        return data.decode("raw-unicode-escape", "replace")
    return data.decode("utf-8", "replace")


def _number(name: str, argument: bytes) -> int:
    if name in ("PUT", "GET"):
        # The digits of a 64-bit number.
        return int(argument) if argument.isdigit() and len(argument) < 20 else -1  # noqa: PLR2004
    return int.from_bytes(argument, "little")
