"""Distributions of Python, with the imports between them."""

import re
from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Mapping
from functools import partial

from careen.model.entry import Entry
from careen.model.image import ImageConfig
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath, name
from careen.model.plan import EXPLORED, Reason
from careen.model.runs.trace import Use
from careen.plan.core.dependencies import Dependencies
from careen.plan.core.facts import (
    CompiledModule,
    ModulesImported,
    ModulesOnCommandLine,
    ModulesRun,
    OwnFiles,
    PathsOfLibrary,
    PythonOfPeople,
)
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.sources import Sources
from careen.plan.mechanisms.application.settings import is_settings, text_of, without_template
from careen.plan.mechanisms.commands.shell_sources import SHELL, SUFFIXES
from careen.plan.mechanisms.python.compiled_file import CompiledFile
from careen.plan.mechanisms.python.entry_points import EntryPoints
from careen.plan.mechanisms.python.reached_modules import ReachedModules
from careen.plan.mechanisms.python.requested import Requested, is_requested
from careen.plan.mechanisms.python.requirements import Requirements
from careen.plan.mechanisms.python.standard_library import ModulesRunByName
from careen.plan.mechanisms.python.suites import Suites
from careen.plan.scanners.chosen_modules import (
    chosen,
    chosen_by,
    composed,
    declares,
    fits,
    imports_what_it_is_told,
    listed,
    runs_what_it_is_given,
    set_up,
    split,
)
from careen.plan.scanners.imports import (
    configured,
    dotted_literals,
    import_statements,
    imported,
    literals,
    rows,
    run_as_modules,
)
from careen.plan.scanners.python_source import OwnNames, PythonNames, own_names, python_names
from careen.plan.scanners.source import Source, of_bytes

RECORD = "python-record"
_BY_MODULE = (
    "python-distribution",
    "python-import",
)  # reasons by which only the modules that users name are reached
_WITH_OTHERS = (
    "python-distribution",
    "python-import",
    "python-requires",
    "python-entry-point",
    "python-requested",
    EXPLORED,
)
_PYTHON_SOURCES = (".py", ".pyw")
_OF_TESTS = "conftest.py"  # only pytest reads it: its imports are needed by a distribution's tests
_SITE = re.compile(r"(.*/(?:site-packages|dist-packages))/([^/]+)(?:/|\Z)")
_IMPORTING = (
    ".py",
    ".pyw",
    ".R",
    ".r",
    ".Rmd",
    ".qmd",
    ".jl",
)  # R and Julia import Python's modules by reticulate and PyCall
_CONFIGURATION = (".yaml", ".yml", ".json", ".ini", ".cfg", ".conf", ".toml", ".properties", ".env")
_MAX_SETTINGS = 256 << 10  # larger files of other kinds are data
_MAX_COMPOSED = 1000  # beginnings and ends of names in libraries, each compared with all modules
_SCHEDULES = ("/etc/cron", "/var/spool/cron/")
_QUOTES_AS_LINES = bytes.maketrans(b"\"'`;", b"\n\n\n\n")
_READ = (Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.WRITTEN)


