"""Files that a package's installation made beside its own: an index of plugins, a cache."""

from careen.model.entry import Entry
from careen.model.paths import ImagePath, parent
from careen.model.plan import Reason
from careen.plan.mechanism import Work
from careen.plan.scene import SYSTEM
from careen.plan.system_directories import is_shared

MAX_SIZE = 8 << 20
_ROOTS = ("/usr/", "/lib/", "/lib64/", "/opt/")
_OTHERS = ("/site-packages", "/dist-packages", "/node_modules", "/__pycache__")


class GeneratedFiles:
    """Keeps the files that no package owns and that lie directly in a directory of a package's own, one that no convention shares, of which a file is kept."""

    id = "generated-files"
    why = "a program reads the index that its installation made of its plugins, fonts or schemas, and finds none of them without it"

    def __init__(self, work: Work) -> None:
        self._work = work
        self._done: set[ImagePath] = set()

    def visit(self, entry: Entry) -> None:
        scene = self._work.scene
        directory = parent(entry.path)
        if entry.is_dir or directory in self._done or not directory.startswith(_ROOTS) or any(item in directory for item in _OTHERS):
            return
        if not any(package.ecosystem in SYSTEM for package in scene.owners(entry.path)) or is_shared(directory):
            return
        self._done.add(directory)
        for path in scene.rootfs.children(directory):
            beside = scene.rootfs[path]
            if beside.is_file and beside.size <= MAX_SIZE and path not in scene.inventory.owners and scene.library_of(path) is None:
                self._work.add_broadly(path, Reason("generated-file", f"beside what {directory} has of a package, and no package brought it", entry.path))

    def settle(self) -> None:
        """Nothing: all is done as files are kept."""
