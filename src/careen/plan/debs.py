"""Debian packages: what else of a package is needed once one of its programs or libraries is."""

from careen.model.entry import Entry
from careen.model.package import Ecosystem, Package
from careen.model.plan import Level, Reason
from careen.model.trace import Use
from careen.plan.dependencies import Dependencies
from careen.plan.mechanism import Work
from careen.plan.programs import may_be_elf


class DebianFamilies:
    """A package of which a program or library is kept keeps its runtime files: plugins, data, configuration. One that holds only data is kept
    once a file of it was opened. What drop rules name (documentation, headers, static libraries …) stays out. At `package` the whole
    package stays, and what it depends on.
    """

    id = "deb-runtime"
    why = "a program's plugins, data and other commands are opened on other paths than the profile's"

    def __init__(self, work: Work, dependencies: Dependencies) -> None:
        self._work = work
        self._dependencies = dependencies
        self._done: set[str] = set()
        self._programs: dict[str, bool] = {}

    def visit(self, entry: Entry) -> None:
        scene = self._work.scene
        if not entry.is_file:
            return
        for package in scene.owners(entry.path, Ecosystem.DEB):
            if package.purl in self._done or entry.path in package.metadata or entry.path in package.licences:
                continue
            if may_be_elf(entry):
                self._keep(package, entry, "a program or library")
            elif scene.used_as(entry.path, Use.OPENED, Use.WRITTEN) and not self._has_programs(package):
                self._keep(package, entry, "data that was opened")
            elif scene.level is Level.PACKAGE and entry.path in scene.uses:
                self._keep(package, entry, "a file that was used")

    def _keep(self, package: Package, entry: Entry, what: str) -> None:
        self._done.add(package.purl)
        reason = Reason("package", f"{package.name}, of which {what} is kept", entry.path)
        for path in package.files:
            self._work.add_broadly(path, reason)
        if self._work.scene.level is Level.PACKAGE:
            self._dependencies.keep_whole(package, entry.path)

    def _has_programs(self, package: Package) -> bool:
        if package.purl not in self._programs:
            entries = (self._work.scene.rootfs.get(path) for path in package.files if path not in package.metadata)
            self._programs[package.purl] = any(entry is not None and may_be_elf(entry) for entry in entries)
        return self._programs[package.purl]

    def settle(self) -> None:
        return