class Distributions(Mechanism):
    """Keeps whole each distribution that is used, imported or loaded by an entry point.

    Of a distribution that it requires, only the record is kept, unless more is needed: the
    application or a distribution without code requires it, or kept code names it. One that is more
    than modules (a library, a program, data) is kept whole, too. One that the image's owner asked
    to have installed is kept if any kept source imports it.
    """

    id = "python-distributions"
    why = (
        "imports inside functions, in except clauses and by string run on paths that the profile"
        " did not take"
    )
    codes = (
        "python-distribution",
        "python-import",
        "python-requires",
        "python-record",
        "python-entry-point",
        "python-requested",
        "python-stub",
        "test-suite",
    )

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._requirements = Requirements(work, Dependencies(work))
        self._done: set[str] = set()
        self._recorded: set[str] = set()
        self._all = tuple(work.scene.packages(Ecosystem.PYPI))
        self._by_module = self._modules()
        self._unowned = self._unowned_modules()
        self._sorted = sorted({*self._by_module, *self._unowned})
        self._metadata = frozenset(path for package in self._all for path in package.metadata)
        self._unread = OwnFiles(work.facts)
        self._texts = work.shared(Sources)
        self._sources: list[Entry] = []
        self._waiting: dict[ImagePath, Entry] = {}
        self._reading = False
        self._reached = ReachedModules(work, self._all)
        self._runs = ModulesRunByName(work)
        self._told = False
        self._choices: list[tuple[ImagePath | None, frozenset[str]]] = [
            (None, chosen_by(work.scene.config.env))
        ]
        self._additions: list[tuple[ImagePath | None, str, Package]] = []
        self._entry_points = EntryPoints(work, self._all, self._reached, self._keep)
        self._composed: set[tuple[str, str]] = set()
        self._config: ImageConfig | None = work.scene.config
        self._suites = Suites(work)
        self._requested = Requested(work, self._all)
        work.facts.on(ModulesImported, lambda fact: self._import_from(fact.modules, fact.because))
        work.facts.on(ModulesRun, lambda fact: self._note_runs(fact.modules, fact.because))
        work.facts.on(ModulesOnCommandLine, self._import_named)
        work.facts.on(PythonOfPeople, self._keep_requested)
        work.facts.on(CompiledModule, self._import_compiled)

    def _modules(self) -> Mapping[str, tuple[Package, ...]]:
        out: dict[str, list[Package]] = {}
        for package in self._all:
            for module in package.modules:
                out.setdefault(module.partition(".")[0], []).append(package)
        return {module: tuple(found) for module, found in out.items()}

    def _unowned_modules(self) -> dict[str, tuple[ImagePath, ...]]:
        """Return the modules that no distribution owns, with their top-level paths."""
        # A system package may own them: Debian's pkg_resources and apt_pkg have no metadata.
        owned = {path for package in self._all for path in package.files}
        out: dict[str, set[ImagePath]] = {}
        for entry in self._work.scene.rootfs:
            match = _SITE.match(entry.path)
            if match and not entry.is_dir and entry.path not in owned:
                top = ImagePath(f"{match.group(1)}/{match.group(2)}")
                out.setdefault(match.group(2).partition(".")[0], set()).add(top)
        return {module: tuple(sorted(found)) for module, found in out.items()}

    def visit(self, entry: Entry) -> None:
        path = entry.path
        scene = self._work.scene
        if (
            entry.is_dir or path in self._metadata
        ):  # reading a version, or listing what is installed, does not use the code
            return
        site = _SITE.match(path)
        owners = scene.owners(path, Ecosystem.PYPI)
        for package in owners:
            self._keep(
                package,
                Reason(
                    "python-distribution", f"{package.name}, of which {name(path)} is kept", path
                ),
            )
        if site and not owners:
            self._keep_unowned(site.group(2).partition(".")[0], path)
        if (
            path.endswith(".py")
            and (site or owners)
            and (name(path) != _OF_TESTS or path in scene.uses)
        ):
            if (
                path in scene.own_installed
                or path in self._suites.given
                or not self._is_kept_with_others(path)
            ):
                self._reached.reach_file(path)
            if self._reached.has(path):
                self._sources.append(entry)
            else:
                self._waiting[path] = entry

    def _is_kept_with_others(self, path: ImagePath) -> bool:
        """Return whether a source stays only for its distribution, or by the import sweep."""
        return self._work.keeping.reasons[path].code in _WITH_OTHERS

    def _keep(self, package: Package, reason: Reason, *, everything: bool = False) -> None:
        """Keep a distribution and what it requires.

        With `everything` all requirements are kept, else those that `Requirements` names, and of
        the rest the records.
        """
        # No recursion: a hostile image may chain as many requirements as it likes.
        todo = [(package, reason)]
        while todo:
            current, why = todo.pop()
            if why.code not in _BY_MODULE:
                for module in current.modules:
                    self._reached.reach_whole(module.partition(".")[0])
            if current.purl in self._done:
                continue
            self._done.add(current.purl)
            self._work.modules.update(current.modules)
            for path in current.metadata:
                entry = self._work.scene.rootfs.get(path)
                if name(path) == "entry_points.txt" and entry is not None:
                    self._reached.reach_entry_points(self._work.scene.text(entry))
            for path in current.files:
                if not self._suites.hold(path, why):
                    self._work.add_broadly(path, why)
            kept = (
                path
                for path in current.files
                if path in self._work.keeping and path not in current.metadata
            )
            because = next(kept, why.because)
            whole = (
                self._requirements.all(current) if everything else self._requirements.whole(current)
            )
            needed = [
                (
                    each,
                    Reason(
                        "python-requires", f"{each.name}, which {current.name} requires", because
                    ),
                )
                for each in whole
            ]
            todo += reversed(needed)  # depth first, in the order of the requirements
            self._keep_records(current, because)

    def _keep_records(self, package: Package, because: ImagePath | None) -> None:
        """Keep the records of all that a distribution requires, directly or not."""
        # importlib.metadata, pkg_resources and pip must report their versions.
        todo = [package]
        while todo:
            current = todo.pop()
            if current.purl in self._recorded:
                continue
            self._recorded.add(current.purl)
            for each in self._requirements.all(current):
                for path in each.metadata:
                    self._work.add_broadly(
                        path,
                        Reason(
                            RECORD, f"record of {each.name}, which {current.name} requires", because
                        ),
                    )
                todo.append(each)

    def _keep_unowned(self, module: str, because: ImagePath) -> None:
        for top in self._unowned.pop(module, ()):
            reason = Reason(
                "python-distribution", f"module {module}, which no distribution owns", because
            )
            self._work.add_broadly(top, reason)
            for below in self._work.scene.index.below(top):
                if not self._work.scene.owners(
                    below.path, Ecosystem.PYPI
                ) and not self._suites.hold(below.path, reason):
                    self._work.add_broadly(below.path, reason)

    def _import_named(self, fact: ModulesOnCommandLine) -> None:
        """Keep the distributions of modules on a command line (`python -m uvicorn app:main`)."""
        for module in sorted(fact.modules):
            for package in self._by_module.get(module, ()):
                self._keep(
                    package,
                    Reason(
                        "python-import",
                        f"{package.name}, named {module} on a command line",
                        fact.because,
                    ),
                )
            self._reached.reach_whole(module)

    def _keep_requested(self, fact: PythonOfPeople) -> None:
        """Keep the distributions below a prefix that a user asked to install.

        These are marked REQUESTED (PEP 376). If none is marked, all are kept.
        """
        libraries = (
            f"{fact.prefix}/lib/",
            f"{fact.prefix}/lib64/",
            *(("/usr/local/lib/",) if fact.prefix == "/usr" else ()),
        )
        found = [package for package in self._all if package.record.startswith(libraries)]
        for package in [*filter(is_requested, found)] or found:
            reason = Reason(
                "python-requested",
                f"{package.name}, which was asked for, and a kernel runs what people type",
                fact.because,
            )
            self._keep(package, reason, everything=True)
        self._read_reached()

    def _unkept(self) -> frozenset[str]:
        """Return the top-level modules of distributions that are not kept yet."""
        return frozenset(
            module
            for module, found in self._by_module.items()
            if any(package.purl not in self._done for package in found)
        )

    def _import_from(
        self, modules: Iterable[str], user: ImagePath, own: Container[str] = ()
    ) -> None:
        """Keep the distributions whose modules (first components) a file names.

        All modules of a top-level package are reached, unless it is one of the file's `own`.
        """
        modules = frozenset(modules)
        for module in sorted(modules):
            if module not in own:
                self._reached.reach_whole(module)
        self._import(modules, user)
        self._read_reached()

    def _import_compiled(self, fact: CompiledModule) -> None:
        """Keep the distributions whose modules a compiled module names."""
        left = self._unkept() | self._reached.partial
        if not left:
            return
        user = fact.entry.path
        compiled = CompiledFile(self._work.scene, fact.entry)
        names = compiled.names()
        modules = names.imported(sorted(left), compiled.loose_names)
        self._reached.read_compiled(user, names, compiled.names_below)
        self._import_from(modules, user, (self._reached.top_of(user),))

    def _import_source(
        self, user: ImagePath, names: PythonNames, own: Callable[[], OwnNames]
    ) -> None:
        """Keep the distributions that a Python source imports or names with dots."""
        for module in sorted(names.modules):
            self._reached.reach_module(module)
        self._reached.read(user, names, own)
        self._import(names.modules | names.dotted, user)

    def _import_chosen(self, user: ImagePath, names: PythonNames) -> None:
        """Keep the distributions that a library's source names, if it imports by a computed name.

        It chooses from a table of one-word texts (`{"b": "backend"}`), or composes the name.
        """
        parts = sorted(names.composed - self._composed)[: _MAX_COMPOSED - len(self._composed)]
        self._composed.update(parts)
        words = self._by_module.keys() & {*names.literals.split(), *self._fitting(parts)}
        for module in sorted(words):
            self._reached.reach_module(module)
        self._import(frozenset(words), user)

    def _import(self, modules: frozenset[str], user: ImagePath) -> None:
        for module in sorted(modules):
            for package in self._by_module.get(module, ()):
                if not self._is_installer(package, user):
                    self._keep(
                        package,
                        Reason(
                            "python-import", f"{package.name}, imported as {module} in {user}", user
                        ),
                    )
            if module in self._unowned:
                self._keep_unowned(module, user)

    def _is_installer(self, package: Package, user: ImagePath) -> bool:
        """Return whether a library imports an installer or build tool without requiring it."""
        # It imports pip or cmake to list or repair what is installed, and does not need them.
        if (
            package.name not in self._work.scene.skipped_commands
            or user in self._work.scene.own_installed
        ):
            return False
        owners = self._work.scene.owners(user, Ecosystem.PYPI)
        return bool(owners) and not self._requirements.is_required(package, owners)

    def _read_reached(self) -> None:
        """Read the kept sources that are reached, until there are no new ones."""
        if self._reading:
            return
        self._reading = True
        while True:
            self._sources += [
                self._waiting.pop(path) for path in self._reached.take() if path in self._waiting
            ]
            sources, self._sources = self._sources, []
            if not sources:
                break
            for entry in sources:
                self._read_source(entry)
        self._reading = False

    def _read_source(self, entry: Entry) -> None:
        self._texts.of(entry)  # while its text is at hand
        names = self._texts.names(entry)
        text = partial(self._texts.text, entry)
        self._import_source(entry.path, names, partial(self._texts.own_names, entry))
        if names.told:
            self._told = True  # it may be given what a setting of the application says
            self._import_chosen(entry.path, names)
        if paths := names.paths():
            self._work.facts.post(PathsOfLibrary(paths, entry.path))
        for owner in self._work.scene.owners(entry.path, Ecosystem.PYPI):
            for package in self._requirements.named(owner, names, text):
                self._keep(
                    package,
                    Reason(
                        "python-requires",
                        f"{package.name}, which {owner.name} requires and {entry.path} names",
                        entry.path,
                    ),
                )
        self._read(entry.path, names, text)
        self._note_runs(names.runs - self._work.scene.skipped_commands, entry.path)

    def settle(self) -> None:
        self._read_image()
        self._read_reached()
        for entry in self._unread.take():
            if (
                without_template(entry.path).endswith((*_IMPORTING, *SUFFIXES))
                or entry.is_executable
            ):
                text = self._work.scene.text(entry)
                if text.startswith(b"\x7fELF"):
                    continue
                if SHELL.match(text) or entry.path.endswith(SUFFIXES):
                    text = text.translate(
                        _QUOTES_AS_LINES
                    )  # code of `python -c "…"` and of here-documents
                source = of_bytes(text)
                names = python_names(source)
                if entry.path.endswith(_PYTHON_SOURCES):
                    self._import_source(entry.path, names, partial(own_names, source))
                    self._import_from(dotted_literals(text) | literals(text), entry.path)
                    self._import_from(self._fitting(composed(text)), entry.path)
                    self._import_from(set_up(text), entry.path)
                    if imports_what_it_is_told(text):
                        self._import_from(split(text), entry.path)
                    handed = text.replace(b"\\n", b"\n").translate(_QUOTES_AS_LINES)
                    self._import_from(import_statements(handed) - names.modules, entry.path)
                    if runs_what_it_is_given(entry.path, text):
                        self._keep_what_code_may_import(entry.path)
                else:
                    self._import_from(
                        imported(text) | dotted_literals(text) | literals(text), entry.path
                    )
                self._read(entry.path, names, partial(of_bytes, source))
                self._entry_points.note(text, entry.path, loads=names.loads_entry_points)
                self._note_runs(run_as_modules(text, in_lines=True), entry.path)
                if imports_what_it_is_told(text):
                    self._told = True
                    self._keep_what_may_be_chosen(entry.path)
            else:
                self._read_settings(entry)
        self._runs.keep()
        if self._told:  # the application, or a library, imports modules by computed names
            self._choose()
        self._add_what_is_listed()
        self._entry_points.settle(self._done, self._by_module)
        self._read_reached()
        self._import_requested()

    def _read_settings(self, entry: Entry) -> None:
        """Keep what a configuration, a table or a schedule of the application names."""
        path = entry.path
        if path.endswith(_CONFIGURATION) or path.startswith(_SCHEDULES):
            settings = self._work.scene.text(entry)
        else:
            settings = text_of(self._work.scene, entry, _MAX_SETTINGS) if is_settings(path) else b""
        if not settings:
            return
        if not declares(path):
            runs = run_as_modules(settings, in_lines=True)
            self._note_runs(runs - self._work.scene.skipped_commands, path)
        self._import_from(configured(settings), path)
        if len(settings) <= _MAX_SETTINGS:  # code for a kernel, an agent or an `exec`
            code = settings.replace(b"\\n", b"\n").translate(_QUOTES_AS_LINES)
            self._import_from(import_statements(code), path)
        self._entry_points.note(settings, path, loads=False)
        if not path.endswith(_CONFIGURATION) and not declares(path):
            self._import_from(rows(settings), path)
        self._choices.append((path, chosen(path, settings)))
        self._additions += [
            (path, module, package)
            for module in sorted(listed(path, settings) & self._by_module.keys())
            for package in self._by_module[module]
        ]

    def _read_image(self) -> None:
        """Keep what a variable or a command of the image names with dots (`pkg.module:Name`)."""
        config, self._config = self._config, None
        if config is None:
            return
        words = [word for value in config.env.values() for word in value.split()]
        words += [word for line in (*config.entrypoint, *config.cmd) for word in line.split()]
        text = "\n".join(f"={word}" for word in words).encode("utf-8", "replace")
        self._entry_points.note(text, None, loads=False)
        for module in sorted(configured(text)):
            self._reached.reach_whole(module)
            for package in self._by_module.get(module, ()):
                what = f"{package.name}, which a variable or a command of the image names"
                self._keep(package, Reason("python-import", what))

    def _import_requested(self) -> None:
        for package, user in [*self._requested.imported_by(self._waiting, self._done)]:
            if not self._is_installer(package, user):
                why = f"{package.name}, which was asked for, and {user} imports"
                self._keep(package, Reason("python-requested", why, user))
        self._read_reached()

    def _keep_what_may_be_chosen(self, user: ImagePath) -> None:
        """Keep what was asked for, as the application imports a module by a computed name.

        The name may come from a variable, an option or a request at run time, which no file shows.
        """
        # Some installers mark all that they install; what others require is none's own choice.
        required = {each.purl for package in self._all for each in self._requirements.all(package)}
        for package in [*self._requested.not_in(self._done | required)]:
            if package.name not in self._work.scene.skipped_commands:
                why = f"{package.name}, which was asked for, and {user} imports by a computed name"
                self._keep(package, Reason("python-requested", why, user))

    def _keep_what_code_may_import(self, user: ImagePath) -> None:
        """Keep what was asked for, as the application runs code that nobody has written yet."""
        why = f"and {user} runs code that it is given"
        for package in self._requested.of_their_own(self._requirements):
            if (
                package.purl not in self._done
                and package.name not in self._work.scene.skipped_commands
            ):
                what = f"{package.name}, which was asked for, {why}"
                self._keep(package, Reason("python-requested", what, user))

    def _note_runs(self, modules: Iterable[str], because: ImagePath) -> None:
        """Record the modules that a file runs (`-m venv`), and keep their distributions."""
        self._import_from(modules, because)
        self._runs.note(modules, because)

    def _choose(self) -> None:
        """Keep the distributions that one-word settings name."""
        choices, self._choices = self._choices, []
        for because, words in choices:
            for module in sorted(words & self._by_module.keys()):
                self._reached.reach_whole(module)
                for package in self._by_module[module]:
                    where = because or "a variable of the image"
                    self._keep(
                        package,
                        Reason(
                            "python-import",
                            f"{package.name}, which {where} chooses for an import by name",
                            because,
                        ),
                    )

    def _add_what_is_listed(self) -> None:
        """Keep the plugins that settings list for a kept library which imports what it is told."""
        # The application itself imports none of them: it hands its settings to the library.
        waiting, self._additions = self._additions, []
        for because, module, package in waiting:
            library = next(filter(self._takes_additions, self._requirements.all(package)), None)
            if library is None:
                self._additions.append((because, module, package))
                continue
            self._reached.reach_whole(module)
            why = f"{package.name}, which {because} lists for {library.name}"
            self._keep(package, Reason("python-import", why, because))

    def _takes_additions(self, package: Package) -> bool:
        return package.purl in self._done and self._reached.is_whole(package)

    def _read(self, path: ImagePath, names: PythonNames, text: Callable[[], Source]) -> None:
        """Keep what else a source names: test suites, modules by prefix, entry points, a stub."""
        self._suites.read(path, names, text)
        for beginning in sorted(names.beginnings):
            first, end = (
                bisect_left(self._sorted, beginning),
                bisect_left(self._sorted, f"{beginning}\U0010ffff"),
            )
            self._import_from(self._sorted[first:end], path)
        self._entry_points.read(path, names, text)
        if names.has_a_stub:
            reason = Reason(
                "python-stub", f"{name(path)} makes its lazy imports from its stub file", path
            )
            self._work.keeping.add(ImagePath(f"{path.rpartition('.')[0]}.pyi"), reason)

    def _fitting(self, parts: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        """Return the modules whose names have one of some beginnings and ends."""
        return tuple(
            module for module in self._sorted for first, last in parts if fits(module, first, last)
        )
