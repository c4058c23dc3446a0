"""Programs that a package of libraries has outside PATH, for its libraries or for installations."""

import re
from collections.abc import Iterable, Iterator

from careen.model.packages.package import Package
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Level, Reason
from careen.plan.core.mechanism import Work
from careen.plan.mechanisms.files.programs import is_loadable
from careen.plan.mechanisms.packages.package_kinds import PackageKinds

MAX_READ = 64 << 20  # of one file that may name a program
_DOCUMENTATION = ("/usr/share/doc/", "/usr/share/man/")


class PrivatePrograms:
    """Holds back the private programs of a package that is kept for a library.

    They stay as soon as a program of the package does, or a kept file has the base name of one.
    Such a file is of the same package or source, or of a package that depends on it.
    """

    def __init__(self, work: Work, kinds: PackageKinds) -> None:
        self._work = work
        self._kinds = kinds
        self._held: dict[str, dict[ImagePath, Reason]] = {}
        self._searched: dict[str, set[ImagePath]] = {}

    def hold(self, package: Package, reason: Reason) -> frozenset[ImagePath]:
        """Return the paths of a package that stay out for now."""
        if self._work.scene.level is Level.PACKAGE or not self._is_library_of(package, reason):
            return frozenset()
        held = {path: reason for path in package.files if self._is_private_program(path)}
        if not held or self._has_kept_program(package):
            return frozenset()
        self._held[package.purl] = held
        return frozenset(held)

    def _is_library_of(self, package: Package, reason: Reason) -> bool:
        """Return whether a package is kept for a library of its own."""
        because = reason.because
        return (
            because is not None
            and is_loadable(name(because))
            and package.purl in self._work.scene.inventory.owners.get(because, ())
        )

    def _has_kept_program(self, package: Package) -> bool:
        return any(path in self._work.keeping and self._is_program(path) for path in package.files)

    def _is_private_program(self, path: ImagePath) -> bool:
        """Return whether a path leads to a compiled program outside PATH."""
        scene = self._work.scene
        final = scene.rootfs.walk(path).final if self._is_program(path) else None
        return (
            final is not None
            and not {parent(path), parent(final.path)} & {*scene.command_path}
            and self._work.loader.info(final) is not None
        )

    def _is_program(self, path: ImagePath) -> bool:
        final = self._work.scene.rootfs.walk(path).final
        return final is not None and final.is_executable and not is_loadable(name(final.path))

    def note(self, package: Package, path: ImagePath) -> None:
        """Give back the programs of a package if a kept path of it is a program or script."""
        if package.purl in self._held and self._is_program(path):
            self.give(package)

    def again(self, package: Package, reason: Reason) -> None:
        """Give back the programs of a package that is kept for another reason, too."""
        if not self._is_library_of(package, reason):
            self.give(package)

    def give(self, package: Package) -> None:
        """Give back the programs of a package."""
        for path, reason in self._held.pop(package.purl, {}).items():
            self._work.add_broadly(path, reason)

    def find(self) -> None:
        """Give back the programs that a kept file names."""
        for purl, held in list(self._held.items()):
            for path in self._unsearched(self._work.scene.inventory.packages[purl]):
                for program in self._named_in(path, held):
                    del held[program]
                    why = Reason("command", f"{name(program)!r}, named in {path}", path)
                    self._work.add_broadly(program, why)

    def _unsearched(self, package: Package) -> Iterator[ImagePath]:
        """Yield kept files that may start a package's programs, each once."""
        searched = self._searched.setdefault(package.purl, set())
        for other in self._kinds.around(package):
            for path in other.files:
                if (
                    path in self._work.keeping
                    and path not in searched
                    and not path.startswith(_DOCUMENTATION)
                    and path not in other.metadata
                ):
                    searched.add(path)
                    yield path

    def _named_in(self, path: ImagePath, held: Iterable[ImagePath]) -> list[ImagePath]:
        entry = self._work.scene.rootfs[path]
        if not entry.is_file or entry.size > MAX_READ:
            return []
        data = self._work.scene.rootfs.read(path, MAX_READ)
        return [item for item in held if _is_named(name(item), data)]


def _is_named(program: str, data: bytes) -> bool:
    word = program.encode("utf-8", "surrogateescape")
    return (
        word in data
        and re.search(rb"(?<![\w.+-])" + re.escape(word) + rb"(?![\w.+-])", data) is not None
    )
