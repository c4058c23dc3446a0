"""Directories that `.pth` files and editable installs add to Python's path (site; PEP 660)."""

import re

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Reason
from careen.plan.core.facts import TreeNeeded
from careen.plan.core.mechanism import Mechanism
from careen.plan.core.system_directories import is_shared

MAX_LINES = 1000
_MAX_ELSEWHERE = 64 << 10
"""Largest `.pth` file outside of site-packages (`pip install --target`, site.addsitedir).

PyTorch's weights have the same suffix.
"""
_QUOTED = re.compile(r"[\"'](/[^\"'\n]{1,1000})[\"']")


def path_entries(base: str, text: str) -> tuple[str, ...]:
    """Return the directories that a file of this base name states.

    These are the lines of a `.pth` or `.egg-link` file, or the absolute paths of an editable
    finder.
    """
    if base.endswith(".py"):
        return tuple(dict.fromkeys(_QUOTED.findall(text)))[:MAX_LINES]
    lines = (line.strip() for line in text.splitlines()[:MAX_LINES])
    return tuple(
        line
        for line in lines
        if line and line != "." and not line.startswith(("#", "import ", "import\t"))
    )


class PathFiles(Mechanism):
    """Keeps the unowned trees that kept `.pth` or `.egg-link` files or editable finders name."""

    id = "python-path-entries"
    why = (
        "a module in such a directory is in no distribution's file list, and the profile may not"
        " have imported it"
    )
    codes = ("python-path-entry",)

    def visit(self, entry: Entry) -> None:
        base = name(entry.path)
        installed = "-packages/" in entry.path
        paths = base.endswith(".pth") and (installed or entry.size <= _MAX_ELSEWHERE)
        if entry.is_file and (
            paths or (installed and (base.endswith(".egg-link") or base.startswith("__editable__")))
        ):
            for text in path_entries(
                base, self._work.scene.text(entry).decode("utf-8", "surrogateescape")
            ):
                self._keep(text if text.startswith("/") else f"{parent(entry.path)}/{text}", entry)

    def _keep(self, text: str, entry: Entry) -> None:
        scene = self._work.scene
        final = scene.rootfs.walk(text).final
        if (
            final is None
            or final.path in scene.owned_directories
            or final.path in scene.inventory.owners
            or "-packages" in name(final.path)
        ):
            return
        if final.is_dir and (
            is_shared(final.path) or scene.library_of(ImagePath(f"{final.path}/x")) is not None
        ):
            return
        reason = Reason("python-path-entry", f"on Python's path by {name(entry.path)}", entry.path)
        self._work.keeping.reach(text, reason)
        if final.is_dir:
            self._work.facts.post(TreeNeeded(final.path, reason))

    def settle(self) -> None:
        """Do nothing: files are handled as they are kept."""
