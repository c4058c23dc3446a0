"""The application's own files: they belong to no package and lie where it lives."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property

from careen.model.entry import Entry
from careen.model.measure import SHELLS
from careen.model.packages.package import Package
from careen.model.paths import ImagePath, ancestors, name, parent
from careen.model.plan import DRIFT, EXPLORED, Reason
from careen.model.runs.trace import Use
from careen.plan.core.facts import (
    CommandFile,
    NodePackageKept,
    NodePackageSeen,
    OwnFile,
    TreeNeeded,
)
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.node_homes import NodeHomes
from careen.plan.core.scene import Scene
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.commands.compiled_commands import is_runtime

PYTHON_AND_JAVASCRIPT = (
    ".py",
    ".pyw",
    ".js",
    ".mjs",
    ".cjs",
    ".jsx",
    ".ts",
    ".mts",
    ".cts",
    ".tsx",
)
SOURCES = (
    *PYTHON_AND_JAVASCRIPT,
    *(
        ".sh",
        ".bash",
        ".ksh",
        ".zsh",
        ".rb",
        ".rake",
    ),
    *(
        ".ru",
        ".pl",
        ".pm",
        ".psgi",
        ".cgi",
        ".php",
        ".phtml",
        ".lua",
        ".R",
        ".r",
        ".Rmd",
        ".qmd",
        ".jl",
        ".tcl",
        ".groovy",
        ".ex",
        ".exs",
    ),
)
_RUNS = (
    "command",
    "shebang",
    "elf-interpreter",
    "elf-needed",
    "dlopen-hint",
    "foreign-library",
    "shell-source",
    "configured-library",
    "helper-program",
    "configured-program",
    "configured-command",
    "compiled-command",
)
_OWN = (
    "observed",
    EXPLORED,
    DRIFT,
    "application",
    "tree",
    "named-path",
    "python-path-entry",
    "java-class-path",
    "user-keep",
    *_RUNS,
)
_DATABASES = (
    "/var/lib/dpkg/",
    "/lib/apk/",
    "/usr/lib/apk/",
    "/var/lib/rpm/",
    "/usr/lib/sysimage/",
    "/var/lib/apt/",
    "/var/cache/apt/",
)
OWN_SCRIPT = "own-script"
OWN_PROGRAM = "own-program"
_CONFFILE = re.compile(rb"^ (/etc/[^ \n]+) ([0-9a-f]{32})$", re.MULTILINE)
_MAX_STATUS = 64 << 20
MAX_SCRIPT = 1 << 20
_MOST_NAMES = 3  # of one program; those of BusyBox are a system's
MAX_PROGRAM = 16 << 20  # bytes; probes, waiters and inits are small, toolchains and installers not
_LOCAL = frozenset({"/", "/srv", "/opt", "/mnt", "/media", "/home", "/usr/src", "/usr/local/src"})
_NOT_LOCAL = frozenset({"/root", "/nix", "/gnu", "/lost+found", "/.dockerenv", "/.autorelabel"})
"""Directories below `/` that belong to no application.

