"""Python: the standard library, distributions, and the import graph between them."""

import re
from bisect import bisect_left
from collections.abc import Container, Iterable, Mapping

from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import EXPLORED, Reason
from careen.model.runs.trace import Use
from careen.plan.core.dependencies import Dependencies
from careen.plan.core.facts import (
    CompiledModule,
    ModulesImported,
    ModulesOnCommandLine,
    ModulesRun,
    OwnFile,
    PythonOfPeople,
)
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.mechanisms.commands.shell_sources import SHELL, SUFFIXES
from careen.plan.mechanisms.python.reached_modules import ReachedModules
from careen.plan.mechanisms.python.requirements import Requirements
from careen.plan.mechanisms.python.suites import Suites
from careen.plan.scanners.chosen_modules import chosen, chosen_by, imports_what_it_is_told
from careen.plan.scanners.compiled_imports import imported_by
from careen.plan.scanners.imports import (
    beginnings,
    configured,
    dotted_literals,
    imported,
    literals,
    run_as_modules,
)

RECORD = "python-record"
_BY_MODULE = (
    "python-distribution",
    "python-import",
)  # why a distribution stays of which no module is named but those that its users name
_WITH_OTHERS = (
    "python-distribution",
    "python-import",
    "python-requires",
    "python-entry-point",
    "python-requested",
    EXPLORED,
)
_PYTHON_SOURCES = (".py", ".pyw")
_OF_TESTS = "conftest.py"  # read by pytest alone: what it imports, a distribution's own tests need
_SITE = re.compile(r"(.*/(?:site-packages|dist-packages))/([^/]+)(?:/|\Z)")
_PYTHON = re.compile(r"python3?(\.\d+)?\Z")
_SECTION = re.compile(rb"^\[([^\]\n]{1,200})\]", re.MULTILINE)
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
_QUOTES_AS_LINES = bytes.maketrans(b"\"'`;", b"\n\n\n\n")
_LOADS_ENTRY_POINTS = (b"entry_point", b"ExtensionManager", b"DriverManager")
_READ = (Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.WRITTEN)


class StandardLibrary(Mechanism):
    """A Python that runs keeps its whole standard library, less what drop rules name; at `observed`
    only its landmarks.
    """

    id = "python-stdlib"
    why = "error paths, codecs, spawn and shutdown import modules that no profile sees"
    codes = ("python-stdlib", "python-landmark")
    at_observed = True

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._done: set[ImagePath] = set()

    def visit(self, entry: Entry) -> None:
        if len(self._done) == len(self._work.scene.interpreters):
            return
        home = self._work.scene.library_of(entry.path) if not entry.is_dir else None
        if home is None and entry.is_executable and _PYTHON.match(name(entry.path)):
            lib = f"{parent(parent(entry.path))}/lib/"
            home = next(
                (
                    item
                    for item in self._work.scene.interpreters
                    if item.startswith(lib)
                    and name(entry.path) in (name(item), "python3", "python")
                ),
                None,
            )
        if home is None or home in self._done:
            return
        self._done.add(home)
        scene = self._work.scene
        if not scene.wide:
            if entry.is_executable or scene.used_as(entry.path, Use.OPENED, Use.MAPPED):
                for path in (f"{home}/os.py", f"{home}/lib-dynload"):
                    self._work.keeping.add(
                        ImagePath(path),
                        Reason(
                            "python-landmark",
                            "the interpreter looks for it to find its prefix",
                            entry.path,
                        ),
                    )
            return
        for below in scene.index.below(home):
            if scene.library_of(below.path) is not None:
                self._work.add_broadly(
                    below.path,
                    Reason("python-stdlib", f"the standard library in {home}", entry.path),
                )


