"""Reader of the build information that the Go linker adds to every program since Go 1.13.

It holds Go's version, the linked modules and the build settings. `strip` keeps it, because the
program reads it itself (runtime/debug.ReadBuildInfo). Since Go 1.18 the texts follow a header of 32
bytes; before that, the header points at Go strings elsewhere. Source: debug/buildinfo and
cmd/go/internal/modload in the Go tree.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from careen.formats.elf.file import ElfFile

MAGIC = b"\xff Go buildinf:"
MAX_MODULES = 10_000  # kubernetes has about 250
MAX_TEXT = 4 << 20  # of the module list; kubernetes' has 20 kB
MAX_SEARCHED = 64 << 20  # bytes of writable data to search in a file without sections

_HEADER = 32
_ALIGN = 16
_INLINE = 2
_BIG_ENDIAN = 1
_WRITABLE = 2
_SENTINEL = 16  # the module list stands between two markers of 16 bytes
_VARINT = 10
_VERSION = re.compile(r"(?:devel )?go\d[\w.+-]{0,80}(?: |\Z)|devel ")
_FIELDS = 3


@dataclass(frozen=True, slots=True)
class GoModule:
    """One module; `version` as Go states it (`v1.2.3`, `(devel)`, "").

    `replaces` is the path in the source if another module was put in its place.
    """

    path: str
    version: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class GoBuild:
    """Build information of a program; `settings` are go build's.

    `go` is as stated (`go1.22.3 X:boringcrypto`, `devel go1.23-…`); `main` is None for a program
    built without modules.
    """

    go: str
    package: str
    main: GoModule | None
    modules: tuple[GoModule, ...]
    settings: tuple[tuple[str, str], ...]

    def setting(self, name: str) -> str:
        """Return the value of a build setting, or "" if it is not stated."""
        return next((value for key, value in self.settings if key == name), "")


class BadBuildInfoError(Exception):
    """The build information cannot be read; the message says why."""


def is_go(elf: ElfFile) -> bool:
    """Return whether a section shows that the Go toolchain made this file."""
    return any(
        item.name in (".go.buildinfo", ".note.go.buildid", ".gopclntab")
        for item in elf.tables.sections
    )


def read_build(elf: ElfFile) -> GoBuild | None:
    """Return a program's build information, or None without any.

    Raises BadBuildInfoError if it cannot be read.
    """
    header = _find(elf)
    if header is None:
        return None
    version, modules = _inline(header) if header[15] & _INLINE else _pointed(elf, header)
    go = version.decode("utf-8", "replace")
    if not _VERSION.match(go):
        msg = f"no Go version but {go[:60]!r}"
        raise BadBuildInfoError(msg)
    return _parsed(go, modules)


def _find(elf: ElfFile) -> bytes | None:
    """Return the header and the bytes after it."""
    section = elf.tables.section(".go.buildinfo")
    if section is not None:
        data = elf.read(section.offset, min(section.size, 2 * MAX_TEXT))
        if data.startswith(MAGIC) and len(data) >= _HEADER:
            return data
        msg = "its section .go.buildinfo does not start with the mark of one"
        raise BadBuildInfoError(msg)
    if elf.tables.sections:
        return None
    writable = next((item for item in elf.tables.segments if item.flags & _WRITABLE), None)
    if writable is None:
        return None
    done = 0
    for chunk in elf.chunks(writable, MAX_SEARCHED, _HEADER):
        start = writable.offset + max(0, done - _HEADER)
        done += len(chunk) - (_HEADER if done else 0)
        at = chunk.find(MAGIC)
        while at >= 0:
            if (start - writable.offset + at) % _ALIGN == 0:
                return elf.read(start + at, 2 * MAX_TEXT)
            at = chunk.find(MAGIC, at + 1)
    return None


def _inline(header: bytes) -> tuple[bytes, bytes]:
    version, at = _counted(header, _HEADER)
    modules, _ = _counted(header, at)
    return version, modules


def _counted(data: bytes, at: int) -> tuple[bytes, int]:
    """Return a length-prefixed text (encoding/binary's Uvarint) and the offset after it."""
    size = shift = 0
    for i in range(_VARINT):
        if at + i >= len(data):
            break
        byte = data[at + i]
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 — the mark of the last byte
            start = at + i + 1
            if size > MAX_TEXT or start + size > len(data):
                msg = f"a text of {size} bytes, which the file does not have"
                raise BadBuildInfoError(msg)
            return data[start : start + size], start + size
    msg = "a text's length has no end"
    raise BadBuildInfoError(msg)


def _pointed(elf: ElfFile, header: bytes) -> tuple[bytes, bytes]:
    width = header[14]
    if width not in (4, 8):
        msg = f"pointers of {width} bytes"
        raise BadBuildInfoError(msg)
    order: Literal["big", "little"] = "big" if header[15] & _BIG_ENDIAN else "little"
    texts: list[bytes] = []
    for i in range(2):
        place = int.from_bytes(header[16 + i * width : 16 + (i + 1) * width], order)
        string = elf.at_address(place, 2 * width)
        address, size = (int.from_bytes(part, order) for part in (string[:width], string[width:]))
        if size > MAX_TEXT or len(string) < 2 * width:
            msg = (
                f"a pointer to {place:#x}, where no text lies"
                if len(string) < 2 * width
                else f"a text of {size} bytes"
            )
            raise BadBuildInfoError(msg)
        text = elf.at_address(address, size)
        if len(text) < size:
            msg = f"a text of {size} bytes at {address:#x}, which the file does not have"
            raise BadBuildInfoError(msg)
        texts.append(text)
    return texts[0], texts[1]


def _parsed(go: str, framed: bytes) -> GoBuild:
    plain = (
        framed[_SENTINEL:-_SENTINEL]
        if len(framed) > 2 * _SENTINEL and framed[-_SENTINEL - 1 : -_SENTINEL] == b"\n"
        else b""
    )
    text = plain.decode("utf-8", "replace")
    package = ""
    main: GoModule | None = None
    modules: list[GoModule] = []
    settings: list[tuple[str, str]] = []
    last_is_main = False
    for line in text.split("\n"):
        kind, _, rest = line.partition("\t")
        match kind:
            case "path":
                package = rest
            case "mod":
                main, last_is_main = _module(rest), True
            case "dep":
                modules.append(_module(rest))
                last_is_main = False
            case "=>":
                if last_is_main and main is not None:
                    main = _replaced(main, rest)
                elif modules:
                    modules[-1] = _replaced(modules[-1], rest)
            case "build":
                settings.append(_setting(rest))
            case _:
                pass
        if len(modules) > MAX_MODULES:
            msg = f"more than {MAX_MODULES} modules"
            raise BadBuildInfoError(msg)
    return GoBuild(go, package, main, tuple(modules), tuple(settings[:MAX_MODULES]))


def _module(rest: str) -> GoModule:
    path, version, *_ = [*rest.split("\t", _FIELDS), "", ""]
    return GoModule(path, version)


def _replaced(module: GoModule, rest: str) -> GoModule:
    by = _module(rest)
    return GoModule(by.path, by.version, module.path)


def _setting(rest: str) -> tuple[str, str]:
    """Return key and value of `key=value`, the value without Go's quotes."""
    key, _, value = rest.partition("=")
    return key, _unquoted(value)


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value.strip("`")


def linker_variables(flags: str) -> Iterable[tuple[str, str]]:
    """Yield (variable, value) of each `-X variable=value` in the linker's flags."""
    for match in re.finditer(
        r"-X[ =]+(?:'([^'=]{1,300})=([^']{0,300})'|\"([^\"=]{1,300})=([^\"]{0,300})\""
        r"|([^\s'\"=]{1,300})=(\S{0,300}))",
        flags[: 1 << 16],
    ):
        yield (match[1] or match[3] or match[5] or "", match[2] or match[4] or match[6] or "")
