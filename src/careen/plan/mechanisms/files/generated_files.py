"""Files that a package's installation made: beside its own an index of plugins or a cache, below
/var/lib what its programs start from.
"""

from careen.model.entry import Entry
from careen.model.paths import ImagePath, parent
from careen.model.plan import Reason
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.scene import SYSTEM
from careen.plan.core.system_directories import is_shared

MAX_SIZE = 8 << 20
_ROOTS = ("/usr/", "/lib/", "/lib64/", "/opt/")
_STATE = ImagePath("/var/lib")
_NO_STATE = frozenset(
    {"dpkg", "apt", "apk", "rpm", "dnf", "yum", "ucf", "gems"}
)  # databases of package managers, and packages that Ruby's puts there
_OTHERS = ("/site-packages", "/dist-packages", "/node_modules", "/__pycache__")


class GeneratedFiles(Mechanism):
    """Keeps the files that no package owns and that lie directly in a directory of a package's own,
    one that no convention shares, of which a file is kept; and those below /var/lib: what was
    compiled at an installation, and data that the image was built with. The databases of package
    managers are no such state.
    """

    id = "generated-files"
    why = (
        "a program reads the index that its installation made of its plugins, fonts or schemas, and"
        " finds none of them without it"
    )
    codes = ("generated-file", "state-file")

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._done: set[ImagePath] = set()
        self._waits = True

    def visit(self, entry: Entry) -> None:
        scene = self._work.scene
        directory = parent(entry.path)
        if (
            entry.is_dir
            or directory in self._done
            or not directory.startswith(_ROOTS)
            or any(item in directory for item in _OTHERS)
        ):
            return
        if not any(
            package.ecosystem in SYSTEM for package in scene.owners(entry.path)
        ) or is_shared(directory):
            return
        self._done.add(directory)
        for path in scene.rootfs.children(directory):
            beside = scene.rootfs[path]
            if (
                beside.is_file
                and beside.size <= MAX_SIZE
                and path not in scene.inventory.owners
                and scene.library_of(path) is None
            ):
                self._work.add_broadly(
                    path,
                    Reason(
                        "generated-file",
                        f"beside what {directory} has of a package, and no package brought it",
                        entry.path,
                    ),
                )

    def settle(self) -> None:
        """Keep, once, what nobody packaged of the state below /var/lib."""
        if not self._waits:
            return
        self._waits = False
        scene = self._work.scene
        for entry in scene.rootfs.below(_STATE):
            if (
                entry.is_dir
                or entry.path in scene.inventory.owners
                or entry.path.split("/")[3] in _NO_STATE
                or scene.library_of(entry.path) is not None
            ):
                continue
            self._work.add_broadly(
                entry.path,
                Reason(
                    "state-file",
                    "state below /var/lib that no package brought: an installation made it, or"
                    " whoever built the image",
                ),
            )
