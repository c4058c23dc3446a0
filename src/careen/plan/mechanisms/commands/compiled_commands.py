"""Commands that compiled programs (Go, Rust, C) and packages of R start by name.

In a program the names are constants that the code loads, with their length or a NUL behind.
"""

import re
import struct
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property

from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem
from careen.model.paths import name
from careen.model.plan import Reason
from careen.plan.core.facts import OwnFiles, ProgramsStarted
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.mechanisms.files.programs import is_loadable, may_be_elf
from careen.plan.scanners.commands.words import WORDS
from careen.plan.scanners.compiled.r_code import r_commands
from careen.plan.scanners.compiled.tables import tabled_names

MAX_SIZE = 256 << 20
_STARTERS = (
    b"os/exec.",
    b"execvp",
    b"posix_spawn",
    b"popen",
    b"std/src/sys/process",
    b"std/src/sys/pal/unix/process",
    b"library/std/src/process",
)
_LEA = re.compile(
    rb"[\x48\x4c]\x8d[\x05\x0d\x15\x1d\x25\x2d\x35\x3d]", re.DOTALL
)  # lea register, [rip + distance]
_LEA_SIZE = 7
_AROUND = 28  # bytes before and after, in which the length of a string is loaded or stored
_MACHINE_X86_64 = 62
# Interpreters are no programs of the application, even if no package owns them: they name what they
# were built with, and what they run is read as source.
_INTERPRETER = re.compile(
    r"(?:python|pypy|node|nodejs|deno|bun|ruby|perl|php(?:-\w++)?|java|lua|luajit|R|Rscript|tclsh|guile)-?[\d.]*\Z"
)
_R_CODE = re.compile(r"/([\w.]{1,200})/R/\1\.rdb\Z")
_MIN_ALONE = 5  # letters of a constant in the data, where tables of formats and languages are
_LOAD, _EXECUTABLE, _MAX_SEGMENTS = 1, 1, 64


def is_runtime(base_name: str) -> bool:
    """Return whether a file of that name is a shared library or an interpreter."""
    return is_loadable(base_name) or _INTERPRETER.match(base_name) is not None


def _is_telling(word: bytes) -> bool:
    return len(word) >= _MIN_ALONE


def loaded_names(data: bytes, names: AbstractSet[bytes]) -> Iterator[bytes]:
    """Yield those of `names` that x86-64 code takes the address of, as whole constants.

    Go and Rust load the length beside the address, C ends the name with a NUL. Other machines and
    files that are no ELF yield nothing.
    """
    segments = _segments(data)
    lengths: dict[bytes, set[int]] = {}
    for item in names:
        lengths.setdefault(item[:2], set()).add(len(item))
    for offset, address, size, executable in segments:
        if not executable:
            continue
        for match in _LEA.finditer(data, offset, min(len(data), offset + size) - _LEA_SIZE):
            at = match.start()
            target = (
                address
                + at
                - offset
                + _LEA_SIZE
                + int.from_bytes(data[at + 3 : at + _LEA_SIZE], "little", signed=True)
            )
            place = next(
                (
                    start + target - low
                    for start, low, extent, _ in segments
                    if low <= target < low + extent
                ),
                -1,
            )
            if place < 0 or (possible := lengths.get(data[place : place + 2])) is None:
                continue
            near = data[max(0, at - _AROUND) : at + _LEA_SIZE + _AROUND]
            for length in possible:
                found = data[place : place + length]
                if found in names and (
                    data[place + length : place + length + 1] == b"\0"
                    or struct.pack("<I", length) in near
                ):
                    yield found


def _segments(data: bytes) -> list[tuple[int, int, int, bool]]:
    """Return the loaded segments as (offset, address, size in the file, executable)."""
    if (
        data[:6] != b"\x7fELF\x02\x01"
        or len(data) < 64  # noqa: PLR2004
        or struct.unpack_from("<H", data, 18)[0] != _MACHINE_X86_64
    ):
        return []
    (table,), (size, count) = (
        struct.unpack_from("<Q", data, 32),
        struct.unpack_from("<HH", data, 54),
    )
    out = []
    for number in range(min(count, _MAX_SEGMENTS)):
        if size != 56 or table + (number + 1) * 56 > len(data):  # noqa: PLR2004 — elf(5)
            break
        kind, flags, offset, address, _, extent = struct.unpack_from(
            "<IIQQQQ", data, table + number * 56
        )
        if kind == _LOAD:
            out.append((offset, address, extent, bool(flags & _EXECUTABLE)))
    return out


