"""Packages of the system (dpkg, apk, rpm): what else of one is needed once one of its programs or
libraries is.
"""

from collections.abc import Mapping
from functools import cached_property

from careen.model.entry import Entry
from careen.model.packages.package import Package
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Level, Reason
from careen.model.runs.trace import Use
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.scene import SYSTEM
from careen.plan.mechanisms.commands.daemons import operated
from careen.plan.mechanisms.files.programs import may_be_elf
from careen.plan.mechanisms.packages.configuration import Configuration
from careen.plan.mechanisms.packages.data_packages import DataPackages
from careen.plan.mechanisms.packages.linked_libraries import LinkedLibraries
from careen.plan.mechanisms.packages.package_commands import PackageCommands
from careen.plan.mechanisms.packages.package_kinds import PackageKinds
from careen.plan.mechanisms.packages.parts import Parts

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
        self._kinds = PackageKinds(work)
        self._done: set[str] = set()
        self._configuration = Configuration(work)
        self._libraries = LinkedLibraries(work)
        self._commands = PackageCommands(work, self._kinds)
        self._parts = Parts(self._kinds)
        self._data = DataPackages(work, self._kinds, self._keep)

    def visit(self, entry: Entry) -> None:
        if entry.is_dir:
            return
        owners = self._work.scene.owners(entry.path)
        for package in owners:
            if (
                package.ecosystem in SYSTEM
                and entry.path not in package.metadata
                and entry.path not in package.licences
            ):
                self._visit(package, entry)
        for package in owners:
            self._libraries.give_alike(package, entry.path)
        self._data.follow()

    def _visit(self, package: Package, entry: Entry) -> None:
        scene = self._work.scene
        self._configuration.keep(package, entry.path)
        if not entry.is_file:
            if self._is_command(entry):
                why = "of which a command is kept, a link to another's program"
                self._keep(package, entry.path, why)
            return
        if may_be_elf(entry) or entry.path.endswith(_CODE):
            self._data.note(package, entry.path)
            for other, why in self._parts.of(package, entry.path):
                self._keep(other, entry.path, why)
        if may_be_elf(entry):
            self._commands.note(package, entry)
            self._keep(package, entry.path, "of which a program or library is kept")
        elif scene.used_as(entry.path, Use.OPENED, Use.WRITTEN) and not self._kinds.has_programs(
            package
        ):
            self._keep(package, entry.path, "of which data that was opened is kept")
        elif scene.level is Level.PACKAGE and entry.path in scene.uses:
            self._keep(package, entry.path, "of which a file that was used is kept")

    def _keep(self, package: Package, because: ImagePath, why: str) -> None:
        """Keep the runtime files of a package, once: not what is held back until it is named."""
        if package.purl in self._done:
            return
        self._done.add(package.purl)
        reason = Reason("package", f"{package.name}, {why}", because)
        daemon = package.purl in self._operated
        held = self._libraries.hold(package, reason)
        for path in package.files:
            if path not in held and not self._commands.hold(package, path, daemon=daemon):
                self._work.add_broadly(path, reason)
        if self._work.scene.level is Level.PACKAGE:
            self._kinds.dependencies.keep_whole(package, because)
        self._data.note(package, because)

    def _is_command(self, entry: Entry) -> bool:
        """Return whether a link is a program by another name, in a directory of PATH."""
        scene = self._work.scene
        if parent(entry.path) not in scene.command_path:
            return False
        final = scene.rootfs.walk(entry.path).final
        return final is not None and final.is_executable and name(final.path) != name(entry.path)

    @cached_property
    def _operated(self) -> Mapping[str, ImagePath]:
        """The packages with commands for the operators of a daemon that ran, by purl."""
        return operated(self._work.scene, self._kinds.dependencies)

    def settle(self) -> None:
        for purl, program in self._operated.items():
            why = f"with commands for who operates {name(program)}, of the same source, which ran"
            self._keep(self._work.scene.inventory.packages[purl], program, why)
        self._commands.find()
        self._libraries.give_all()
        self._data.follow()
