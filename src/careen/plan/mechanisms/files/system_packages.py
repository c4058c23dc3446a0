"""Packages of the system (dpkg, apk, rpm): what else of one is needed once one of its programs or
libraries is.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from stat import S_ISUID

from careen.model.entry import Entry
from careen.model.packages.package import Package
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Level, Reason
from careen.model.runs.trace import Use
from careen.plan.core.dependencies import Dependencies
from careen.plan.core.listed import METADATA
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.scene import SYSTEM
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.commands.daemons import operated
from careen.plan.mechanisms.files.programs import is_loadable, may_be_elf
from careen.plan.scanners.compiled_arguments import arguments_of

_TREE = re.compile(r"/usr/(?:share|lib|lib64|libexec|lib/[\w.]+-linux-[\w.]+)/([^/]+)(?=/)")
_OF_MANY = frozenset(
    {
        *(
            "perl",
            "perl5",
            "perl-base",
            "python3",
            "python",
            "ruby",
            "php",
            "nodejs",
            "node_modules",
            "javascript",
            "java",
            "jvm",
            "lua",
            "tcltk",
            "ocaml",
        ),
        *(
            "ghc",
            "erlang",
            "guile",
            "R",
            "gcc",
            "fonts",
            "X11",
            "mime",
            "glib-2.0",
            "gir-1.0",
            "girepository-1.0",
            "pkgconfig",
            "cmake",
            "metainfo",
            "dbus-1",
        ),
        *(
            "polkit-1",
            "lintian",
            "bug",
            "debconf",
            "bash-completion",
            "systemd",
            "tmpfiles.d",
            "sysusers.d",
            "udev",
            "modules",
            "themes",
            "sounds",
            "help",
        ),
        *("xml", "sgml", "dict", "terminfo", "zsh", "fish", "vim", "emacs", "man-db", "menu"),
    }
)
"""Trees to which packages add that have nothing to do with each other: those of languages, for
which there are mechanisms, of desktops and of the system.
"""
# from packages to what they depend on, in one image; a large one takes some ten thousand
MAX_STEPS = 1_000_000
_LOADER = re.compile(r"ld-(?:linux|musl)[\w.-]*\.so\.\d|libc\.so\.\d")
_VERSIONED = re.compile(r"\.so\.\d")
_STEM = re.compile(r"lib[A-Za-z_]+")
_CODE = (
    ".py",
    ".pm",
    ".pl",
    ".rb",
    ".js",
    ".mjs",
    ".cjs",
    ".php",
    ".lua",
    ".tcl",
    ".jar",
    ".typelib",
)
_WORD = re.compile(rb"(?<![\w.+-])[A-Za-z\[][\w.+-]{0,63}(?![\w.+-])")


def _only_linked(package: Package) -> Iterator[ImagePath]:
    """Yield the libraries of a package that stay only if something is linked with them, or opens or
    names them; of the C library none is.
    """
    if not any(_LOADER.match(name(path)) for path in package.files):
        yield from (
            path
            for path in package.files
            if _VERSIONED.search(name(path)) is not None and is_shared(parent(path))
        )


class SystemPackages(Mechanism):
    """A package of which a program or library is kept keeps its runtime files: plugins, data,
    configuration, programs off PATH. One that holds only data is kept once a file of it was opened.
    Its commands in the directories of PATH that all share are other programs: one stays out unless
    something names it, be it the bytes of what is kept of the package; a setuid one never for that,
    a setgid one if a compiled program of the package names it. A compiled program that ran may name
    those of the other packages of its source: a helper that a distribution made a package of. Those
    of a daemon that ran are its operators', and so are those of the other packages of its source:
    they stay though nothing else of them may. Of any package of which a file or link is kept the
    configuration stays: it weighs little, and names what it is for in no file of the package. So do
    the packages of the same source that have libraries beside a kept program or library, in a
    directory that is not shared: they are its parts. Its versioned libraries in the loader's
    directories are others' to link with: one stays out, too, unless something is linked with it or
    names it, or it begins as one that stays; where none of them does, all stay. What a package with
    kept code depends on stays whole if it is data alone: a distribution makes packages of their own
    of a program's data. What depends on such a package and has files in a tree of its own
    (`/usr/share/NAME`) adds to it: languages of a reader of texts, styles of a typesetter. What
    drop rules name (documentation, headers, static libraries …) stays out. At `package` the whole
    package stays, and what it depends on.
    """

    id = "package-runtime"
    why = "a program's plugins, data and helpers are opened on other paths than the profile's"
    codes = ("package",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._dependencies = Dependencies(work)
        self._done: set[str] = set()
        self._programs: dict[str, bool] = {}
        self._commands: dict[str, dict[bytes, ImagePath]] = {}
        self._of_groups: dict[str, dict[bytes, ImagePath]] = {}
        self._of_source: dict[str, dict[bytes, ImagePath]] | None = None
        self._of_partners: dict[str, Sequence[Mapping[bytes, ImagePath]]] = {}
        self._offered: dict[str, Mapping[bytes, ImagePath]] = {}
        self._libraries: dict[str, Sequence[ImagePath]] = {}
        self._configured: set[str] = set()
        self._supplied: set[str] = set()
        self._todo: list[tuple[Package, ImagePath]] = []
        self._distributions: dict[str, bool] = {}
        self._trees: dict[str, frozenset[str]] = {}
        self._steps = MAX_STEPS
        self._completed: set[tuple[ImagePath, str]] = set()
        self._unread: list[tuple[Package, Entry]] = []
        self._held: dict[str, dict[ImagePath, Reason]] = {}
        self._operated: Mapping[str, ImagePath] | None = None

    def visit(self, entry: Entry) -> None:
        scene = self._work.scene
        if entry.is_dir:
            return
        for package in scene.owners(entry.path):
            if (
                package.ecosystem not in SYSTEM
                or entry.path in package.metadata
                or entry.path in package.licences
            ):
                continue
            self._configure(package, entry.path)
            if not entry.is_file:
                if self._is_command(entry) and package.purl not in self._done:
                    self._keep(
                        package,
                        entry.path,
                        "of which a command is kept, a link to another's program",
                    )
                continue
            if may_be_elf(entry) or entry.path.endswith(_CODE):
                self._todo.append((package, entry.path))
                self._complete(package, entry.path)
            if may_be_elf(entry) and scene.level is not Level.PACKAGE:
                self._unread.append((package, entry))
            if package.purl in self._done:
                continue
            if may_be_elf(entry):
                self._keep(package, entry.path, "of which a program or library is kept")
            elif scene.used_as(entry.path, Use.OPENED, Use.WRITTEN) and not self._has_programs(
                package
            ):
                self._keep(package, entry.path, "of which data that was opened is kept")
            elif scene.level is Level.PACKAGE and entry.path in scene.uses:
                self._keep(package, entry.path, "of which a file that was used is kept")
        for package in scene.owners(entry.path):
            self._give_alike(package, entry.path)
        self._follow()

    def _give_alike(self, package: Package, path: ImagePath) -> None:
        """Give back the libraries of a package that begin as one that is kept: it may open them by
        a name that it puts together.
        """
        held = self._held.get(package.purl)
        stem = _STEM.match(name(path)) if held and is_loadable(name(path)) else None
        if held and stem is not None:
            held.pop(path, None)
            for item in [item for item in held if name(item).startswith(stem[0])]:
                self._work.add_broadly(item, held.pop(item))

    def _give_all(self) -> None:
        """Give back all libraries of a package of which none is kept: then nothing tells how they
        are opened.
        """
        reasons = self._work.keeping.reasons
        for purl, held in self._held.items():
            if held and not any(
                path in reasons for path in _only_linked(self._work.scene.inventory.packages[purl])
            ):
                for path, reason in held.items():
                    self._work.add_broadly(path, reason)
                held.clear()

    def _keep(self, package: Package, because: ImagePath, why: str) -> None:
        scene = self._work.scene
        self._done.add(package.purl)
        reason = Reason("package", f"{package.name}, {why}", because)
        commands = self._commands.setdefault(package.purl, {})
        daemon = package.purl in self._of_operators()
        held = (
            dict.fromkeys(_only_linked(package), reason) if scene.level is not Level.PACKAGE else {}
        )
        self._held[package.purl] = held
        for path in package.files:
            if path in held:
                continue
            final = scene.rootfs.walk(path).final
            if scene.level is Level.PACKAGE or final is None or not final.is_executable:
                self._work.add_broadly(path, reason)
            elif final.is_setid:
                if not final.mode & S_ISUID:
                    self._of_groups.setdefault(package.purl, {})[
                        name(path).encode("utf-8", "surrogateescape")
                    ] = path
            elif (
                not daemon
                and (above := scene.rootfs.walk(parent(path)).final) is not None
                and above.path in scene.command_path
                and is_shared(above.path)
            ):
                commands[name(path).encode("utf-8", "surrogateescape")] = path
            else:
                self._work.add_broadly(path, reason)
        if scene.level is Level.PACKAGE:
            self._dependencies.keep_whole(package, because)
        self._todo.append((package, because))

    def _is_command(self, entry: Entry) -> bool:
        """Say whether a link is a program by another name, in a directory of PATH."""
        scene = self._work.scene
        if parent(entry.path) not in scene.command_path:
            return False
        final = scene.rootfs.walk(entry.path).final
        return final is not None and final.is_executable and name(final.path) != name(entry.path)

    @cached_property
    def _dependants(self) -> Mapping[str, Sequence[Package]]:
        """The packages that depend directly on one, by its purl."""
        scene = self._work.scene
        out: dict[str, list[Package]] = {}
        for package in (package for ecosystem in SYSTEM for package in scene.packages(ecosystem)):
            for needed in self._counted(self._dependencies.of(package)):
                out.setdefault(needed.purl, []).append(package)
        return out

    def _counted(self, steps: Iterator[Package]) -> Iterator[Package]:
        for step in islice(steps, self._steps):
            self._steps -= 1
            yield step

    def _own(self, package: Package) -> frozenset[str]:
        """The trees of a package's own: `/usr/share/NAME`, `/usr/lib/NAME`, that of one
        architecture; those that all programs or one language's share apart.
        """
        if package.purl not in self._trees:
            trees = {
                found[0]
                for path in package.files
                if (found := _TREE.match(path)) is not None and not _is_of_many(found[1])
            }
            self._trees[package.purl] = frozenset(
                tree for tree in trees if not is_shared(ImagePath(tree))
            )
        return self._trees[package.purl]

    def _configure(self, package: Package, because: ImagePath) -> None:
        """Keep what a package has below /etc and is no program."""
        if package.purl in self._configured:
            return
        self._configured.add(package.purl)
        for path in package.files:
            entry = self._work.scene.rootfs.get(path) if path.startswith("/etc/") else None
            if entry is not None and not entry.is_executable:
                self._work.add_broadly(
                    path,
                    Reason(
                        "package",
                        f"configuration of {package.name}, of which a file is kept",
                        because,
                    ),
                )

    def _follow(self) -> None:
        """Keep the packages of data that those with kept code depend on, and those that they do;
        and what adds to a tree of their own and depends on them. A hostile image may chain as many
        as it likes, so nothing calls itself here.
        """
        while self._todo:
            current, because = self._todo.pop()
            if current.purl in self._supplied:
                continue
            self._supplied.add(current.purl)
            own = self._own(current)
            for item in self._dependants.get(current.purl, ()) if own else ():
                if (
                    item.purl not in self._done
                    and not own.isdisjoint(self._own(item))
                    and not self._is_distribution(item)
                ):
                    self._keep(item, because, f"which adds to what {current.name} has of its own")
            for item in self._counted(self._dependencies.of(current)):
                if not self._has_programs(current):
                    self._keep_libraries(item, current, because)
                if (
                    item.purl not in self._supplied
                    and item.ecosystem in SYSTEM
                    and self._is_data(item)
                ):
                    self._todo.append((item, because))
                    for path in item.files:
                        self._work.add_broadly(
                            path,
                            Reason(
                                "package",
                                f"{item.name}, data that {current.name} depends on",
                                because,
                            ),
                        )

    def _keep_libraries(self, package: Package, of: Package, because: ImagePath) -> None:
        """Keep the libraries of a package that one of sources alone depends on: it opens them by
        name, however it puts that together.
        """
        if package.purl not in self._libraries:
            files = package.files if package.ecosystem in SYSTEM else ()
            found = (
                path
                for path in files
                if is_loadable(name(path))
                and (is_shared(parent(path)) or name(parent(path)) == "jni")
            )
            self._libraries[package.purl] = tuple(found)
        for path in self._libraries[package.purl]:
            self._work.add_broadly(
                path,
                Reason(
                    "package",
                    f"{package.name}, a library that {of.name} depends on, which has none of"
                    " its own",
                    because,
                ),
            )

    def _is_data(self, package: Package) -> bool:
        """Say whether a package brings no program, no library and no Python distribution: which of
        the last are needed their imports say.
        """
        return not self._has_programs(package) and not self._is_distribution(package)

    def _is_distribution(self, package: Package) -> bool:
        if package.purl not in self._distributions:
            records = (path for path in package.files if name(path) in METADATA)
            self._distributions[package.purl] = any(
                name(parent(path)).endswith((".dist-info", ".egg-info")) for path in records
            )
        return self._distributions[package.purl]

    def _complete(self, package: Package, path: ImagePath) -> None:
        """Keep the packages of the same source that have libraries in a directory of the source's
        own, beside a program or library that is kept.
        """
        directory, source = parent(path), _source(package)
        if is_shared(directory) or (directory, source) in self._completed:
            return
        self._completed.add((directory, source))
        for other in self._beside.get((directory, source), ()):
            if other.purl not in self._done:
                self._keep(other, path, f"a part of {source}, with libraries in {directory}")

    @cached_property
    def _beside(self) -> Mapping[tuple[ImagePath, str], Collection[Package]]:
        """The packages that have libraries in a directory which programs do not share, by that and
        by their source.
        """
        scene = self._work.scene
        out: dict[tuple[ImagePath, str], dict[str, Package]] = {}
        for package in (package for ecosystem in SYSTEM for package in scene.packages(ecosystem)):
            for path in package.files:
                if is_loadable(name(path)) and not is_shared(parent(path)):
                    out.setdefault((parent(path), _source(package)), {})[package.purl] = package
        return {key: tuple(found.values()) for key, found in out.items()}

    def _of_operators(self) -> Mapping[str, ImagePath]:
        if self._operated is None:
            self._operated = operated(self._work.scene, self._dependencies)
        return self._operated

    def _has_programs(self, package: Package) -> bool:
        if package.purl not in self._programs:
            entries = (
                self._work.scene.rootfs.get(path)
                for path in package.files
                if path not in package.metadata
            )
            self._programs[package.purl] = any(
                entry is not None and may_be_elf(entry) for entry in entries
            )
        return self._programs[package.purl]

    def settle(self) -> None:
        """Keep what a daemon's operators use; look for the names of a package's other commands in
        what is kept of it.
        """
        scene = self._work.scene
        for purl, program in self._of_operators().items():
            if purl not in self._done:
                self._keep(
                    scene.inventory.packages[purl],
                    program,
                    f"with commands for who operates {name(program)}, of the same source,"
                    " which ran",
                )
        unread, self._unread = self._unread, []
        for package, entry in unread:
            self._find_commands(package, entry)
        self._give_all()
        self._follow()

    def _find_commands(self, package: Package, entry: Entry) -> None:
        """Keep the commands that a kept program, or library, names: of its package and of those
        that this depends on or recommends; those of its source if it is run, in the workload or by
        what the application names.
        """
        scene = self._work.scene
        partners = self._commands_of_partners(package)
        own: Mapping[bytes, ImagePath] = (
            self._commands.get(package.purl, {}) if entry.is_executable else {}
        )
        held: Mapping[bytes, ImagePath] = (
            self._of_groups.get(package.purl, {}) if entry.is_executable else {}
        )
        is_run = (
            scene.used_as(entry.path, Use.EXECUTED)
            or self._work.keeping.reasons[entry.path].code == "command"
        )
        others = self._commands_of_source(package) if is_run and entry.is_executable else {}
        if not (own or others or held or partners):
            return
        text = scene.text(entry)
        compiled = text.startswith(b"\x7fELF")
        info = self._work.loader.info(entry) if compiled else None
        words = set(
            arguments_of(text, info.strings if info is not None else (0, 0))
            if compiled
            else _WORD.findall(text)
        )
        if held and compiled:
            words |= set(_WORD.findall(text)).intersection(held)
        for waiting in (own, *((*partners, others, held) if compiled else ())):
            for word in sorted(word for word in words if word in waiting):
                self._work.add_broadly(
                    waiting[word],
                    Reason(
                        "command", f"{name(waiting[word])!r}, named in {entry.path}", entry.path
                    ),
                )

    def _commands_of_partners(self, package: Package) -> Sequence[Mapping[bytes, ImagePath]]:
        """Return the commands of each package that one depends on, recommends or suggests, setuid
        ones, those of administrators (`adduser` is there for scripts of the installation, and
        `deluser` a word of redis, too) and those that rules skip apart. One without programs is
        there for what it depends on itself.
        """
        if package.purl not in self._of_partners:
            found: list[Mapping[bytes, ImagePath]] = []
            todo, seen = list(self._counted(self._dependencies.partners(package))), {package.purl}
            while todo:
                item = todo.pop()
                if item.purl in seen or item.ecosystem not in SYSTEM or item.essential:
                    continue
                seen.add(item.purl)
                if commands := self._for_everybody(item):
                    found.append(commands)
                if not self._has_programs(item):
                    todo.extend(self._counted(self._dependencies.of(item)))
            self._of_partners[package.purl] = found
        return self._of_partners[package.purl]

    def _for_everybody(self, package: Package) -> Mapping[bytes, ImagePath]:
        if package.purl not in self._offered:
            self._offered[package.purl] = {
                word: path
                for word, path in self._commands_in(package)
                if name(parent(path)) != "sbin"
            }
        return self._offered[package.purl]

    def _commands_of_source(self, package: Package) -> Mapping[bytes, ImagePath]:
        """Return the commands of all packages of a package's source, setuid ones and those that
        rules skip apart.
        """
        if self._of_source is None:
            self._of_source = {}
            for each in (
                each for ecosystem in SYSTEM for each in self._work.scene.packages(ecosystem)
            ):
                self._of_source.setdefault(_source(each), {}).update(self._commands_in(each))
        return self._of_source[_source(package)]

    def _commands_in(self, package: Package) -> Iterator[tuple[bytes, ImagePath]]:
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


def _is_of_many(tree: str) -> bool:
    """Say whether packages that have nothing to do with each other add to a tree of this name,
    whatever version the name ends with (`python3.13`).
    """
    return tree in _OF_MANY or tree.rstrip("0123456789.-") in _OF_MANY


def _source(package: Package) -> str:
    return package.source.partition("@")[0] or package.name
