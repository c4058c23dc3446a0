"""Files that the installation of a package generated: plugin indexes, caches, state."""

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
)  # databases of package managers, and the gems of Ruby's
_OTHERS = ("/site-packages", "/dist-packages", "/node_modules", "/__pycache__")


class GeneratedFiles(Mechanism):
    """Keeps unowned files in package directories, and unowned state below /var/lib.

    In a package's own directory, not one that is shared by convention, it keeps the unowned files
    directly inside if a file of the package there is kept. State is what an installation compiled
    and data that the image was built with, not the databases of package managers.
    """

    id = "generated-files"
    why = (
        "without the index that its installation generated, a program finds none of its plugins,"
        " fonts or schemas"
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
        """Keep, once, the unowned state below /var/lib."""
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