A home does only if it is that of the image's user; a store of packages never does.
"""
_SYSTEM_BINARIES = ("/bin", "/sbin", "/usr/bin", "/usr/sbin")
_LOCAL_BINARIES = ("/usr/local/bin", "/usr/local/sbin")
_BESIDE_BINARIES = ("lib", "lib64", "libexec", "share")
_VERY_USED = (Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.WRITTEN)


def roots(scene: Scene) -> Iterator[tuple[ImagePath, str]]:
    """Yield the application's directories and files by the image's configuration, with the reason.

    Shared system directories are left out. Of a working directory like `/` or `/srv`, where no
    package puts anything, the content counts.
    """
    wanted = [(scene.config.working_dir, "the working directory")]
    first = (scene.config.entrypoint or scene.config.cmd)[:1]
    for word in (
        *first,
        *(word for word in (*scene.config.entrypoint, *scene.config.cmd) if word.startswith("/")),
    ):
        found = scene.command(word) or word
        walk = scene.rootfs.walk(found)
        if walk.final is not None and walk.final.is_file:
            wanted.append((parent(walk.final.path), "the entrypoint's directory"))
    wanted.extend(
        (item, "a directory of PYTHONPATH")
        for item in scene.config.env.get("PYTHONPATH", "").split(":")
    )
    wanted.extend(
        (item, "a directory of NODE_PATH")
        for item in scene.config.env.get("NODE_PATH", "").split(":")
    )
    wanted.extend((home, "the home directory of the image's user") for home in scene.homes)
    seen: set[ImagePath] = set()
    for text, why in wanted:
        directory = scene.rootfs.walk(text).final if text.startswith("/") else None
        if directory is None or not directory.is_dir:
            continue
        found_root = directory.path
        if (
            found_root not in seen
            and not is_shared(found_root)
            and scene.library_of(ImagePath(f"{found_root}/x")) is None
        ):
            seen.add(found_root)
            yield found_root, why
    yield from ((path, "the working directory") for path in _lying_about(scene) if path not in seen)


def _lying_about(scene: Scene) -> Iterator[ImagePath]:
    walk = scene.rootfs.walk(scene.config.working_dir or "/")
    if walk.final is None or walk.final.path not in _LOCAL:
        return
    found = [
        path
        for path in scene.rootfs.children(walk.final.path)
        if not is_shared(path) and path not in scene.owned_directories and path not in _NOT_LOCAL
    ]
    # `/` is also the working directory of images that set none.
    if walk.final.path != "/" or _starts_there(scene, found):
        yield from (
            path for path in found if scene.rootfs[path].is_dir or scene.rootfs[path].is_file
        )


def _starts_there(scene: Scene, found: list[ImagePath]) -> bool:
    """Return whether the image's command names a path by a relative path or as a module."""
    words = {
        word for line in (*scene.config.entrypoint, *scene.config.cmd) for word in line.split()
    }
    names = {name(path).removesuffix(".py") for path in found} | {name(path) for path in found}
    return any(
        not word.startswith("/")
        and not names.isdisjoint(
            (word.removeprefix("./").partition("/")[0], *word.partition(":")[0].split(".")[:1])
        )
        for word in words
    )


def tree_of(scene: Scene, path: ImagePath) -> ImagePath | None:
    """Return the highest directory around an unowned path that no package uses, or None.

    It is not shared by convention, and no place of a package manager.
    """
    if path.startswith(_DATABASES):
        return None  # the scripts of packages in it are not the application's
    best = None
    for above in ancestors(path):
        if above in scene.owned_directories or is_shared(above):
            break
        best = above
    return best


