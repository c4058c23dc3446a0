"""Byte code of the modules that the application's own imports load."""

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Reason
from careen.plan.core.facts import OwnFiles
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.sources import Sources
from careen.plan.scanners.import_statements import import_statements, imports

CODE = "byte-code"
_SITES = ("/site-packages/", "/dist-packages/")
_MAX_DEPTH = 40
_LARGE = 1 << 20  # a compiler takes some 90 times the size of a source that is a table


def _module_of(path: ImagePath) -> str:
    """Return the dotted module name of a distribution's source, or "" for other files."""
    start = max(path.rfind(site) + len(site) if site in path else 0 for site in _SITES)
    if not start or not path.endswith(".py"):
        return ""
    return path[start:].removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class ByteCode(Mechanism):
    """Keeps the byte code of distributions' modules that the application's sources import.

    This includes what those modules import when they are loaded, and byte code of large sources,
    whoever imports them. Other byte code that was not used is removed; Python compiles the source
    at the first import.
    """

    id = "byte-code"
    why = (
        "a service that may not write beside its modules compiles a module again in each process"
        " that imports it"
    )
    codes = ("byte-code",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread = OwnFiles(work.facts)
        self._sources = work.shared(Sources)
        self._names: dict[str, ImagePath] = {}
        self._seen: set[str] = set()
        self._named: set[str] = set()
        self._todo: list[tuple[str, ImagePath]] = []
        self._absent: dict[str, ImagePath] = {}

    def visit(self, entry: Entry) -> None:
        """Record the module name of a distribution's kept source; keep a large one's byte code."""
        if entry.path.endswith(".py") and entry.size >= _LARGE:
            self._keep_cached(
                entry.path,
                f"byte code of {entry.path}, which takes much memory to compile",
            )
        module = _module_of(entry.path)
        if (
            module
            and self._names.setdefault(module, entry.path) == entry.path
            and module in self._absent
        ):
            self._todo.append((module, self._absent.pop(module)))

    def settle(self) -> None:
        """Follow the imports of new application files."""
        for entry in self._unread.take():
            if entry.path.endswith((".py", ".pyw")) or (
                entry.is_executable and not self._is_elf(entry)
            ):
                text = self._work.scene.text(entry)
                for found in imports(import_statements(text, everywhere=True), ""):
                    self._reach(found, entry.path)
        while self._todo:
            module, because = self._todo.pop()
            self._load(module, because)

    def _is_elf(self, entry: Entry) -> bool:
        return self._work.scene.text(entry)[:4] == b"\x7fELF"

    def _reach(self, dotted: str, because: ImagePath) -> None:
        if dotted in self._named:
            return
        self._named.add(dotted)
        parts = dotted.split(".")[:_MAX_DEPTH]
        self._todo += [(".".join(parts[:end]), because) for end in range(1, len(parts) + 1)]

    def _load(self, module: str, because: ImagePath) -> None:
        if module in self._seen:
            return
        path = self._names.get(module)
        if path is None:
            self._absent.setdefault(module, because)
            return
        self._seen.add(module)
        self._keep_cached(path, f"byte code of {module}, which {because} imports")
        scene = self._work.scene
        package = module if name(path) == "__init__.py" else module.rpartition(".")[0]
        for found in imports(self._sources.statements(scene.rootfs[path]), package):
            self._reach(found, path)

    def _keep_cached(self, source: ImagePath, detail: str) -> None:
        stem = f"{name(source).removesuffix('.py')}."
        cache = ImagePath(f"{parent(source)}/__pycache__")
        for cached in self._work.scene.rootfs.children(cache):
            if (
                name(cached).startswith(stem)
                and cached.endswith(".pyc")
                and cached not in self._work.dropped
            ):
                self._work.keeping.add(cached, Reason(CODE, detail, source))
