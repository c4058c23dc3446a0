"""Inputs of the mechanisms: the image, its packages, what was observed, and the user's choices."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from careen.model.entry import Entry
from careen.model.image import ImageConfig
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath, ancestors, name, parent
from careen.model.plan import Level
from careen.model.rbom import IMPORT_SWEEP, RuntimeBom, UsedFile
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from careen.plan.core.asked import only_asked_for
from careen.plan.core.globs import PathIndex
from careen.plan.core.listed import listed_sites, only_listed
from careen.plan.core.own_distributions import from_directories
from careen.plan.core.policy import Policy
from careen.plan.core.readings import Readings

_OF_PROJECTS = "pkg:pypi/"
_VERSION_SUFFIX = re.compile(r"-?(?<![0-9.])[0-9.]++\Z")
_MODULE = re.compile(
    r"/(?:site-packages|dist-packages|lib-dynload|lib/python3(?:\.\d+)?)/(?:__pycache__/)?(\w+)(?:/|\.[\w.-]+\Z)"
)
READ = (Use.EXECUTED, Use.MAPPED, Use.OPENED)

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MAX_TEXT = 4 << 20
MAX_BUNDLE = 32 << 20  # a bundle: an application with all its dependencies in one file
_BUNDLES = (".js", ".mjs", ".cjs")
SYSTEM = (Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM)  # package managers of distributions


@dataclass(frozen=True)
class Scene:
    """The fixed inputs of one decision, and values derived from them, computed once."""

    rootfs: Rootfs
    inventory: Inventory
    bom: RuntimeBom
    config: ImageConfig
    policy: Policy
    readings: Readings = field(default_factory=Readings)

    @property
    def level(self) -> Level:
        return self.policy.level

    @property
    def wide(self) -> bool:
        """Whether the level keeps more than what was observed."""
        return self.level is not Level.OBSERVED

    @cached_property
    def index(self) -> PathIndex:
        return PathIndex(self.rootfs)

    @cached_property
    def only_asked_for(self) -> frozenset[ImagePath]:
        """The programs and libraries that only the import sweep asked for.

        Their uses do not count.
        """
        return only_asked_for(self.rootfs, self.inventory, self.bom, self.command_path)

    @cached_property
    def observed(self) -> tuple[UsedFile, ...]:
        """The files whose uses count, in path order."""
        idle = self.only_asked_for | self.only_listed
        return tuple(
            file
            for file in sorted(self.bom.files, key=lambda file: file.path)
            if file.path not in idle
        )

    @cached_property
    def uses(self) -> Mapping[ImagePath, frozenset[Use]]:
        """How each observed path was used."""
        return {file.path: frozenset(use.use for use in file.uses) for file in self.observed}

    def used_as(self, path: ImagePath, *uses: Use) -> bool:
        """Return whether a path was observed in one of these uses."""
        return not self.uses.get(path, frozenset()).isdisjoint(uses)

    @cached_property
    def libcs(self) -> frozenset[str]:
        """The C libraries of the image (glibc, musl), found by their loaders."""
        out = set()
        for label, glob in (
            ("glibc", "ld-linux*.so*"),
            ("glibc", "ld64.so*"),
            ("musl", "ld-musl-*.so*"),
        ):
            if self.index.any(f"/lib*/**/{glob}") or self.index.any(f"/usr/lib*/**/{glob}"):
                out.add(label)
        return frozenset(out)

    @cached_property
    def command_path(self) -> tuple[ImagePath, ...]:
        """The directories of PATH that exist, with links resolved."""
        text = self.config.env.get("PATH") or DEFAULT_PATH
        walks = (self.rootfs.walk(item) for item in text.split(":") if item.startswith("/"))
        return tuple(
            dict.fromkeys(
                walk.final.path for walk in walks if walk.final is not None and walk.final.is_dir
            )
        )

    @cached_property
    def skipped_commands(self) -> frozenset[str]:
        """The commands that rules skip.

        The source of a library, a configuration or the name of a helper does not keep them.
        """
        return frozenset(
            word for rule in self.policy.rules.at(self.level) for word in rule.skip_commands
        )

    @cached_property
    def command_names(self) -> frozenset[str]:
        """The names in the directories of PATH, executable or not."""
        return frozenset(
            name(path)
            for directory in self.command_path
            for path in self.rootfs.children(directory)
        )

    def command(self, word: str) -> str | None:
        """Return the path (as text, before links) of the executable that a word names, or None."""
        if "/" not in word and word not in self.command_names:
            return None
        if "/" in word:
            candidates = [word] if word.startswith("/") else [f"{self.config.working_dir}/{word}"]
        else:
            candidates = [f"{directory}/{word}" for directory in self.command_path]
        for candidate in candidates:
            final = self.rootfs.walk(candidate).final
            if final is not None and final.is_executable:
                return candidate
        return None

    def harmless_command(self, word: str) -> tuple[str, Entry] | None:
        """Return a command's path and file; None also for a setuid or setgid file."""
        found = self.command(word)
        final = None if found is None else self.rootfs.walk(found).final
        # A name is not enough evidence to keep a setuid or setgid file.
        return None if found is None or final is None or final.is_setid else (found, final)

    def is_of_the_base(self, word: str) -> bool:
        """Return whether a command is of an essential package, as `fmt`, a word of formatters."""
        path = self.command(word)
        final = None if path is None else self.rootfs.walk(path).final
        return final is not None and any(package.essential for package in self.owners(final.path))

    def packages(self, ecosystem: Ecosystem) -> Iterator[Package]:
        """Yield the packages of one ecosystem in purl order."""
        for _, package in sorted(self.inventory.packages.items()):
            if package.ecosystem is ecosystem:
                yield package

    def owners(self, path: ImagePath, ecosystem: Ecosystem | None = None) -> tuple[Package, ...]:
        """Return the packages that list a path, in purl order."""
        found = (
            self.inventory.packages.get(purl)
            for purl in sorted(self.inventory.owners.get(path, ()))
        )
        return tuple(
            package
            for package in found
            if package is not None and (ecosystem is None or package.ecosystem is ecosystem)
        )

    @cached_property
    def interpreters(self) -> tuple[ImagePath, ...]:
        """The standard-library directories of the image's Pythons (`…/lib/python3.11`).

        Each has the landmarks `os.py` and `encodings`.
        """
        found = (parent(path) for path in self.index.named("os.py"))
        return tuple(
            sorted(
                home
                for home in found
                if name(home).startswith("python") and ImagePath(f"{home}/encodings") in self.rootfs
            )
        )

    def library_of(self, path: ImagePath) -> ImagePath | None:
        """Return the standard library that a path belongs to, or None.

        Installed distributions below it do not belong to it.
        """
        for home in self.interpreters:
            if path.startswith(f"{home}/") and not path.startswith(
                (f"{home}/site-packages/", f"{home}/dist-packages/")
            ):
                return home
        return None

    @cached_property
    def compiled_libraries(self) -> frozenset[ImagePath]:
        """The standard libraries whose byte code was used."""
        used = (
            self.library_of(path)
            for path in self.uses
            if path.endswith(".pyc") and self.used_as(path, *READ)
        )
        return frozenset(home for home in used if home is not None)

    @cached_property
    def owned_directories(self) -> frozenset[ImagePath]:
        """The directories that hold, at any depth, files of an interpreter or a non-PyPI package.

        They are not an application's tree.
        """
        out: set[ImagePath] = set()
        # A tree with its own environment, or with bundled libraries (PyPI), is still an
        # application's.
        owned = [
            path
            for path, purls in self.inventory.owners.items()
            if any(not purl.startswith(_OF_PROJECTS) for purl in purls)
        ]
        for path in (*owned, *(ImagePath(f"{home}/os.py") for home in self.interpreters)):
            for above in ancestors(path):
                if above in out:
                    break
                out.add(above)
        for path in owned:
            entry = self.rootfs.get(path)
            if entry is not None and entry.is_dir:
                out.add(path)
        return frozenset(out)

    @cached_property
    def configured_programs(self) -> frozenset[ImagePath]:
        """The programs that the image's ENTRYPOINT or CMD and its health check start."""
        health = self.config.healthcheck  # it may run after the profile has ended
        words = [*(self.config.entrypoint or self.config.cmd)[:1]]
        if health is not None and len(health.test) > 1:
            words.append("/bin/sh" if health.test[0] == "CMD-SHELL" else health.test[1])
        found = (
            self.rootfs.walk(path).final
            for word in words
            if (path := self.command(word)) is not None
        )
        return frozenset(entry.path for entry in found if entry is not None)

    @cached_property
    def executed(self) -> Mapping[str, ImagePath]:
        """The programs that ran, or that the image's configuration starts, by base name.

        Names are listed with and without a version suffix (`python3.11`, `python`).
        """
        # What only the import sweep started says nothing of the workload: `gcc -dumpmachine`
        # compiles nothing.
        ran = (
            file.path
            for file in self.observed
            if any(use.use is Use.EXECUTED and use.origin != IMPORT_SWEEP for use in file.uses)
        )
        out: dict[str, ImagePath] = {}
        for path in sorted({*ran, *self.configured_programs}):
            for item in (name(path), _VERSION_SUFFIX.sub("", name(path))):
                out.setdefault(item, path)
        return out

    @cached_property
    def observed_modules(self) -> Mapping[str, ImagePath]:
        """The top-level Python modules with a file that was used, each with the first such file.

        Look-ups do not count. `lib-dynload/_ssl.…` counts as `_ssl`.
        """
        out: dict[str, ImagePath] = {}
        for path, uses in sorted(self.uses.items()):
            if not uses.isdisjoint(READ) and (match := _MODULE.search(path)):
                out.setdefault(match.group(1), path)
        return out

    @cached_property
    def listed_sites(self) -> frozenset[ImagePath]:
        """The directories whose Python distributions a program listed; it needs none of them."""
        return listed_sites(self.inventory, self.bom)

    @cached_property
    def only_listed(self) -> frozenset[ImagePath]:
        """The files that only such a listing looked up; empty at level `observed`."""
        return (
            only_listed(self.rootfs, self.inventory, self.bom, self.listed_sites)
            if self.wide
            else frozenset()
        )

    @cached_property
    def package_names(self) -> frozenset[str]:
        return frozenset(package.name for package in self.inventory.packages.values())

    @cached_property
    def own_distributions(self) -> tuple[Package, ...]:
        """The Python distributions that are the application itself, installed."""
        found = from_directories(self.rootfs, self.packages(Ecosystem.PYPI))
        # A distribution that a package brought (conda) was built from a directory elsewhere.
        return tuple(
            each
            for each in found
            if all(
                owner.ecosystem is Ecosystem.PYPI
                for path in each.metadata
                for owner in self.owners(path)
            )
        )

    @cached_property
    def own_installed(self) -> frozenset[ImagePath]:
        """The files of those distributions, without the installer's metadata."""
        return frozenset(
            path
            for package in self.own_distributions
            for path in package.files
            if path not in package.metadata
        )

    def text(self, entry: Entry) -> bytes:
        """Return the first 4 MiB of a file or of a link's target, 32 MiB of JavaScript.

        Empty if it is not a regular file.
        """
        final = self.rootfs.walk(entry.path).final if entry.is_symlink else entry
        if final is None or not final.is_file:
            return b""
        with self.rootfs.open(final.path) as stream:
            return stream.read(MAX_BUNDLE if final.path.endswith(_BUNDLES) else MAX_TEXT)

    @cached_property
    def homes(self) -> tuple[ImagePath, ...]:
        """The home directories of the image's user that exist, HOME included."""
        user = self.config.user.partition(":")[0] or "root"
        wanted = (
            self.config.env.get("HOME", ""),
            *(home for name, number, home in self.accounts if user in (name, number)),
        )
        walks = (self.rootfs.walk(item) for item in wanted if item.startswith("/"))
        return tuple(
            dict.fromkeys(
                walk.final.path for walk in walks if walk.final is not None and walk.final.is_dir
            )
        )

    @cached_property
    def accounts(self) -> tuple[tuple[str, str, str], ...]:
        """The name, number and home directory of each account of the image (passwd(5))."""
        passwd = self.rootfs.walk("/etc/passwd").final
        lines = (
            self.text(passwd).decode("utf-8", "replace").splitlines()
            if passwd is not None and passwd.is_file
            else []
        )
        fields = (line.split(":") for line in lines)
        # name, password, UID, GID, comment, home, shell
        return tuple((item[0], item[2], item[5]) for item in fields if len(item) >= 6)  # noqa: PLR2004