class CompiledCommands(Mechanism):
    """Keeps the commands on PATH that ELF programs and packages of R name.

    A name is a whole constant in the code, or in a collection of commands in the data. A program
    counts only if it can start others. Setuid commands are left out. In programs inside kept
    distributions of Python and Node packages, and in packages of R, any constant counts, but no
    English word, no command of an essential package, and none that rules skip. A command line of R
    may start an essential package's command, a pipeline of R any command.
    """

    id = "compiled-commands"
    why = (
        "a static program starts git, a converter or a compressor by a name in its code when a"
        " request needs it; there is no source to read"
    )
    codes = ("compiled-command",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread = OwnFiles(work.facts)
        self._of_libraries: list[Entry] = []
        self._of_r: list[Entry] = []
        self._names = frozenset(
            item.encode("utf-8", "surrogateescape")
            for item in work.scene.command_names
            if len(item) > 1
        )

    @cached_property
    def _skipped(self) -> frozenset[bytes]:
        skipped = self._work.scene.skipped_commands
        return frozenset(item.encode("utf-8", "surrogateescape") for item in skipped)

    @cached_property
    def _names_in_libraries(self) -> frozenset[bytes]:
        scene = self._work.scene
        known = scene.command_names - scene.skipped_commands - WORDS
        return self._names & {
            item.encode("utf-8", "surrogateescape")
            for item in known
            if not scene.is_of_the_base(item)
        }

    def visit(self, entry: Entry) -> None:
        """Collect the programs inside libraries, and the code of packages of R."""
        scene = self._work.scene
        if entry.path.endswith(".rdb") and entry.is_file and _R_CODE.search(entry.path):
            self._of_r.append(entry)
        if (
            entry.is_file
            and entry.is_executable
            and (scene.owners(entry.path, Ecosystem.PYPI) or "/node_modules/" in entry.path)
            and entry.path not in scene.own_installed
        ):
            self._of_libraries.append(entry)

    def settle(self) -> None:
        for entry in self._unread.take():
            if data := self._program(entry):
                self._work.facts.post(ProgramsStarted())
                self._keep(
                    {*loaded_names(data, self._names), *tabled_names(data, self._names)}, entry
                )
        of_libraries, self._of_libraries = self._of_libraries, []
        for entry in of_libraries:
            if self._names_in_libraries and (data := self._program(entry)):
                known = self._names_in_libraries
                tabled = tabled_names(data, known, alone=True)
                self._keep(
                    {*loaded_names(data, known), *filter(_is_telling, tabled)},
                    entry,
                )

        of_r, self._of_r = self._of_r, []
        for entry in of_r:
            with self._work.scene.rootfs.open(entry.path) as stream:
                found = r_commands(stream.read(MAX_SIZE), self._names)
            lines = found.lines - self._skipped
            self._keep({*(found.named & self._names_in_libraries), *lines, *found.piped}, entry)

    def _program(self, entry: Entry) -> bytes:
        """Return the bytes of a compiled program that can start others, b"" for other files."""
        if (
            not entry.is_executable
            or not may_be_elf(entry)
            or entry.size > MAX_SIZE
            or is_runtime(name(entry.path))
        ):
            return b""
        with self._work.scene.rootfs.open(entry.path) as stream:
            data = stream.read(4)
            data = data + stream.read(MAX_SIZE) if data == b"\x7fELF" else b""
        return data if any(word in data for word in _STARTERS) else b""

    def _keep(self, words: AbstractSet[bytes], entry: Entry) -> None:
        for word in sorted(words):
            if found := self._work.scene.harmless_command(word.decode("utf-8", "surrogateescape")):
                text, final = found
                self._work.keeping.reach(
                    text,
                    Reason(
                        "compiled-command",
                        f"{name(final.path)!r}, whose name {entry.path} has in its code",
                        entry.path,
                    ),
                )
