"""Conda packages: what else of one is needed once a program or library of it is.

A plan has no owners in a conda prefix. Its records say which files belong together.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from careen.errors import ImageError
from careen.formats.conda_record import (
    DIRECTORY,
    MAX_RECORD,
    depends_of,
    files_of,
    is_record,
    parse_record,
)
from careen.formats.json_document import text_at
from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Level, Reason
from careen.model.runs.trace import Use
from careen.plan.core.facts import CommandFile
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.mechanisms.files.programs import may_be_elf

MAX_READ = 512 << 20  # of the records of one image; a large prefix has 50 MB
MAX_GENERATED = 8 << 20
_CODE = (".py", ".pm", ".pl", ".rb", ".js", ".lua", ".tcl", ".jar", ".sh", ".R", ".r")
_BROAD = ("tree", "conda-package", "python-record", "package-record")
"""Codes of reasons that say nothing of the one file."""
_NOT_RUN = re.compile(
    r"(?:include|conda-meta|info|share/(?:man|doc|info|gtk-doc|aclocal|cmake|pkgconfig|licenses"
    r"|bash-completion)|man|docs?|lib/(?:cmake|pkgconfig))/|lib/[^/]+\.l?a\Z"
)
_LINKED = re.compile(r"lib/[^/]+\.so(?:\.[\w.]+)?\Z")
_COMMAND = re.compile(r"s?bin/")
_CODE_OF_ANY = re.compile(r"(?:.*/)?(?:s?bin|site-packages|lib-dynload)/|.*\.so(?:\.|\Z)")
_OWN_TREE = re.compile(r"(?:fonts|(?:lib|share)/[^/]+)(?=/)")
_OF_MANY = re.compile(
    r"lib/(?:python|pkgconfig|cmake|girepository|gio)|share/(?:man|doc|info|locale|licenses"
    r"|bash-completion|zsh|fish|applications|icons|pkgconfig|cmake|aclocal|gir|glib|jupyter)"
)
_FONTS = ("fonts/", "share/fonts/")
_OF_COMPILERS = re.compile(
    r"(?:gcc|gxx|gfortran|binutils|ld)(?:_impl)?_|(?:gcc|gxx|clang|clangxx|binutils)\Z"
    r"|(?:sysroot|kernel-headers|libgcc-devel|libstdcxx-devel)_"
    r"|cuda-(?:nvcc|nvvm|crt|cccl|cudart-dev)"
)
_TOOLCHAINS = frozenset(
    {
        "inductor-toolchain",
        "generated-c-toolchain",
        "deepspeed-toolchain",
        "triton-toolchain",
        "flashinfer-toolchain",
        "observed-toolchain",
        "cuda-compiler-of-the-application",
    }
)
"""Rules by which a compiler is needed; they name packages of other managers."""


@dataclass(frozen=True, slots=True)
class _Package:
    name: str
    prefix: ImagePath
    files: tuple[str, ...]  # relative to the prefix
    depends: tuple[str, ...]

    @property
    def of_compilers(self) -> bool:
        return _OF_COMPILERS.match(self.name) is not None

    @property
    def trees(self) -> frozenset[str]:
        """Directories such as `lib/perl5` and `share/proj`, without those that many share."""
        found = (_OWN_TREE.match(file) for file in self.files)
        return frozenset(
            match[0] for match in found if match is not None and not _OF_MANY.match(match[0])
        )

    @property
    def is_data(self) -> bool:
        """Whether it has no program, library or Python module."""
        return not any(map(_CODE_OF_ANY.match, self.files))


class CondaPackages(Mechanism):
    """Keeps the runtime files of a conda package if a program, library or used data of it is kept.

    Not its libraries in `lib`, which others link or open, nor its commands if it is kept for a
    library, its modules of Python, its headers and documentation. Data packages that it depends on
    stay, what depends on it and adds to its own trees, and of a compiler the parts that a
    compilation needs. At `package` all of it stays, with its dependencies.
    """

    id = "conda-packages"
    why = (
        "a program or library of a prefix finds its data, plugins and helpers beside itself, and"
        " no package of the system brought them"
    )
    codes = ("conda-package",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._whole = work.scene.level is Level.PACKAGE
        self._prefixes = tuple(
            f"{parent(path)}/"
            for path in work.scene.index.named(DIRECTORY)
            if work.scene.rootfs[path].is_dir
        )
        self._done: set[tuple[ImagePath, str, bool]] = set()
        self._compilers = False
        work.facts.on(CommandFile, lambda fact: self._start(fact.entry))

    @cached_property
    def _packages(self) -> Mapping[tuple[ImagePath, str], _Package]:
        """The packages by prefix and name."""
        found = (package for prefix in self._prefixes for package in self._read(ImagePath(prefix)))
        return {(package.prefix, package.name): package for package in found}

    def _read(self, directory: ImagePath) -> Iterator[_Package]:
        """Yield the packages of a prefix, without those whose record cannot be read."""
        rootfs, left = self._work.scene.rootfs, MAX_READ
        prefix = ImagePath(directory.rstrip("/"))
        for path in rootfs.children(ImagePath(f"{prefix}/{DIRECTORY}")):
            entry = rootfs[path]
            if not entry.is_file or not is_record(path) or entry.size > min(left, MAX_RECORD):
                continue
            left -= entry.size
            try:
                record = parse_record(rootfs.read(path, MAX_RECORD), path)
            except ImageError:  # the inventory says so
                continue
            yield _Package(
                text_at(record, "name"), prefix, tuple(files_of(record)), depends_of(record)
            )

    @cached_property
    def _dependants(self) -> Mapping[tuple[ImagePath, str], tuple[_Package, ...]]:
        """The packages that depend directly on one, by its prefix and name."""
        out: dict[tuple[ImagePath, str], list[_Package]] = {}
        for package in self._packages.values():
            for word in package.depends:
                out.setdefault((package.prefix, word), []).append(package)
        return {key: tuple(found) for key, found in out.items()}

    def _additions(self, package: _Package) -> Iterator[_Package]:
        """Yield what adds to a package's own trees (Perl's modules), and fonts to fontconfig."""
        own = package.trees
        for each in self._dependants.get((package.prefix, package.name), ()) if own else ():
            if not own.isdisjoint(each.trees):
                yield each
        if package.name == "fontconfig":
            for each in self._packages.values():
                if each.prefix == package.prefix and any(
                    file.startswith(_FONTS) for file in each.files
                ):
                    yield each

    @cached_property
    def _owners(self) -> Mapping[ImagePath, _Package]:
        return {
            ImagePath(f"{package.prefix}/{file}"): package
            for package in self._packages.values()
            for file in package.files
        }

    def visit(self, entry: Entry) -> None:
        if not entry.is_file or not entry.path.startswith(self._prefixes):
            return
        package = self._owners.get(entry.path)
        if package is None:
            return
        used = self._work.scene.used_as(
            entry.path, Use.OPENED, Use.WRITTEN, Use.MAPPED, Use.EXECUTED
        )
        named = self._work.keeping.reasons[entry.path].code not in _BROAD
        if used or (named and (may_be_elf(entry) or entry.path.endswith(_CODE))):
            self._keep(package, entry.path)

    def _start(self, entry: Entry) -> None:
        """Keep the package of a command that is started by name."""
        # All of a prefix's `bin` may be kept before, as one tree.
        if entry.path.startswith(self._prefixes) and entry.path in self._owners:
            self._keep(self._owners[entry.path], entry.path)

    def settle(self) -> None:
        """Keep the compilers of all prefixes, once a rule needs one."""
        if self._compilers or not self._prefixes or _TOOLCHAINS.isdisjoint(self._work.counted):
            return
        self._compilers = True
        for package in self._packages.values():
            program = next((file for file in package.files if _COMMAND.match(file)), None)
            if package.of_compilers and program is not None:
                self._keep(package, ImagePath(f"{package.prefix}/{program}"))

    def _keep(self, package: _Package, because: ImagePath) -> None:
        # No recursion: a hostile image may chain as many as it likes.
        relative = because.removeprefix(f"{package.prefix}/")
        todo = [(package, _COMMAND.match(relative) is not None)]
        while todo:
            current, started = todo.pop()
            if (current.prefix, current.name, started) in self._done:
                continue
            self._done.add((current.prefix, current.name, started))
            self._keep_files(current, because, started=started)
            todo += [(each, False) for each in self._additions(current)]
            for word in current.depends:
                needed = self._packages.get((current.prefix, word))
                if needed is None:
                    continue
                parts = current.of_compilers and started and needed.of_compilers
                if parts or self._whole or needed.is_data:
                    todo.append((needed, parts or self._whole))

    def _keep_files(self, package: _Package, because: ImagePath, *, started: bool) -> None:
        scene = self._work.scene
        why = (
            f"of which {name(because)} is kept"
            if self._owners.get(because) is package
            else f"which a package depends on, of which {name(because)} is kept"
        )
        reason = Reason("conda-package", f"{package.name}, {why}", because)
        directories: set[ImagePath] = set()
        for file in package.files:
            path = ImagePath(f"{package.prefix}/{file}")
            if not self._whole and (
                _NOT_RUN.match(file)
                or (_LINKED.match(file) and not package.of_compilers)
                or (_COMMAND.match(file) and not started)
            ):
                continue
            if "-packages/" in file or scene.library_of(path) is not None:
                continue
            if scene.rootfs.get(path) is not None:
                self._work.add_broadly(path, reason)
                if file.count("/") > 1:
                    directories.add(parent(path))
        self._keep_generated(directories, because)

    def _keep_generated(self, directories: set[ImagePath], because: ImagePath) -> None:
        """Keep what an installation generated beside a package's files: an index of plugins."""
        rootfs = self._work.scene.rootfs
        for directory in sorted(directories):
            for path in rootfs.children(directory):
                entry = rootfs[path]
                if entry.is_file and entry.size <= MAX_GENERATED and path not in self._owners:
                    why = f"beside what {directory} has of a conda package"
                    self._work.add_broadly(path, Reason("conda-package", why, because))
