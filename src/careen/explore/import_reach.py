"""Modules within reach of a workload that it did not import.

They are the application's own, and those that the sources of imported modules import in turn.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from careen.errors import ImageError
from careen.explore.import_names import MAX_SOURCE, Imported, imports_of
from careen.explore.import_roots import SHARED, Python, module_name
from careen.model.entry import EntryKind
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath, join, name
from careen.oci.tree.rootfs import Rootfs

MAX_OWN = 2000
MAX_SOURCES = 20_000
_APART = frozenset({"__pycache__", "node_modules", "site-packages", "dist-packages"})
_TESTS = frozenset({"tests", "test", "conftest", "__main__", "setup"})


@dataclass(slots=True)
class _Modules:
    """Cache of the files of modules, by name."""

    rootfs: Rootfs
    roots: tuple[ImagePath, ...]
    _found: dict[str, ImagePath | None] = field(default_factory=dict)
    _compiled: dict[ImagePath, dict[str, ImagePath]] = field(default_factory=dict)

    def find(self, module: str) -> ImagePath | None:
        """Return the file of a module, or None.

        It is a package's `__init__`, a source or a compiled module.
        """
        if module not in self._found:
            self._found[module] = next(
                (found for root in self.roots if (found := self._in(root, module.split(".")))), None
            )
        return self._found[module]

    def _in(self, root: ImagePath, parts: list[str]) -> ImagePath | None:
        directory = join(root, *parts[:-1])
        for candidate in (
            join(directory, parts[-1], "__init__.py"),
            join(directory, f"{parts[-1]}.py"),
        ):
            entry = self.rootfs.get(candidate)
            if entry is not None and entry.is_file:
                return candidate
        return self._compiled_in(directory).get(parts[-1])

    def _compiled_in(self, directory: ImagePath) -> dict[str, ImagePath]:
        if directory not in self._compiled:
            paths = (path for path in self.rootfs.children(directory) if path.endswith(".so"))
            self._compiled[directory] = {
                module: path
                for path in paths
                if (module := module_name(path, directory)) is not None
            }
        return self._compiled[directory]

    def targets(self, imported: Imported, module: str, path: ImagePath) -> Iterator[str]:
        """Yield the existing modules that an import in `module`, with file `path`, refers to."""
        base = imported.module.lstrip(".")
        level = len(imported.module) - len(base)
        if level:
            package = module.split(".") if name(path) == "__init__.py" else module.split(".")[:-1]
            above = package[: max(len(package) - level + 1, 0)]
            if not above:
                return
            base = ".".join((*above, *([base] if base else [])))
        parts = base.split(".")
        # A package is imported before its modules.
        yield from (
            known for at in range(1, len(parts) + 1) if self.find(known := ".".join(parts[:at]))
        )
        for taken in imported.names:
            if self.find(f"{base}.{taken}"):
                yield f"{base}.{taken}"


def reachable_modules(
    rootfs: Rootfs, python: Python, own: tuple[str, ...], limit: int
) -> tuple[str, ...]:
    """Return at most `limit` modules that the workload did not import.

    `own` come first, then the nearest; at the same distance, packages without an imported module
    come first. Test suites, `__main__` and `setup` are left out.
    """
    modules = _Modules(rootfs, python.roots)
    tops = {module.partition(".")[0] for module in python.imported}
    seen = {*python.imported, *own}
    found = list(own)
    near = [*sorted(python.imported), *own]
    read = 0
    while near and len(found) < limit and read < MAX_SOURCES:
        step: set[str] = set()
        for module in near:
            path = modules.find(module)
            # The standard library stays complete, and much of it is for other systems.
            if path is not None and path.endswith(".py") and not python.is_standard(path):
                read += 1
                step.update(_reached(rootfs, modules, module, path))
        near = sorted(
            (module for module in step - seen if not _left_out(module)),
            key=lambda module: (module.partition(".")[0] in tops, module),
        )
        seen.update(near)
        found += near
    return tuple(found[:limit])


def _reached(rootfs: Rootfs, modules: _Modules, module: str, path: ImagePath) -> Iterator[str]:
    try:
        source = rootfs.read(path, MAX_SOURCE)
    except ImageError:
        return
    for imported in imports_of(source):
        yield from modules.targets(imported, module, path)


def _left_out(module: str) -> bool:
    parts = module.split(".")
    return not _TESTS.isdisjoint(parts) or any(part.startswith("test_") for part in parts)


def own_modules(rootfs: Rootfs, inventory: Inventory, python: Python) -> tuple[str, ...]:
    """Return the application's own modules that the workload did not import, without tests.

    They are the sources below its directories that no package owns.
    """
    out: set[str] = set()
    for root in python.own:
        todo = [root]
        while todo and len(out) < MAX_OWN:
            for path in rootfs.children(todo.pop()):
                entry = rootfs[path]
                if entry.kind is EntryKind.DIRECTORY:
                    if (
                        root not in SHARED
                        and path not in python.own
                        and _may_hold_modules(rootfs, path)
                    ):
                        todo.append(path)
                elif path.endswith(".py") and entry.is_file and path not in inventory.owners:
                    module = module_name(path, root)
                    if module is not None and not _left_out(module):
                        out.add(module)
    return tuple(sorted(out.difference(python.imported)))


def _may_hold_modules(rootfs: Rootfs, directory: ImagePath) -> bool:
    return (
        name(directory).isidentifier()
        and name(directory) not in _APART
        and join(directory, "pyvenv.cfg") not in rootfs
    )
