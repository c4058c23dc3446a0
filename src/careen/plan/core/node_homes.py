"""The installed Node package that a path belongs to."""

import re

from careen.model.paths import ROOT, ImagePath, name, parent
from careen.model.plan import Level
from careen.plan.core.mechanism import Work
from careen.plan.scanners.node_names import Needs, needs

MANIFEST = "package.json"
MODULES = "/node_modules/"
_HOME = re.compile(r"(.*/node_modules/(?:@[^/]+/)?[^/@.][^/]*)(?:/|\Z)", re.DOTALL)
_RUNTIMES = frozenset({"node", "nodejs", "bun"})


class NodeHomes:
    """The directories of installed Node packages.

    They are recognised only if Node.js or Bun ran and the level is not `package`. The package.json
    beside `node_modules` must state dependencies, unless the directory holds globally installed
    packages.
    """

    def __init__(self, work: Work) -> None:
        self._scene = work.scene
        self.off = work.scene.level is Level.PACKAGE or _RUNTIMES.isdisjoint(work.scene.executed)
        self._ordered: dict[ImagePath, bool] = {}
        self._read: dict[ImagePath, Needs] = {}

    def of(self, path: ImagePath) -> ImagePath | None:
        """Return the directory of the installed package that a path belongs to, or None."""
        match = None if self.off or MODULES not in path else _HOME.match(path)
        if match is None or not self._in_order(path):
            return None
        home = ImagePath(match.group(1))
        return home if ImagePath(f"{home}/{MANIFEST}") in self._scene.rootfs else None

    def behind(self, path: ImagePath) -> ImagePath | None:
        """Return the package directory of a path, or of its target if it is a link."""
        if self.off or MODULES not in path:
            return None
        entry = self._scene.rootfs[path]
        target = self._scene.rootfs.walk(path).final if entry.is_symlink else None
        return self.of(path if target is None else target.path)

    def _in_order(self, path: ImagePath) -> bool:
        host = ImagePath(path.partition(MODULES)[0] or ROOT)
        if host not in self._ordered:
            runtime = any(
                ImagePath(f"{parent(host)}/bin/{item}") in self._scene.rootfs for item in _RUNTIMES
            )
            self._ordered[host] = self.needs(host).states or (name(host) == "lib" and runtime)
        return self._ordered[host]

    def needs(self, home: ImagePath) -> Needs:
        """Return what the package.json in a directory states."""
        if home not in self._read:
            entry = self._scene.rootfs.get(ImagePath(f"{home.rstrip('/')}/{MANIFEST}"))
            self._read[home] = needs(
                self._scene.text(entry) if entry is not None and entry.is_file else b"", home
            )
        return self._read[home]
