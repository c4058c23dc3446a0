"""Commands of a package on PATH, which stay out unless something names them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from stat import S_ISUID

from careen.model.entry import Entry
from careen.model.packages.package import Package
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Level, Reason
from careen.model.runs.trace import Use
from careen.plan.core.mechanism import Work
from careen.plan.core.readings import Reader
from careen.plan.core.scene import MAX_TEXT, SYSTEM
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.packages.package_kinds import PackageKinds, source_of
from careen.plan.scanners.compiled.arguments import arguments_of

_WORD = re.compile(rb"(?<![\w.+-])[A-Za-z\[][\w.+-]{0,63}(?![\w.+-])")

_Words = tuple[bool, frozenset[bytes]]


def words_by(strings: tuple[int, int]) -> Reader[bytes, _Words]:
    """Return the reader of the words of a program or script, and of whether it is compiled.

    `strings` is the place of its dynamic string table, which the file itself states.
    """

    def read(text: bytes) -> _Words:
        if text.startswith(b"\x7fELF"):
            return True, arguments_of(text, strings)
        return False, frozenset(_WORD.findall(text))

    return Reader(
        "words",
        read,
        lambda words: [words[0], b" ".join(sorted(words[1])).decode()],
        lambda row: (bool(row[0]), frozenset(row[1].encode().split())),
    )


class PackageCommands:
    """Holds the commands of kept packages back and finds those that kept code of them names."""

    def __init__(self, work: Work, kinds: PackageKinds) -> None:
        self._work = work
        self._kinds = kinds
        self._waiting: dict[str, dict[bytes, ImagePath]] = {}
        self._of_groups: dict[str, dict[bytes, ImagePath]] = {}
        self._of_partners: dict[str, Sequence[Mapping[bytes, ImagePath]]] = {}
        self._offered: dict[str, Mapping[bytes, ImagePath]] = {}
        self._unread: list[tuple[Package, Entry]] = []

    def hold(self, package: Package, path: ImagePath, *, daemon: bool) -> bool:
        """Return whether a path of a kept package is a command that stays out for now.

        The commands of a `daemon` that ran are its operators', so they do not.
        """
        scene = self._work.scene
        final = scene.rootfs.walk(path).final
        if scene.level is Level.PACKAGE or final is None or not final.is_executable:
            return False
        word = name(path).encode("utf-8", "surrogateescape")
        if final.is_setid:
            if not final.mode & S_ISUID:
                self._of_groups.setdefault(package.purl, {})[word] = path
            return True
        if daemon:
            return False
        above = scene.rootfs.walk(parent(path)).final
        if above is None or above.path not in scene.command_path or not is_shared(above.path):
            return False
        self._waiting.setdefault(package.purl, {})[word] = path
        return True

    def note(self, package: Package, entry: Entry) -> None:
        """Note a kept program or library of a package, whose text is read later."""
        if self._work.scene.level is not Level.PACKAGE:
            self._unread.append((package, entry))

    def find(self) -> None:
        """Keep the commands that the noted programs and libraries name."""
        unread, self._unread = self._unread, []
        for package, entry in unread:
            self._find(package, entry)

    def _find(self, package: Package, entry: Entry) -> None:
        """Keep the commands that one program or library names.

        Those of its package, of what that depends on or recommends, and of its source if it runs.
        """
        scene = self._work.scene
        partners = self._of_partners_of(package)
        nothing: Mapping[bytes, ImagePath] = {}
        own = self._waiting.get(package.purl, nothing) if entry.is_executable else nothing
        held = self._of_groups.get(package.purl, nothing) if entry.is_executable else nothing
        is_run = (
            scene.used_as(entry.path, Use.EXECUTED)
            or self._work.keeping.reasons[entry.path].code == "command"
        )
        others = self._of_source[source_of(package)] if is_run and entry.is_executable else nothing
        if not (own or others or held or partners):
            return
        info = self._work.loader.info(entry)
        reader = words_by(info.strings if info is not None else (0, 0))
        text = partial(scene.text, entry)
        compiled, words = (
            scene.readings.of(entry, reader, text)
            if entry.is_file and entry.size <= MAX_TEXT
            else reader.read(text())
        )
        if held and compiled:
            words |= set(_WORD.findall(text())).intersection(held)
        for waiting in (own, *((*partners, others, held) if compiled else ())):
            for word in sorted(word for word in words if word in waiting):
                what = f"{name(waiting[word])!r}, named in {entry.path}"
                self._work.add_broadly(waiting[word], Reason("command", what, entry.path))

    def _of_partners_of(self, package: Package) -> Sequence[Mapping[bytes, ImagePath]]:
        """Return the commands of each package that one depends on, recommends or suggests."""
        # A package without programs is there for what it depends on itself.
        if package.purl not in self._of_partners:
            found: list[Mapping[bytes, ImagePath]] = []
            todo, seen = list(self._kinds.partners_of(package)), {package.purl}
            while todo:
                item = todo.pop()
                if item.purl in seen or item.ecosystem not in SYSTEM or item.essential:
                    continue
                seen.add(item.purl)
                if commands := self._for_everybody(item):
                    found.append(commands)
                if not self._kinds.has_programs(item):
                    todo.extend(self._kinds.needed_by(item))
            self._of_partners[package.purl] = found
        return self._of_partners[package.purl]

    def _for_everybody(self, package: Package) -> Mapping[bytes, ImagePath]:
        """Return the commands of a package that are not for administrators alone."""
        # `adduser` is there for scripts of the installation, and `deluser` a word of redis, too.
        if package.purl not in self._offered:
            self._offered[package.purl] = {
                word: path
                for word, path in self._commands_in(package)
                if name(parent(path)) != "sbin"
            }
        return self._offered[package.purl]

    @cached_property
    def _of_source(self) -> Mapping[str, Mapping[bytes, ImagePath]]:
        """The commands of all packages of a source, by that."""
        out: dict[str, dict[bytes, ImagePath]] = {}
        for each in self._kinds.all():
            out.setdefault(source_of(each), {}).update(self._commands_in(each))
        return out

    def _commands_in(self, package: Package) -> Iterator[tuple[bytes, ImagePath]]:
        """Yield the commands of a package, without setuid ones and those that rules skip."""
        scene = self._work.scene
        for path in package.files:
            final = scene.rootfs.walk(path).final if parent(path) in scene.command_path else None
            if (
                final is not None
                and final.is_executable
                and not final.is_setid
                and name(path) not in scene.skipped_commands
            ):
                yield name(path).encode("utf-8", "surrogateescape"), path
