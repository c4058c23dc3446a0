"""Extension modules of a standard library that link libraries of other packages."""

from collections.abc import Iterable, Iterator

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name
from careen.model.plan import Level, Reason
from careen.plan.core.facts import (
    CompiledModule,
    ModulesImported,
    ModulesOnCommandLine,
    ModulesRun,
    PythonOfPeople,
)
from careen.plan.core.mechanism import Work
from careen.plan.core.scene import SYSTEM
from careen.plan.core.sources import Sources
from careen.plan.mechanisms.application.packed_texts import is_sourceless
from careen.plan.mechanisms.packages.linked_libraries import is_c_library
from careen.plan.mechanisms.packages.package_kinds import source_of
from careen.plan.scanners.compiled_imports import imported_by
from careen.plan.scanners.imports import imported

_SOURCES = (".py", ".pyw")


class LinkedExtensions:
    """Holds such modules back until kept code imports them, reached or not.

    The code is that of the standard library itself, of distributions and of the application. Where
    users type code, none is held back.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._held: dict[str, dict[ImagePath, Reason]] = {}
        self._users: dict[str, ImagePath | None] = {}
        self._sources = work.shared(Sources)
        self._unread: list[Entry] = []
        linked = self._linked() if work.scene.level is Level.CLOSURE else ()
        self._sought = {module.encode(): module for module in linked}
        facts = work.facts
        facts.on(ModulesImported, lambda fact: self._give(fact.modules, fact.because))
        facts.on(ModulesRun, lambda fact: self._give(fact.modules, fact.because))
        facts.on(ModulesOnCommandLine, lambda fact: self._give(fact.modules, fact.because))
        facts.on(CompiledModule, lambda fact: self._read_compiled(fact.entry))
        facts.on(PythonOfPeople, lambda fact: self._give(self._sought.values(), fact.because))

    def _linked(self) -> Iterator[str]:
        """Yield the names of the modules of all standard libraries that may be held back."""
        rootfs, loader = self._work.scene.rootfs, self._work.loader
        for home in self._work.scene.interpreters:
            for path in rootfs.children(ImagePath(f"{home}/lib-dynload")):
                info = loader.info(rootfs[path])
                if info is not None and any(
                    self._is_of_another_package(path, text)
                    for library in info.needed
                    for text in loader.resolve(library, path, info, ())
                ):
                    yield _module_of(path)

    def _is_of_another_package(self, module: ImagePath, library: str) -> bool:
        scene = self._work.scene
        found = scene.rootfs.walk(library).final
        own = {source_of(package) for package in scene.owners(module)}
        return found is not None and any(
            package.ecosystem in SYSTEM
            and source_of(package) not in own
            and not is_c_library(package)
            for package in scene.owners(found.path)
        )

    def hold(self, path: ImagePath, reason: Reason) -> bool:
        """Return whether a path of a kept standard library stays out for now."""
        module = _module_of(path)
        if "/lib-dynload/" not in path:
            return False
        if module in self._sought.values():
            self._held.setdefault(module, {})[path] = reason
            return True
        if module in self._users:
            self._keep(module, path, reason)
        return False

    def visit(self, entry: Entry) -> None:
        """Note a newly kept source, or read one of byte code."""
        if not self._sought or not entry.is_file:
            return
        if entry.path.endswith(_SOURCES):
            self._unread.append(entry)
        elif is_sourceless(entry.path):
            text = self._work.scene.text(entry)
            self._give([self._sought[word] for word in self._sought if word in text], entry.path)

    def settle(self) -> None:
        """Read the new sources."""
        unread, self._unread = self._unread, []
        for entry in unread if self._sought else ():
            if self._work.scene.library_of(entry.path) is None:
                self._give(self._sources.of(entry).imported, entry.path)
                continue
            text = self._work.scene.text(entry)
            if any(word in text for word in self._sought):
                self._give(imported(text), entry.path)

    def _read_compiled(self, entry: Entry) -> None:
        if self._sought:
            data = self._work.scene.rootfs.read(entry.path, entry.size)
            self._give(imported_by(data, sorted(self._sought.values())), entry.path)

    def _give(self, modules: Iterable[str], because: ImagePath | None) -> None:
        """Keep the modules that something imports, now or as soon as their library is kept."""
        for module in sorted({*modules} & {*self._sought.values()}):
            del self._sought[module.encode()]
            self._users[module] = because
            for path, reason in self._held.pop(module, {}).items():
                self._keep(module, path, reason)

    def _keep(self, module: str, path: ImagePath, reason: Reason) -> None:
        user = self._users[module]
        if user is not None:
            why = f"{module} of the standard library, which {user} imports"
            reason = Reason(reason.code, why, user)
        self._work.add_broadly(path, reason)


def _module_of(path: ImagePath) -> str:
    return name(path).partition(".")[0]
