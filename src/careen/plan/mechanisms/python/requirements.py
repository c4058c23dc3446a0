"""Requirements of kept distributions: which stay whole, and which keep only the record."""

import re
from collections.abc import Callable, Iterator

from careen.model.entry import Entry
from careen.model.packages.package import Package
from careen.model.plan import Level
from careen.plan.core.dependencies import Dependencies
from careen.plan.core.mechanism import Work
from careen.plan.scanners.python_source import PythonNames
from careen.plan.scanners.source import Source

_ELF = b"\x7fELF"
_CODE = (".py", ".pyc", ".pyi", ".so", ".pyx", ".pxd", ".typed")
_LIBRARY = re.compile(r"(?:.*/)?lib[^/]*\.so[.\d]*\Z")
_OF_EXTENSIONS = re.compile(r"\.(?:cpython-[\w-]+|abi3|pypy[\w-]+)\.so\Z|\.libs/[^/]+\Z")
"""Extension modules, and the linked libraries that auditwheel puts beside them."""
_MANY = 2  # times as many bytes of data as of code


class Requirements:
    """Choice of what a kept distribution's requirements keep.

    Metadata alone keeps no code: what is needed is imported somewhere, or named in a text.
    """

    def __init__(self, work: Work, dependencies: Dependencies) -> None:
        self._work = work
        self._dependencies = dependencies
        self._own = (
            {package.purl for package in work.scene.own_distributions} if work.scene.wide else set()
        )
        self._is_more: dict[str, bool] = {}
        self._waiting: dict[str, dict[bytes, list[Package]]] = {}

    def whole(self, package: Package) -> Iterator[Package]:
        """Yield the distributions that stay whole because a kept one requires them.

        The application, and a distribution without code, keep all; at `package` every one does.
        Others keep only what is not imported: a library, a program, data. `named` yields the rest.
        """
        is_own = package.purl in self._own
        everything = self._work.scene.level is Level.PACKAGE or is_own or not _has_code(package)
        waiting: dict[bytes, list[Package]] = {}
        for needed in self._dependencies.of(package):
            if everything or self._is_more_than_modules(needed):
                yield needed
                continue
            for module in needed.modules:
                waiting.setdefault(module.partition(".")[0].encode(), []).append(needed)
        self._waiting[package.purl] = waiting

    def all(self, package: Package) -> Iterator[Package]:
        """Yield all that a distribution requires."""
        return self._dependencies.of(package)

    def named(
        self, owner: Package, names: PythonNames, text: Callable[[], Source]
    ) -> Iterator[Package]:
        """Yield the requirements that an owner's source names by a one-word text.

        An example is `{"json": "orjson"}`, from which a source imports. Each is yielded once.
        """
        waiting = self._waiting.get(owner.purl, {})
        for module in [module for module in waiting if names.quotes(module, text)]:
            yield from waiting.pop(module)

    def is_required(self, package: Package, owners: tuple[Package, ...]) -> bool:
        """Return whether one of `owners` requires a package."""
        return any(
            package.purl == needed.purl
            for owner in owners
            for needed in self._dependencies.of(owner)
        )

    def _is_more_than_modules(self, package: Package) -> bool:
        if package.purl not in self._is_more:
            is_code = bool(package.modules) and _has_code(package)
            self._is_more[package.purl] = not is_code or self._has_more(package)
        return self._is_more[package.purl]

    def _has_more(self, package: Package) -> bool:
        code = data = 0
        for entry in self._content(package):
            is_library = _LIBRARY.match(entry.path) is not None
            if is_library and not _OF_EXTENSIONS.search(entry.path):
                return True
            if is_library or entry.path.endswith(_CODE):
                code += entry.size
                continue
            if entry.is_executable and self._is_compiled(entry):
                return True
            data += entry.size
        return data > _MANY * code

    def _content(self, package: Package) -> Iterator[Entry]:
        metadata = frozenset(package.metadata)
        for path in package.files:
            entry = self._work.scene.rootfs.get(path)
            if entry is not None and entry.is_file and path not in metadata:
                yield entry

    def _is_compiled(self, entry: Entry) -> bool:
        with self._work.scene.rootfs.open(entry.path) as stream:
            return stream.read(len(_ELF)) == _ELF


def _has_code(package: Package) -> bool:
    metadata = frozenset(package.metadata)
    return any(
        path.endswith((".py", ".pyc", ".so")) for path in package.files if path not in metadata
    )
