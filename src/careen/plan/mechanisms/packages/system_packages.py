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
from careen.plan.mechanisms.packages.private_programs import PrivatePrograms

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
_WHOLE = "of which something is kept beside a package manager"


class SystemPackages(Mechanism):
    """Keeps the runtime files of a package if a program, library or used data of it is kept.

    Commands in shared directories of PATH and libraries in shared directories stay only if
    something names or links them; other programs of a package that a library keeps, only if
    something names one. Configuration, data packages that it depends on, parts of the same source,
    and operators' commands for a daemon that ran stay. Drop rules apply. At `package` all of it
    stays, with its dependencies.
    """

    id = "package-runtime"
    why = "a program opens its plugins, data and helpers on paths that the profile did not take"
    codes = ("package",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._kinds = PackageKinds(work)
        self._done: set[str] = set()
        self._whole = work.scene.level is Level.PACKAGE and work.scene.policy.terms.whole
        self._configuration = Configuration(work)
        self._libraries = LinkedLibraries(work)
        self._commands = PackageCommands(work, self._kinds)
        self._private = PrivatePrograms(work, self._kinds)
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
            self._private.note(package, entry.path)
        self._data.follow()

    def _visit(self, package: Package, entry: Entry) -> None:
        scene = self._work.scene
        self._configuration.keep(package, entry.path)
        if not entry.is_file:
            if self._is_command(entry):
                why = "of which a command is kept, a link to another's program"
                self._keep(package, entry.path, why)
            elif self._whole and package.purl not in self._done:
                self._keep(package, entry.path, _WHOLE)
            return
        compiled = may_be_elf(entry)
        if compiled or entry.path.endswith(_CODE):
            self._data.note(package, entry.path)
            for other, why in self._parts.of(package, entry.path):
                self._keep(other, entry.path, why)
        if compiled:
            self._commands.note(package, entry)
        if package.purl in self._done:
            return
        if compiled:
            self._keep(package, entry.path, "of which a program or library is kept")
        elif scene.used_as(entry.path, Use.OPENED, Use.WRITTEN) and not self._kinds.has_programs(
            package
        ):
            self._keep(package, entry.path, "of which data that was opened is kept")
        elif scene.level is Level.PACKAGE and entry.path in scene.uses:
            self._keep(package, entry.path, "of which a file that was used is kept")
        elif self._whole:
            self._keep(package, entry.path, _WHOLE)

    def _keep(self, package: Package, because: ImagePath, why: str) -> None:
        """Keep the runtime files of a package, once: not what is held back until it is named."""
        reason = Reason("package", f"{package.name}, {why}", because)
        if package.purl in self._done:
            self._private.again(package, reason)
            return
        self._done.add(package.purl)
        daemon = package.purl in self._operated
        held = self._libraries.hold(package, reason)
        if not daemon:
            held |= self._private.hold(package, reason)
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
        self._private.find()
        self._libraries.give_all()
        self._data.follow()
