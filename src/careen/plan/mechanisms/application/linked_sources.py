"""Sources and settings of an application behind links whose targets have another name."""

from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.plan.core.facts import ModulesImported, TextFound
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.scene import MAX_TEXT
from careen.plan.scanners.imports import configured, dotted_literals, imported, literals
from careen.plan.scanners.packed_text import Kind, Text

_SOURCE = ".py"
_SETTINGS = (".json", ".yaml", ".yml", ".toml")
_MAX_SETTINGS = 256 << 10  # larger ones are data: vocabularies
_OF_OTHERS = ("/site-packages/", "/dist-packages/", "/node_modules/")


class LinkedSources(Mechanism):
    """Keeps the distributions that such a source imports, or such settings name with dots.

    A store of models names files by their digests, and links lead to them by the files' own names
    (`snapshots/1/modeling.py` to `blobs/3f2a`). The text goes to the mechanisms that read sources.
    """

    id = "linked-sources"
    why = (
        "a store of models keeps code under its digest; only the link to it says that it is"
        " Python, and no test loads each model"
    )
    codes = ("python-import",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread: list[tuple[Entry, Entry]] = []

    def visit(self, entry: Entry) -> None:
        """Collect the links."""
        if not entry.is_symlink or not entry.path.endswith((_SOURCE, *_SETTINGS)):
            return
        final = self._work.scene.rootfs.walk(entry.path).final
        if final is None or not final.is_file or final.path.endswith((_SOURCE, *_SETTINGS)):
            return
        most = MAX_TEXT if entry.path.endswith(_SOURCE) else _MAX_SETTINGS
        if final.size <= most and self._is_own(entry.path) and self._is_own(final.path):
            self._unread.append((entry, final))

    def _is_own(self, path: ImagePath) -> bool:
        """Return whether a path belongs to no package, interpreter or distribution."""
        scene = self._work.scene
        return (
            path not in scene.inventory.owners
            and scene.library_of(path) is None
            and not any(part in path for part in _OF_OTHERS)
        )

    def settle(self) -> None:
        unread, self._unread = self._unread, []
        for entry, final in unread:
            text = self._work.scene.text(final)
            if entry.path.endswith(_SOURCE):
                modules = imported(text) | dotted_literals(text) | literals(text)
                self._work.facts.post(TextFound(Text(text, Kind.SOURCE), final))
            else:
                modules = configured(text)
            self._work.facts.post(ModulesImported(modules, entry.path))