class Application(Mechanism):
    """Keeps the application's own trees, and the unowned tree around any used unowned file.

    Such a tree holds models, data, or a runtime that was unpacked rather than installed. Commands
    on PATH that no package brought are kept, too, and configuration that no package brought or that
    was changed since.
    """

    id = "application"
    why = (
        "the application's other commands, modules, templates and data belong to no package, so"
        " no package's closure includes them"
    )
    codes = ("application", "tree", OWN_SCRIPT, OWN_PROGRAM)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._node_homes = work.shared(NodeHomes)
        self._trees: set[ImagePath] = set()
        self._adopted: set[ImagePath] = set()
        self._layers: dict[str, int | None] = {}
        self._kept_homes: set[ImagePath] = set()
        work.facts.on(NodePackageKept, lambda fact: self._kept_homes.add(fact.home))
        work.facts.on(TreeNeeded, lambda fact: self._keep_tree(fact.root, fact.reason))
        work.facts.on(CommandFile, lambda fact: self._adopt(fact.entry))

    def plant(self) -> None:
        """Keep the trees that the image's configuration names."""
        for root, why in roots(self._work.scene):
            if (
                self._work.scene.rootfs[root].is_file
                and root not in self._work.scene.inventory.owners
            ):
                self._work.keeping.add(root, Reason("application", f"in {parent(root)}, {why}"))
            self._keep_tree(root, Reason("application", f"in {root}, {why}"), even_dropped=True)
        self._plant_commands()
        self._plant_configuration(ImagePath("/etc"))
        self._plant_configuration(ImagePath("/usr/local/etc"))
        self._plant_configuration(ImagePath("/var/spool/cron"))

    def _plant_configuration(self, root: ImagePath) -> None:
        """Keep configuration below a directory that no package brought, or that was changed."""
        scene = self._work.scene
        for entry in scene.index.below(root):
            final = scene.rootfs.walk(entry.path).final if entry.is_symlink else entry
            # Links to packages' files, such as alternatives and init scripts, do not count.
            ours = (
                final is not None
                and final.is_file
                and final.path.startswith(f"{root}/")
                and final.path not in scene.inventory.owners
            )
            if ours and entry.path not in scene.inventory.owners:
                self._work.add_broadly(
                    entry.path, Reason("application", f"below {root}, and no package brought it")
                )
            elif (
                entry.is_file
                and entry.path in scene.inventory.owners
                and self._written_since(entry)
            ):
                self._work.add_broadly(
                    entry.path,
                    Reason("application", f"below {root}, written since its package brought it"),
                )

    def _written_since(self, entry: Entry) -> bool:
        """Return whether a package's configuration was changed after its installation.

        Its text differs from dpkg's checksum. Without one, it is of a layer above the rest of the
        package.
        """
        digest = self._sums.get(entry.path)
        if digest is not None:
            return (
                entry.size <= MAX_SCRIPT
                and hashlib.md5(self._work.scene.text(entry), usedforsecurity=False).hexdigest()
                != digest
            )
        layers = [
            layer
            for package in self._work.scene.owners(entry.path)
            if (layer := self._layer(package)) is not None
        ]
        return bool(layers) and max(layers) < entry.layer

    def _layer(self, package: Package) -> int | None:
        """Return the highest layer of a package's files outside /etc, or None; cached."""
        if package.purl not in self._layers:
            found = (
                self._work.scene.rootfs.get(path)
                for path in package.files
                if not path.startswith("/etc/")
            )
            self._layers[package.purl] = max(
                (entry.layer for entry in found if entry is not None and entry.is_file),
                default=None,
            )
        return self._layers[package.purl]

    @cached_property
    def _sums(self) -> Mapping[ImagePath, str]:
        """MD5 sums of dpkg's configuration files as their packages brought them."""
        status = self._work.scene.rootfs.get(ImagePath("/var/lib/dpkg/status"))
        if status is None or not status.is_file:
            return {}
        with self._work.scene.rootfs.open(status.path) as stream:
            return {
                ImagePath(path.decode("utf-8", "surrogateescape")): digest.decode()
                for path, digest in _CONFFILE.findall(stream.read(_MAX_STATUS))
            }

    def _plant_commands(self) -> None:
        """Keep the scripts and small programs on PATH that no package brought."""
        # They are the application's commands, and a profile starts one of them. Whoever runs the
        # container starts others: a probe, a job, a debugging aid.
        scene = self._work.scene
        commands = [
            (path, entry)
            for directory in scene.command_path
            for path in scene.rootfs.children(directory)
            if (entry := scene.rootfs.walk(path).final) is not None and entry.is_executable
        ]
        names = Counter(entry.inode for _, entry in commands)
        for path, entry in commands:
            if (
                not scene.inventory.owners.keys().isdisjoint((path, entry.path))
                or self._work.leaves_out(path)
                or self._node_homes.of(entry.path) is not None
            ):
                continue
            if entry.size <= MAX_SCRIPT and scene.text(entry).startswith(b"#!"):
                self._work.keeping.reach(
                    path, Reason(OWN_SCRIPT, "a script on PATH that no package brought")
                )
            elif names[entry.inode] <= _MOST_NAMES and self._is_own_program(path, entry):
                self._work.keeping.reach(
                    path, Reason(OWN_PROGRAM, "a small program on PATH that no package brought")
                )

    def _is_own_program(self, path: ImagePath, entry: Entry) -> bool:
        """Return whether a command is a small program that somebody put beside the system's."""
        scene = self._work.scene
        directory, base = parent(entry.path), name(path)
        # Where no package has a command, one without a package is nothing special.
        by_hand = directory in _LOCAL_BINARIES or (
            directory in _SYSTEM_BINARIES and directory in scene.owned_directories
        )
        return (
            by_hand
            and entry.size <= MAX_PROGRAM
            and not entry.is_setid
            and not is_runtime(base)
            and base not in SHELLS
            and base not in scene.skipped_commands
            and scene.rootfs.begins_as_elf(entry.path)
        )

    def visit(self, entry: Entry) -> None:
        scene = self._work.scene
        if entry.is_file and entry.path in scene.own_installed:
            self._adopt(entry)
        if (
            not entry.is_file
            or entry.path in scene.inventory.owners
            or scene.library_of(entry.path) is not None
            or _installed(entry.path)
        ):
            return
        if entry.is_executable:
            self._keep_trees_of_its_name(entry)
        reason = self._work.keeping.reasons[entry.path]
        if scene.used_as(entry.path, *_VERY_USED) or reason.code in (
            *_RUNS,
            OWN_SCRIPT,
            OWN_PROGRAM,
        ):
            root = tree_of(scene, entry.path)
            if root is not None and root not in self._trees:
                self._keep_tree(
                    root, Reason("tree", f"in the tree {root}, which no package owns", entry.path)
                )
        # A package manager that ran has read what it has installed.
        if reason.code in _OWN and not entry.path.startswith(_DATABASES):
            self._adopt(entry)

    def _keep_trees_of_its_name(self, program: Entry) -> None:
        """Keep the unowned trees of a program that was installed without a package.

        Beside `/usr/local/bin/NAME`, they are `/usr/local/lib/NAME` and `/usr/local/share/NAME`.
        What an interpreter's modules need is known better.
        """
        scene = self._work.scene
        if parent(program.path) not in _LOCAL_BINARIES or is_runtime(name(program.path)):
            return
        for kind in _BESIDE_BINARIES:
            root = scene.rootfs.get(ImagePath(f"/usr/local/{kind}/{name(program.path)}"))
            if root is not None and root.is_dir and root.path not in scene.owned_directories:
                why = f"in {root.path}, which has the name of {program.path}"
                self._keep_tree(root.path, Reason("tree", why, program.path))

    def _adopt(self, entry: Entry) -> None:
        """Post a kept file as one of the application's own, whose text others read.

        A file of a package, an interpreter or a distribution counts only if that is the
        application.
        """
        scene = self._work.scene
        path = entry.path
        others = (
            path in scene.inventory.owners or scene.library_of(path) is not None or _installed(path)
        )
        if path in self._adopted or (others and path not in scene.own_installed):
            return
        if self._node_homes.of(path) is None:
            self._adopted.add(path)
            self._work.facts.post(OwnFile(entry))

    def _keep_tree(self, root: ImagePath, reason: Reason, *, even_dropped: bool = False) -> None:
        """Keep what no package owns below a directory.

        What drop rules leave out is kept only with `even_dropped`.
        """
        scene = self._work.scene
        if root in self._trees:
            return
        self._trees.add(root)
        for entry in scene.index.below(root):
            path = entry.path
            if (
                path in scene.inventory.owners
                or scene.library_of(path) is not None
                or _installed(path)
            ):
                continue
            home = self._node_homes.behind(path)
            if home is not None and home not in self._kept_homes:
                self._work.facts.post(NodePackageSeen(home))
            elif even_dropped:
                self._work.keeping.add(path, reason)
            else:
                self._work.add_broadly(path, reason)


def _installed(path: ImagePath) -> bool:
    return "/site-packages/" in path or "/dist-packages/" in path
