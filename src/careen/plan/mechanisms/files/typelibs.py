"""Type libraries of GObject introspection.

Python, JavaScript, Lua and Ruby load a C library by one when a source asks for its namespace.
"""

from collections.abc import Iterable, Mapping

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name
from careen.model.plan import Reason
from careen.plan.core.facts import OwnFiles, TextFound
from careen.plan.core.loader import AnyProgram
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.sources import Sources
from careen.plan.mechanisms.files.foreign_libraries import SUFFIXES
from careen.plan.scanners.packed_text import Kind, Text
from careen.plan.scanners.typelib_names import USERS, namespaces

_ENDING = ".typelib"
# bytes of girepository's Header; from 36 on, four bytes each: dependencies, size, namespace,
# version, shared library
_HEADER = 60
_MAGIC = b"GOBJ\nMETADATA\r\n\032"
_MAX_TEXT = 4096
_MAX_TYPELIB = 8 << 20


def needs(data: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the namespaces (`GObject-2.0`) and the libraries that a type library needs.

    Both are empty if the data is no type library.
    """
    if len(data) < _HEADER or not data.startswith(_MAGIC):
        return (), ()
    dependencies, libraries = (
        _text(data, int.from_bytes(data[at : at + 4], "little")) for at in (36, 52)
    )
    return tuple(item for item in dependencies.split("|") if item), tuple(
        item for item in libraries.split(",") if item
    )


def _text(data: bytes, at: int) -> str:
    return data[at : at + _MAX_TEXT].partition(b"\0")[0].decode("utf-8", "replace") if at else ""


class Typelibs(Mechanism):
    """Keeps the type libraries whose namespaces kept sources ask for.

    The type libraries that these need and the C libraries that they describe are kept, too.
    """

    id = "typelibs"
    why = (
        "a binding loads a library when its namespace is first asked for; no import and no ELF"
        " file names it"
    )
    codes = ("typelib",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread = OwnFiles(work.facts)
        self._sources = work.shared(Sources)
        self._new: list[Entry] = []
        self._found: list[Entry] = []
        self._program = AnyProgram(work.loader)
        self._asked: set[str] = set()
        self._known = self._by_namespace()
        work.facts.on(TextFound, lambda fact: self._read(fact.text, fact.entry))

    def _by_namespace(self) -> Mapping[str, tuple[ImagePath, ...]]:
        out: dict[str, list[ImagePath]] = {}
        for entry in self._work.scene.rootfs:
            if entry.path.endswith(_ENDING) and not entry.is_dir:
                whole = name(entry.path).removesuffix(_ENDING)
                for key in {whole, whole.rpartition("-")[0]}:
                    out.setdefault(key, []).append(entry.path)
        return {key: tuple(paths) for key, paths in out.items()}

    def visit(self, entry: Entry) -> None:
        if not self._known or not entry.is_file:
            return
        if entry.path.endswith(_ENDING):
            self._found.append(entry)
        elif entry.path.endswith(SUFFIXES) and self._work.scene.library_of(entry.path) is None:
            self._new.append(entry)
        else:
            self._program.note(entry)

    def _read(self, text: Text, entry: Entry) -> None:
        """Keep the type libraries that a text of a packed file asks for."""
        if text.kind is Kind.SOURCE:
            self._keep(namespaces(text.data), entry.path)
        # Byte code has arguments apart from their calls: each word that is a namespace counts.
        elif text.kind is Kind.BYTE_CODE and any(word in text.data for word in USERS):
            self._keep(
                (
                    item
                    for item in self._known
                    if f'"{item}"'.encode("utf-8", "surrogateescape") in text.data
                ),
                entry.path,
            )

    def settle(self) -> None:
        own = self._unread.take() if self._known else []
        sources, self._new = self._new, []
        for entry in (
            *sources,
            *(entry for entry in own if entry.is_executable and not entry.path.endswith(SUFFIXES)),
        ):
            self._keep(self._sources.of(entry).namespaces, entry.path)
        found, self._found = self._found, []
        for entry in found:
            others, libraries = (
                needs(self._work.scene.rootfs.read(entry.path, _MAX_TYPELIB))
                if entry.size <= _MAX_TYPELIB
                else ((), ())
            )
            self._keep(others, entry.path)
            for path in (path for library in libraries for path in self._program.resolve(library)):
                self._work.keeping.reach(
                    path,
                    Reason(
                        "typelib",
                        f"{name(ImagePath(path))}, which {name(entry.path)} describes",
                        entry.path,
                    ),
                )

    def _keep(self, wanted: Iterable[str], because: ImagePath) -> None:
        for namespace in sorted(set(wanted) - self._asked):
            self._asked.add(namespace)
            for path in self._known.get(namespace, ()):
                self._work.keeping.reach(
                    path, Reason("typelib", f"{namespace}, which {because} asks for", because)
                )