class Distributions(Mechanism):
    """A distribution of which a module was used, or that kept code imports or loads through an
    entry point, is kept whole. Of what it requires the record is kept, and more where that is
    needed.
    """

    id = "python-distributions"
    why = (
        "imports inside functions, in except clauses and by string happen on other paths than the"
        " profile's"
    )
    codes = (
        "python-distribution",
        "python-import",
        "python-requires",
        "python-record",
        "python-entry-point",
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
        self._unread = work.facts.news(OwnFile)
        self._sources: list[Entry] = []
        self._waiting: dict[ImagePath, Entry] = {}
        self._reading = False
        self._reached = ReachedModules(work, self._all)
        self._run: dict[str, ImagePath] = {}
        self._ran: set[tuple[ImagePath, str]] = set()
        self._told = False
        self._choices: list[tuple[ImagePath | None, frozenset[str]]] = [
            (None, chosen_by(work.scene.config.env))
        ]
        self._groups, self._offered = self._entry_point_groups()
        self._suites = Suites(work)
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
        """The modules that no distribution owns; a package of the system may (Debian's
        pkg_resources and apt_pkg have no metadata of their own).
        """
        owned = {path for package in self._all for path in package.files}
        out: dict[str, set[ImagePath]] = {}
        for entry in self._work.scene.rootfs:
            match = _SITE.match(entry.path)
            if match and not entry.is_dir and entry.path not in owned:
                top = ImagePath(f"{match.group(1)}/{match.group(2)}")
                out.setdefault(match.group(2).partition(".")[0], set()).add(top)
        return {module: tuple(sorted(found)) for module, found in out.items()}

    def _entry_point_groups(
        self,
    ) -> tuple[Mapping[str, frozenset[str]], dict[bytes, tuple[Package, ...]]]:
        """Return, for each distribution, the first components of the entry point groups that it
        offers, scripts apart; and for each group who offers it.
        """
        first: dict[str, frozenset[str]] = {}
        offered: dict[bytes, list[Package]] = {}
        for package in self._all:
            for path in package.metadata:
                entry = self._work.scene.rootfs.get(path)
                if entry is not None and entry.is_file and name(path) == "entry_points.txt":
                    groups = {
                        group.strip() for group in _SECTION.findall(self._work.scene.text(entry))
                    } - {b"console_scripts", b"gui_scripts"}
                    first[package.purl] = frozenset(
                        re.split(r"[._:-]|\d", group.decode("utf-8", "replace"))[0]
                        for group in groups
                    )
                    for group in groups:
                        offered.setdefault(group, []).append(package)
        return first, {group: tuple(found) for group, found in offered.items()}

    def visit(self, entry: Entry) -> None:
        path = entry.path
        scene = self._work.scene
        if (
            entry.is_dir or path in self._metadata
        ):  # to read a version, or to list what is installed, is no use of its code
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
        """Say whether a source stays because its distribution does, or because the import sweep
        imported it.
        """
        return self._work.keeping.reasons[path].code in _WITH_OTHERS

    def _keep(self, package: Package, reason: Reason, *, everything: bool = False) -> None:
        """Keep a distribution, and of what it requires `everything`, or what `Requirements` says
        and of the rest the records. A hostile image may chain as many as it likes, so nothing
        calls itself here.
        """
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
            todo += reversed(needed)  # depth first, in the order in which they are required
            self._keep_records(current, because)

    def _keep_records(self, package: Package, because: ImagePath | None) -> None:
        """Keep the records of all that a distribution requires, and that those require: whoever
        asks for their versions is told the truth (importlib.metadata, pkg_resources, pip).
        """
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
        """Keep the distributions whose modules a command line or a script names (`python -m uvicorn
        app:main`).
        """
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
        """Keep the distributions below an interpreter's prefix that somebody asked to have
        installed (PEP 376: REQUESTED); all, if of none that is known.
        """
        libraries = (
            f"{fact.prefix}/lib/",
            f"{fact.prefix}/lib64/",
            *(("/usr/local/lib/",) if fact.prefix == "/usr" else ()),
        )
        found = [package for package in self._all if package.record.startswith(libraries)]
        requested = [
            package
            for package in found
            if any(name(path) == "REQUESTED" for path in package.metadata)
        ]
        for package in requested or found:
            reason = Reason(
                "python-requested",
                f"{package.name}, which was asked for, and a kernel runs what people type",
                fact.because,
            )
            self._keep(package, reason, everything=True)
        self._read_reached()

    def _unkept(self) -> frozenset[str]:
        """The top-level modules of distributions of which nothing is kept yet."""
        return frozenset(
            module
            for module, found in self._by_module.items()
            if any(package.purl not in self._done for package in found)
        )

    def _import_from(
        self, modules: Iterable[str], user: ImagePath, own: Container[str] = ()
    ) -> None:
        """Keep the distributions whose modules (first components) a file names. It does not say
        which of their modules it wants, but for its `own`.
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
        data = self._work.scene.rootfs.read(user, fact.entry.size)
        modules = imported_by(data, sorted(left))
        self._reached.read_compiled(user, data)
        self._import_from(modules, user, (self._reached.top_of(user),))

    def _import_source(self, user: ImagePath, text: bytes) -> None:
        """Keep what a Python source imports, or names with dots."""
        modules = imported(text)
        for module in sorted(modules):
            self._reached.reach_module(module)
        self._reached.read(user, text)
        self._import(modules | dotted_literals(text), user)

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
        """Say whether a library imports a tool that installs or builds (pip, cmake) without
        requiring it: to list or mend what is installed. Its commands count as little.
        """
        if (
            package.name not in self._work.scene.skipped_commands
            or user in self._work.scene.own_installed
        ):
            return False
        owners = self._work.scene.owners(user, Ecosystem.PYPI)
        return bool(owners) and not self._requirements.is_required(package, owners)

    def _read_reached(self) -> None:
        """Read the kept sources that something reaches, until no more are."""
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
        text = self._work.scene.text(entry)
        self._import_source(entry.path, text)
        for owner in self._work.scene.owners(entry.path, Ecosystem.PYPI):
            for package in self._requirements.named(owner, text):
                self._keep(
                    package,
                    Reason(
                        "python-requires",
                        f"{package.name}, which {owner.name} requires and {entry.path} names",
                        entry.path,
                    ),
                )
        self._read(entry.path, text)
        self._note_runs(
            run_as_modules(text, in_lines=False) - self._work.scene.skipped_commands, entry.path
        )

    def settle(self) -> None:
        self._read_reached()
        for entry in (fact.entry for fact in self._unread.take()):
            if entry.path.endswith((*_IMPORTING, *SUFFIXES)) or entry.is_executable:
                text = self._work.scene.text(entry)
                if text.startswith(b"\x7fELF"):
                    continue
                if SHELL.match(text) or entry.path.endswith(SUFFIXES):
                    text = text.translate(
                        _QUOTES_AS_LINES
                    )  # code of `python -c "…"` and of here-documents
                if entry.path.endswith(_PYTHON_SOURCES):
                    self._import_source(entry.path, text)
                    self._import_from(dotted_literals(text) | literals(text), entry.path)
                else:
                    self._import_from(
                        imported(text) | dotted_literals(text) | literals(text), entry.path
                    )
                self._read(entry.path, text)
                self._note_runs(run_as_modules(text, in_lines=True), entry.path)
                self._told = self._told or imports_what_it_is_told(text)
            elif entry.path.endswith(_CONFIGURATION):
                self._import_from(configured(self._work.scene.text(entry)), entry.path)
                self._choices.append((entry.path, chosen(entry.path, self._work.scene.text(entry))))
        self._keep_runs()
        if self._told:
            self._choose()
        self._entry_points()
        self._read_reached()

    def _note_runs(self, modules: Iterable[str], because: ImagePath) -> None:
        """Keep the modules that a file runs (`-m venv`): distributions, and what rules leave out of
        the standard library.
        """
        self._import_from(modules, because)
        for module in sorted(modules):
            self._run.setdefault(module, because)

    def _keep_runs(self) -> None:
        """Keep what rules leave out of the standard library of an interpreter that is kept, but
        some source runs (`-m venv`); what that itself runs, too.
        """
        scene, keeping = self._work.scene, self._work.keeping
        homes = [home for home in scene.interpreters if ImagePath(f"{home}/os.py") in keeping]
        todo = [
            (home, module, because)
            for home in homes
            for module, because in sorted(self._run.items())
        ]
        while todo:
            home, module, because = todo.pop()
            if (home, module) in self._ran:
                continue
            self._ran.add((home, module))
            single = scene.rootfs.get(ImagePath(f"{home}/{module}.py"))
            for entry in (
                *scene.index.below(ImagePath(f"{home}/{module}")),
                *((single,) if single is not None else ()),
            ):
                if entry.is_file and entry.path in self._work.dropped:
                    keeping.add(
                        entry.path,
                        Reason(
                            "python-stdlib",
                            f"{module} of the standard library, which {because} runs",
                            because,
                        ),
                    )
                if entry.path.endswith(".py"):
                    todo += [
                        (home, found, entry.path)
                        for found in run_as_modules(scene.text(entry), in_lines=False)
                    ]

    def _choose(self) -> None:
        """Keep the distributions that settings name by one word: the application imports what it is
        told.
        """
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

    def _read(self, path: ImagePath, source: bytes) -> None:
        """Keep what else of its own a source reads: test suites that it imports, and the stub from
        which lazy imports are made (Scientific Python SPEC 1).
        """
        self._suites.read(path, source)
        for beginning in sorted(beginnings(source)):
            first, end = (
                bisect_left(self._sorted, beginning),
                bisect_left(self._sorted, f"{beginning}\U0010ffff"),
            )
            self._import_from(self._sorted[first:end], path)
        if any(word in source for word in _LOADS_ENTRY_POINTS):
            for group in [
                item
                for item in self._offered
                if b'"%b"' % item in source or b"'%b'" % item in source
            ]:
                for package in self._offered.pop(group):
                    what = (
                        f"{package.name} offers entry points of {group.decode('utf-8', 'replace')},"
                        f" which {path} loads"
                    )
                    self._keep(package, Reason("python-entry-point", what, path))
        if b"attach_stub" in source:
            reason = Reason(
                "python-stub", f"{name(path)} makes its lazy imports from its stub file", path
            )
            self._work.keeping.add(ImagePath(f"{path.rpartition('.')[0]}.pyi"), reason)

    def _entry_points(self) -> None:
        for package in self._all:
            shared = self._groups.get(package.purl, frozenset()) & self._work.modules
            if shared and package.purl not in self._done:
                consumer = min(shared)
                because = next(
                    (
                        path
                        for item in self._by_module.get(consumer, ())
                        for path in item.files
                        if path in self._work.keeping
                    ),
                    None,
                )
                self._keep(
                    package,
                    Reason(
                        "python-entry-point",
                        f"{package.name} offers entry points to {consumer}",
                        because,
                    ),
                )
