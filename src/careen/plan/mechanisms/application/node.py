"""Packages in `node_modules` that an application needs."""

from collections.abc import Iterable, Iterator

from careen.model.entry import Entry
from careen.model.paths import ImagePath, ancestors, name, parent
from careen.model.plan import EXPLORED, Reason
from careen.model.runs.trace import Use
from careen.plan.core.facts import NodePackageKept, NodePackageSeen, OwnFile
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.node_homes import MANIFEST, MODULES, NodeHomes
from careen.plan.scanners.node_names import called, is_of_development, quoted

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
_READ = (Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.WRITTEN)


class NodePackages(Mechanism):
    """Keeps the packages in `node_modules` that an application or a kept package needs.

    A package stays whole, with its dependencies, if a file of it is kept or the application's
    package.json depends on it. A quoted name in the application's source, or a literal in a call of
    a kept package, counts, too. All stay if no Node.js ran, or if no package.json beside
    `node_modules` states dependencies (global packages apart).
    """

    id = "node-packages"
    why = (
        "require() and import() inside functions run on paths that the profile did not take; what"
        " only builds and tests need is declared apart"
    )
    codes = ("node-package", "node-dependency", "node-import", "node-script")

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        scene = work.scene
        self._homes = work.shared(NodeHomes)
        self._off = self._homes.off
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
        work.facts.on(OwnFile, self._read_own)
        work.facts.on(NodePackageSeen, lambda fact: self._hold(fact.home))

    def _inbound(self) -> dict[ImagePath, list[ImagePath]]:
        """Return the links to packages by their target: pnpm's, and those of workspaces."""
        out: dict[ImagePath, list[ImagePath]] = {}
        for entry in self._work.scene.rootfs:
            if (
                entry.is_symlink
                and MODULES in entry.path
                and (final := self._work.scene.rootfs.walk(entry.path).final) is not None
                and final.is_dir
            ):
                out.setdefault(final.path, []).append(entry.path)
        return out

    def _hold(self, home: ImagePath | None) -> bool:
        """Hold a package back that nothing has requested yet; return whether it is held."""
        if home is None or home in self._done:
            return False
        self._held.add(home)
        return True

    def _read_own(self, fact: OwnFile) -> None:
        path = fact.entry.path
        if (
            not self._off
            and path.endswith(_OWN_SOURCES)
            and not is_of_development(self._inside(path))
        ):
            self._own.append(fact.entry)

    def _inside(self, path: ImagePath) -> str:
        """Return a path below the outermost directory above it with a package.json."""
        # So `/test/app` is no test directory.
        manifests = (
            item
            for item in reversed(ancestors(path))
            if ImagePath(f"{item.rstrip('/')}/{MANIFEST}") in self._work.scene.rootfs
        )
        return path.removeprefix(next(manifests, parent(path)).rstrip("/"))

    def visit(self, entry: Entry) -> None:
        if self._off or not entry.is_file:
            return
        home = self._homes.of(entry.path)
        if home is None:
            if name(entry.path) == MANIFEST:
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
        stated = self._homes.needs(directory)
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
                    and (home := self._homes.of(final.path)) is not None
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
        # Node.js searches the `node_modules` of every directory above, then NODE_PATH.
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
            if current in self._done or self._homes.of(current) is None:
                continue
            self._done.add(current)
            self._work.facts.post(NodePackageKept(current))
            self._held.discard(current)
            self._add(current, why)
            manifest = ImagePath(f"{current}/{MANIFEST}")
            todo.extend(
                (
                    found,
                    Reason(
                        "node-dependency",
                        f"{package}, which {_label(current)} depends on",
                        manifest,
                    ),
                )
                for package in self._homes.needs(current).packages
                if (found := self._resolve(package, current)) is not None
            )

    def _add(self, home: ImagePath, reason: Reason) -> None:
        for link in self._links.get(home, ()):
            self._work.keeping.reach(link, reason)
            self._work.keeping.add(link, reason)
        for entry in self._work.scene.index.below(home):
            if self._homes.of(entry.path) == home and not (
                entry.is_symlink and self._hold(self._homes.behind(entry.path))
            ):
                self._work.add_broadly(entry.path, reason)
                if entry.is_file and entry.path.endswith(_SOURCES):
                    self._unread.append(entry)

    def settle(self) -> None:
        """Read the application's sources, and those of kept packages.

        Nothing is read if no package is held back.
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
    return home.rpartition(MODULES)[2]
