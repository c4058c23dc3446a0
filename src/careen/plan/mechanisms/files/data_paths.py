"""Data of system packages that other code finds by a path in its text.

Examples are fonts, dictionaries and time zones.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import BinaryIO

from careen.formats.elf.program import ElfInfo
from careen.model.entry import Entry
from careen.model.machines import MAGIC
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath, ancestors, name
from careen.model.plan import Reason
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.readings import Reader
from careen.plan.core.sources import Sources
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.files.programs import may_be_elf
from careen.plan.scanners.data_paths import data_paths_of_program
from careen.plan.scanners.program_pieces import Range, pieces
from careen.plan.scanners.source import without_comments

_DATA = ("/usr/share/", "/usr/local/share/", "/etc/fonts/")
_SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})
_SOURCES = (".py", ".js", ".cjs", ".mjs")
_RULED = (
    "/usr/share/zoneinfo/",
    "/usr/share/i18n/",
    "/usr/share/terminfo/",
)  # every C library names them; rules decide what of them is kept
_MAX_CONFIGURATION = 256 << 10
_OF_SHELLS = (
    *("/etc/bash", "/etc/profile", "/etc/skel/", "/etc/zsh", "/etc/init.d/", "/etc/cron"),
    *("/etc/apt/", "/etc/dpkg/", "/etc/emacs/"),
)
"""Configuration of what people type in, of an init system and of package managers."""
_CONFIGURED = re.compile(
    rb"(?<![\w.$}-])(/(?:usr/(?:local/)?share|var/lib(?!/(?:dpkg|apt|rpm|systemd)/)|etc)"
    rb"(?:/[\w.+-]{1,100}){1,10})"
)
_OVERLAP = 4096
_MAX_NAMED = 20_000


def keep_data(
    work: Work, text: str, reason: Reason, *, programs: bool = False, even_dropped: bool = False
) -> None:
    """Keep a path of a package that a text names: a file, or a data directory with its content.

    Drop rules may leave it out, unless it is a file and `even_dropped` is set. A program is kept
    only with `programs`, and never a setuid one or one that rules skip.
    """
    final = work.scene.rootfs.walk(text).final
    if final is None or (work.leaves_out(text) and not (even_dropped and final.is_file)):
        return
    if (
        final.is_executable
        and not _is_library(final)
        and (not programs or final.is_setid or name(ImagePath(text)) in work.scene.skipped_commands)
    ):
        return
    if final.is_file:
        work.keeping.reach(text, reason)
    elif final.is_dir and f"{final.path}/".startswith(_DATA) and not is_shared(final.path):
        work.keeping.reach(text, reason)
        if not work.data.isdisjoint((final.path, *ancestors(final.path))):
            return
        work.data.add(final.path)
        for entry in work.scene.index.below(final.path):
            if not entry.is_setid:
                work.add_broadly(entry.path, reason)


def _is_library(entry: Entry) -> bool:
    """Return whether a file is a library: in many distributions those are executable."""
    return ".so" in name(entry.path) and not entry.is_setid


class DataPaths(Mechanism):
    """Keeps data in `/usr/share` and `/etc/fonts` that code outside system packages names.

    Such code is compiled modules, addons and programs, and sources of Python distributions and Node
    packages. It names a file, or a directory that is kept whole, by an absolute path.
    `/usr/local/share` counts, too. Configuration of system packages may name data of other ones,
    also in `/var/lib`: a dictionary, a set of instruments.
    """

    id = "data-paths"
    why = (
        "wheels and addons depend on no system packages, but find the fonts, dictionaries and"
        " time zones of these by paths in their text"
    )
    codes = ("data-path",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._seen: set[bytes] = set()
        self._sources = work.shared(Sources)
        self._unread: list[Entry] = []
        self._configuration: list[Entry] = []

    def visit(self, entry: Entry) -> None:
        """Collect the files that may name data."""
        path = entry.path
        if path.startswith("/etc/"):
            if (
                entry.is_file
                and not entry.is_executable
                and entry.size <= _MAX_CONFIGURATION
                and path in self._work.scene.inventory.owners
                and not path.startswith(_OF_SHELLS)
                and not name(path).startswith("README")
            ):
                self._configuration.append(entry)
        elif may_be_elf(entry) or (
            entry.is_file
            and path.endswith(_SOURCES)
            and ("-packages/" in path or "/node_modules/" in path)
        ):
            self._unread.append(entry)

    def settle(self) -> None:
        configuration, self._configuration = self._configuration, []
        for entry in configuration:
            self._read_configuration(entry)
        unread, self._unread = self._unread, []
        for entry in unread:
            if len(self._seen) >= _MAX_NAMED or any(
                package.ecosystem in _SYSTEM for package in self._work.scene.owners(entry.path)
            ):
                continue
            found = self._named(entry) - self._seen
            self._seen |= found
            for item in sorted(found):
                text = item.decode("utf-8", "surrogateescape").rstrip(".")
                if not f"{text}/".startswith(_RULED):
                    keep_data(
                        self._work,
                        text,
                        Reason("data-path", f"{text}, named in {entry.path}", entry.path),
                    )

    def _read_configuration(self, entry: Entry) -> None:
        """Keep what a configuration of a system package names outside of its comments."""
        text = without_comments(self._work.scene.text(entry))
        for item in sorted(set(_CONFIGURED.findall(text))):
            path = item.decode("utf-8", "surrogateescape").rstrip("./")
            final = self._work.scene.rootfs.walk(path).final
            if final is None or f"{path}/".startswith(_RULED) or is_shared(final.path):
                continue
            reason = Reason("data-path", f"{path}, named in {entry.path}", entry.path)
            keep_data(self._work, path, reason)
            if final.is_dir and final.path.startswith("/var/lib/"):
                self._work.keeping.reach(path, reason)
                for below in self._work.scene.index.below(final.path):
                    if below.is_file and not below.is_executable:
                        self._work.add_broadly(below.path, reason)

    def _named(self, entry: Entry) -> AbstractSet[bytes]:
        if entry.path.endswith(_SOURCES):
            return self._sources.of(entry).data_paths
        return self._work.scene.readings.at(
            entry,
            paths_of_program(self._work.loader.info(entry)),
            partial(self._work.scene.rootfs.open, entry.path),
        )


def _in_pieces(stream: BinaryIO, without: Sequence[Range]) -> Iterator[bytes]:
    """Yield the data paths in an ELF file, read in pieces of bounded memory; none of another file.

    Some come twice, or cut off at the end of a piece.
    """
    begun = False
    for block, end in pieces(stream, _OVERLAP, without):
        # Scripts are read as text of the application.
        if not begun and not block.startswith(MAGIC, 0, end):
            return
        begun = True
        yield from data_paths_of_program(block, end)


def paths_of_program(info: ElfInfo | None) -> Reader[BinaryIO, frozenset[bytes]]:
    """Return the reader of the data paths in a program, without its programs for a GPU.

    `info` is None if its headers could not be read.
    """

    def read(stream: BinaryIO) -> frozenset[bytes]:
        with stream:
            return frozenset(_in_pieces(stream, info.device if info is not None else ()))

    # The ranges are what the file itself says.
    return Reader(
        "data paths",
        read,
        lambda paths: sorted(path.decode("latin-1") for path in paths),
        lambda row: frozenset(path.encode("latin-1") for path in row),
    )
