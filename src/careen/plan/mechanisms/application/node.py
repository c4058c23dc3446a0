"""Packages in `node_modules`: what of them an application needs."""

import re
from collections.abc import Iterable, Iterator

from careen.model.entry import Entry
from careen.model.paths import ROOT, ImagePath, ancestors, name, parent
from careen.model.plan import EXPLORED, Level, Reason
from careen.model.trace import Use
from careen.plan.core.mechanism import Work
from careen.plan.scanners.node_names import Needs, called, is_of_development, needs, quoted

_HOME = re.compile(r"(.*/node_modules/(?:@[^/]+/)?[^/@.][^/]*)(?:/|\Z)", re.DOTALL)
_MODULES = "/node_modules/"
_MANIFEST = "package.json"
_SOURCES = (".js", ".cjs", ".mjs")
_OWN_SOURCES = (
    *_SOURCES,
    ".ts",
    ".mts",
    ".cts",
    ".tsx",
    ".jsx",
    ".json",
    ".yaml",
    ".yml",
    ".toml",
    ".ejs",
    ".vue",
    ".svelte",
    ".astro",
)
_RUNTIMES = frozenset({"node", "nodejs", "bun"})
_READ = (Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.WRITTEN)


class NodePackages:
    """Holds the packages in a `node_modules` back while the application's tree is kept, and gives
    one back whole, with what it depends on, when a file of it is kept, when an application's
    package.json depends on it, when its name stands in quotes in the application's source, or when
    a kept package loads it by a call with a literal. Names are looked up as Node.js does: in the
    `node_modules` of every directory above, then in NODE_PATH.

    Nothing is held back where no Node.js ran, nor where no package.json beside the `node_modules`
    states dependencies, the directory of globally installed packages apart.
    """

    id = "node-packages"
    why = (
        "require() and import() inside functions happen on other paths than the profile's; what"
        " only builds and tests need is declared apart"
    )

    def __init__(self, work: Work) -> None:
        self._work = work
        scene = work.scene
        self._off = scene.level is Level.PACKAGE or _RUNTIMES.isdisjoint(scene.executed)
        self._ordered: dict[ImagePath, bool] = {}
        self._read: dict[ImagePath, Needs] = {}
        self._done: set[ImagePath] = set()
        self._unread: list[Entry] = []
        self._own: list[Entry] = []
        self._found: dict[tuple[ImagePath, str], ImagePath | None] = {}
        self._held: set[ImagePath] = set()
        self._links = {} if self._off else self._inbound()
        self._paths = tuple(
            item
            for item in scene.config.env.get("NODE_PATH", "").split(":")
            if item.startswith("/")
        )

    def _inbound(self) -> dict[ImagePath, list[ImagePath]]:
        """Return the links to packages, by the package: pnpm's, and those of workspaces that lie in
        a `node_modules` themselves.
        """
        out: dict[ImagePath, list[ImagePath]] = {}
        for entry in self._work.scene.rootfs:
            if (
                entry.is_symlink
                and _MODULES in entry.path
                and (final := self._work.scene.rootfs.walk(entry.path).final) is not None
                and final.is_dir
            ):
                out.setdefault(final.path, []).append(entry.path)
        return out

    def home_of(self, path: ImagePath) -> ImagePath | None:
        """Return the directory of the installed package that a path belongs to, where packages are
        told apart.
        """
        match = None if self._off or _MODULES not in path else _HOME.match(path)
        if match is None or not self._in_order(path):
            return None
        home = ImagePath(match.group(1))
        return home if ImagePath(f"{home}/{_MANIFEST}") in self._work.scene.rootfs else None

    def _in_order(self, path: ImagePath) -> bool:
        host = ImagePath(path.partition(_MODULES)[0] or ROOT)
        if host not in self._ordered:
            runtime = any(
                ImagePath(f"{parent(host)}/bin/{item}") in self._work.scene.rootfs
                for item in _RUNTIMES
            )
            self._ordered[host] = self._needs(host).states or (name(host) == "lib" and runtime)
        return self._ordered[host]

    def _needs(self, home: ImagePath) -> Needs:
        if home not in self._read:
            entry = self._work.scene.rootfs.get(ImagePath(f"{home.rstrip('/')}/{_MANIFEST}"))
            self._read[home] = needs(
                self._work.scene.text(entry) if entry is not None and entry.is_file else b"", home
            )
        return self._read[home]

    def hold(self, path: ImagePath) -> bool:
        """Say whether a path of an application's tree stays out for now: a package that nothing has
        asked for yet, or a link to one.
        """
        if self._off or _MODULES not in path:
            return False
        entry = self._work.scene.rootfs[path]
        target = self._work.scene.rootfs.walk(path).final if entry.is_symlink else None
        home = self.home_of(path if target is None else target.path)
        if home is None or home in self._done:
            return False
        self._held.add(home)
        return True

    def read(self, entry: Entry) -> None:
        """Take note of a source of the application's own."""
        if (
            not self._off
            and entry.path.endswith(_OWN_SOURCES)
            and not is_of_development(self._inside(entry.path))
        ):
            self._own.append(entry)

    def _inside(self, path: ImagePath) -> str:
        """Return a path as it reads from the outermost directory above it with a package.json, so
        that `/test/app` is no test directory.
        """
        manifests = (
            item
            for item in reversed(ancestors(path))
            if ImagePath(f"{item.rstrip('/')}/{_MANIFEST}") in self._work.scene.rootfs
        )
        return path.removeprefix(next(manifests, parent(path)).rstrip("/"))

    def visit(self, entry: Entry) -> None:
        if self._off or not entry.is_file:
            return
        home = self.home_of(entry.path)
        if home is None:
            if name(entry.path) == _MANIFEST:
                self._declared(entry)
        elif self._work.keeping.reasons[entry.path].code not in (
            "observed",
            EXPLORED,
        ) or self._work.scene.used_as(entry.path, *_READ):
            self._keep(
                home,
                Reason(
                    "node-package",
                    f"{_label(home)}, of which {name(entry.path)} is kept",
                    entry.path,
                ),
            )

    def _declared(self, entry: Entry) -> None:
        directory = parent(entry.path)
        stated = self._needs(directory)
        for package in stated.packages:
            self._load(
                package,
                directory,
                Reason("node-dependency", f"{package}, which {entry.path} depends on", entry.path),
            )
        for word in stated.commands:
            for above in (directory, *ancestors(directory)):
                final = (
                    self._work.scene.rootfs.walk(
                        f"{above.rstrip('/')}/node_modules/.bin/{word}"
                    ).final
                    if "/" not in word
                    else None
                )
                if (
                    final is not None
                    and final.is_file
                    and (home := self.home_of(final.path)) is not None
                ):
                    self._keep(
                        home,
                        Reason(
                            "node-script",
                            f"{word!r}, which a script of {entry.path} starts",
                            entry.path,
                        ),
                    )

    def _load(self, package: str, directory: ImagePath, reason: Reason) -> None:
        if (home := self._resolve(package, directory)) is not None:
            self._keep(home, reason)

    def _resolve(self, package: str, directory: ImagePath) -> ImagePath | None:
        key = (directory, package)
        if key not in self._found:
            self._found[key] = next(self._search(package, directory), None)
        return self._found[key]

    def _search(self, package: str, directory: ImagePath) -> Iterator[ImagePath]:
        above = (
            item for item in (directory, *ancestors(directory)) if name(item) != "node_modules"
        )
        for text in (*(f"{item.rstrip('/')}/node_modules" for item in above), *self._paths):
            final = self._work.scene.rootfs.walk(f"{text}/{package}").final
            if final is not None and final.is_dir:
                yield final.path

    def _keep(self, home: ImagePath, reason: Reason) -> None:
        todo = [(home, reason)]
        while todo:
            current, why = todo.pop()
            if current in self._done or self.home_of(current) is None:
                continue
            self._done.add(current)
            self._held.discard(current)
            self._add(current, why)
            manifest = ImagePath(f"{current}/{_MANIFEST}")
            todo.extend(
                (
                    found,
                    Reason(
                        "node-dependency",
                        f"{package}, which {_label(current)} depends on",
                        manifest,
                    ),
                )
                for package in self._needs(current).packages
                if (found := self._resolve(package, current)) is not None
            )

    def _add(self, home: ImagePath, reason: Reason) -> None:
        for link in self._links.get(home, ()):
            self._work.keeping.reach(link, reason)
            self._work.keeping.add(link, reason)
        for entry in self._work.scene.index.below(home):
            if self.home_of(entry.path) == home and not (
                entry.is_symlink and self.hold(entry.path)
            ):
                self._work.add_broadly(entry.path, reason)
                if entry.is_file and entry.path.endswith(_SOURCES):
                    self._unread.append(entry)

    def settle(self) -> None:
        """Read the application's sources, and, while any package is held back, those of the
        packages that are kept.
        """
        own, self._own = self._own, []
        for entry in own if self._held else ():
            self._named(quoted(self._work.scene.text(entry)), entry)
        unread, self._unread = self._unread, []
        for entry in unread if self._held else ():
            self._named(called(self._work.scene.text(entry)), entry)

    def _named(self, packages: Iterable[str], entry: Entry) -> None:
        labels = {_label(home) for home in self._held}
        for package in sorted(labels.intersection(packages)):
            self._load(
                package,
                parent(entry.path),
                Reason("node-import", f"{package}, named in {entry.path}", entry.path),
            )


def _label(home: ImagePath) -> str:
    return home.rpartition(_MODULES)[2]
