"""Data of system packages that other code finds by a path in its text.

Examples are fonts, dictionaries and time zones.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath, ancestors, name
from careen.model.plan import Reason
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.files.programs import may_be_elf

_DATA = ("/usr/share/", "/usr/local/share/", "/etc/fonts/")
_SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})
_SOURCES = (".py", ".js", ".cjs", ".mjs")
_PATH = re.compile(
    rb"/(?<![\w.$}>~-]/)(?:usr/(?:local/)?share/[\w+-][\w.+-]{0,100}(?:/[\w.+@~-]{1,200}){0,30}|etc/fonts\b)"
)
_RULED = (
    "/usr/share/zoneinfo/",
    "/usr/share/i18n/",
    "/usr/share/terminfo/",
)  # every C library names them; rules decide what of them is kept
_BEGINNINGS = (b"/usr/share/", b"/usr/local/share/", b"/etc/fonts")
_CHUNK = 8 << 20
_OVERLAP = 4096
_MAX_NAMED = 20_000


def keep_data(work: Work, text: str, reason: Reason, *, programs: bool = False) -> None:
    """Keep a path of a package that a text names: a file, or a data directory with its content.

    Drop rules may leave it out. A program is kept only with `programs`, and never a setuid one or
    one that rules skip.
    """
    final = work.scene.rootfs.walk(text).final
    if final is None or work.leaves_out(text):
        return
    if final.is_executable and (
        not programs or final.is_setid or name(ImagePath(text)) in work.scene.skipped_commands
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


class DataPaths(Mechanism):
    """Keeps data in `/usr/share` and `/etc/fonts` that code outside system packages names.

    Such code is compiled modules, addons and programs, and sources of Python distributions and Node
    packages. It names a file, or a directory that is kept whole, by an absolute path.
    `/usr/local/share` counts, too.
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
        self._unread: list[Entry] = []

    def visit(self, entry: Entry) -> None:
        """Collect the files that may name data."""
        path = entry.path
        if may_be_elf(entry) or (
            entry.is_file
            and path.endswith(_SOURCES)
            and ("-packages/" in path or "/node_modules/" in path)
        ):
            self._unread.append(entry)

    def settle(self) -> None:
        unread, self._unread = self._unread, []
        for entry in unread:
            if len(self._seen) >= _MAX_NAMED or any(
                package.ecosystem in _SYSTEM for package in self._work.scene.owners(entry.path)
            ):
                continue
            with self._work.scene.rootfs.open(entry.path) as stream:
                found = set(_paths(stream, compiled=not entry.path.endswith(_SOURCES))) - self._seen
            self._seen |= found
            for item in sorted(found):
                text = item.decode("utf-8", "surrogateescape").rstrip(".")
                if not f"{text}/".startswith(_RULED):
                    keep_data(
                        self._work,
                        text,
                        Reason("data-path", f"{text}, named in {entry.path}", entry.path),
                    )


def _paths(stream: BinaryIO, *, compiled: bool) -> Iterator[bytes]:
    """Yield the data paths in a stream, read in pieces of bounded memory.

    Some come twice, or cut off at the end of a piece. With `compiled`, a stream that is no ELF file
    yields nothing.
    """
    rest = b""
    while data := stream.read(_CHUNK):
        # Scripts are read as text of the application.
        if compiled and not rest and not data.startswith(b"\x7fELF"):
            return
        block = rest + data
        for beginning in _BEGINNINGS:
            at = block.find(beginning)
            while at >= 0:
                if match := _PATH.match(block, at):
                    yield match.group()
                at = block.find(beginning, at + len(beginning))
        rest = block[-_OVERLAP:]
