"""Packages of data that kept code depends on, and packages that add to a tree of its own."""

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence

from careen.model.packages.package import Package
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Reason
from careen.plan.core.mechanism import Work
from careen.plan.core.scene import SYSTEM
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.files.programs import is_loadable
from careen.plan.mechanisms.packages.package_kinds import PackageKinds, source_of

_TREE = re.compile(r"/usr/(?:share|lib|lib64|libexec|lib/[\w.]+-linux-[\w.]+)/([^/]+)(?=/)")
_RELATIVE = re.compile(rb"(?<![\w./+-])(?:\.\./)+[\w.+-]+(?:/[\w.+-]+)*")
MAX_DESCRIPTION = 64 << 10  # larger files are data, which describes no program
_OF_MANY = frozenset(
    {
        *(
            "perl",
            "perl5",
            "perl-base",
            "python3",
            "python",
            "ruby",
            "php",
            "nodejs",
            "node_modules",
            "javascript",
            "java",
            "jvm",
            "lua",
            "tcltk",
            "ocaml",
        ),
        *(
            "ghc",
            "erlang",
            "guile",
            "R",
            "gcc",
            "fonts",
            "X11",
            "mime",
            "glib-2.0",
            "gir-1.0",
            "girepository-1.0",
            "pkgconfig",
            "cmake",
            "metainfo",
            "dbus-1",
        ),
        *(
            "polkit-1",
            "lintian",
            "bug",
            "debconf",
            "bash-completion",
            "systemd",
            "tmpfiles.d",
            "sysusers.d",
            "udev",
            "modules",
            "themes",
            "sounds",
            "help",
        ),
        *("xml", "sgml", "dict", "terminfo", "zsh", "fish", "vim", "emacs", "man-db", "menu"),
    }
)
"""Trees that unrelated packages share: those of languages, for which there are mechanisms, of
desktops and of the system.
"""


class DataPackages:
    """Follows the dependencies of packages with kept code; `keep` keeps a package and says why."""

    def __init__(
        self, work: Work, kinds: PackageKinds, keep: Callable[[Package, ImagePath, str], None]
    ) -> None:
        self._work = work
        self._kinds = kinds
        self._keep = keep
        self._todo: list[tuple[Package, ImagePath]] = []
        self._supplied: set[str] = set()
        self._libraries: dict[str, Sequence[ImagePath]] = {}
        self._trees: dict[str, frozenset[str]] = {}

    def note(self, package: Package, because: ImagePath) -> None:
        """Note a package with kept code, whose dependencies are followed later."""
        self._todo.append((package, because))

    def follow(self) -> None:
        """Keep the data that noted packages depend on, and what adds to their own trees."""
        # A hostile image may chain as many as it likes, so nothing calls itself here.
        while self._todo:
            current, because = self._todo.pop()
            if current.purl in self._supplied:
                continue
            self._supplied.add(current.purl)
            for item in self._additions(current):
                self._keep(item, because, f"which adds to what {current.name} has of its own")
                self._keep_described(item)
            for item in self._kinds.needed_by(current):
                if not self._kinds.has_programs(current):
                    self._keep_libraries(item, current, because)
                if (
                    item.purl not in self._supplied
                    and item.ecosystem in SYSTEM
                    and self._kinds.is_data(item)
                ):
                    self._todo.append((item, because))
                    what = f"{item.name}, data that {current.name} depends on"
                    for path in item.files:
                        self._work.add_broadly(path, Reason("package", what, because))

    def _additions(self, package: Package) -> Iterator[Package]:
        """Yield what has files in a tree of a package's own, and depends on it.

        Where the tree has the package's name, what it depends on, recommends or suggests, too.
        """
        own = self._own(package)
        named = (package.name, source_of(package))
        # What a language's own packages put into its tree is kept by its imports: `python3.13`.
        of_its_name = {
            tree
            for tree in own
            if (last := name(ImagePath(tree))) in named
            and last.rstrip(".0123456789") not in _OF_MANY
        }
        for item in self._kinds.dependants.get(package.purl, ()) if own else ():
            if not own.isdisjoint(self._own(item)) and not self._kinds.is_distribution(item):
                yield item
        for item in self._kinds.partners_of(package) if of_its_name else ():
            if not of_its_name.isdisjoint(self._own(item)):
                yield item

    def _keep_described(self, package: Package) -> None:
        """Keep the programs that data of an addition names by a path from its own place."""
        scene = self._work.scene
        for path in sorted(package.files):
            entry = scene.rootfs.get(path)
            if entry is None or not entry.is_file or entry.size > MAX_DESCRIPTION:
                continue
            if entry.is_executable or path not in self._work.keeping:
                continue
            for found in _RELATIVE.findall(scene.text(entry)):
                target = ImagePath(posixpath.normpath(f"{parent(path)}/{found.decode()}"))
                program = scene.rootfs.get(target)
                if program is not None and program.is_executable and target in package.files:
                    what = f"{package.name}, whose {name(path)} names {name(target)}"
                    self._work.add_broadly(target, Reason("package", what, path))

    def _own(self, package: Package) -> frozenset[str]:
        """Return the trees of a package's own: `/usr/share/NAME`, `/usr/lib/NAME`."""
        if package.purl not in self._trees:
            trees = {
                found[0]
                for path in package.files
                if (found := _TREE.match(path)) is not None and not _is_of_many(found[1])
            }
            self._trees[package.purl] = frozenset(
                tree for tree in trees if not is_shared(ImagePath(tree))
            )
        return self._trees[package.purl]

    def _keep_libraries(self, package: Package, of: Package, because: ImagePath) -> None:
        """Keep the libraries of a package that one without programs depends on."""
        # Sources open them by name, however they put that together.
        if package.purl not in self._libraries:
            files = package.files if package.ecosystem in SYSTEM else ()
            self._libraries[package.purl] = tuple(
                path
                for path in files
                if is_loadable(name(path))
                and (is_shared(parent(path)) or name(parent(path)) == "jni")
            )
        what = f"{package.name}, a library that {of.name} depends on, which has none of its own"
        for path in self._libraries[package.purl]:
            self._work.add_broadly(path, Reason("package", what, because))


def _is_of_many(tree: str) -> bool:
    """Return whether unrelated packages share a tree, whatever version its name ends with."""
    return tree in _OF_MANY or tree.rstrip("0123456789.-") in _OF_MANY
