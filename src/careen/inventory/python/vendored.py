"""Finder of vendored Python code: `pip/_vendor`, `requests/packages`, `joblib/externals`.

A list in the directory (`vendor.txt`) states names and versions, otherwise a module's own version
constant does. Listed but missing modules, which a distribution may remove, are not reported. Copies
with a dist-info are left to the finder of distributions.
"""

from collections.abc import Iterator, Mapping, Sequence

from packageurl import PackageURL
from packaging.utils import canonicalize_name

from careen.errors import ImageError
from careen.formats.identity import is_plain
from careen.formats.python_vendor_list import (
    MAX_LIST,
    MAX_MODULE,
    VENDOR_LISTS,
    VERSION_FILES,
    distribution_of,
    is_vendor_directory,
    module_path,
    module_paths,
    read_vendor_list,
    same_version,
    version_constant,
)
from careen.inventory.allowance import Allowance
from careen.inventory.port import Found
from careen.inventory.unknowns import Unknowns
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ImagePath, join, name, parent
from careen.oci.tree.rootfs import Rootfs

_OWN = frozenset({"__init__", "conftest", "setup", "vendoring"})  # modules of the directory itself
_NAMED = 5


def find(rootfs: Rootfs) -> Found:
    """Return the vendored distributions, EMBEDDED.

    `modules` are those that are there, `files` their own; `record` is the list or the file with the
    constant.
    """
    return _Vendored(rootfs).find()


class _Vendored:
    """One pass over an image."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._unknowns = Unknowns()
        self._allowance = Allowance(rootfs)
        self._seen: dict[ImagePath, Mapping[str, ImagePath]] = {}

    def find(self) -> Found:
        packages: list[Package] = []
        for entry in self._rootfs:
            if entry.is_dir and is_vendor_directory(entry.path) and self._is_python(entry.path):
                try:
                    packages.extend(self._directory(entry.path))
                except ImageError as error:
                    self._unknowns.add(entry.path, error)
        return Found(tuple(packages), self._unknowns.all())

    def _is_python(self, directory: ImagePath) -> bool:
        """Return whether a directory is Python's; other languages have these names, too."""
        return any(
            join(place, "__init__.py") in self._rootfs for place in (directory, parent(directory))
        )

    def _directory(self, directory: ImagePath) -> Iterator[Package]:
        modules = self._modules(directory)
        done = self._with_dist_info(directory)
        for record in self._rootfs.children(directory):
            if name(record) in VENDOR_LISTS and self._rootfs[record].is_file:
                for distribution, version in self._listed(record).items():
                    wanted = module_paths(distribution)
                    found = [self._place(modules, path) for path in wanted]
                    places = [place for place in found if place is not None]
                    if places:
                        done.update(path.partition("/")[0] for path in wanted)
                        yield self._package(
                            distribution,
                            self._true_version(places[0], version, record),
                            record,
                            places,
                            f"listed in {record}",
                        )
        yield from self._unlisted(
            directory,
            {
                module: place
                for module, place in modules.items()
                if module not in done and module not in _OWN
            },
        )

    def _modules(self, directory: ImagePath) -> Mapping[str, ImagePath]:
        """Return a directory's modules by lower-case name: a directory or a `.py` file (cached)."""
        if directory in self._seen:
            return self._seen[directory]
        out: dict[str, ImagePath] = {}
        for path in self._rootfs.children(directory):
            base = name(path)
            if self._rootfs[path].is_dir:
                if base.isidentifier() and base != "__pycache__":
                    out[base.lower()] = path
            elif base.endswith(".py"):
                out.setdefault(base.removesuffix(".py").lower(), path)
        self._seen[directory] = out
        return out

    def _place(self, modules: Mapping[str, ImagePath], wanted: str) -> ImagePath | None:
        first, *rest = wanted.split("/")
        place = modules.get(first)
        for part in rest[:5]:
            place = self._modules(place).get(part) if place is not None else None
        return place

    def _with_dist_info(self, directory: ImagePath) -> set[str]:
        """Return the first names of modules whose distribution has a dist-info or egg-info here."""
        infos = (
            name(path)
            for path in self._rootfs.children(directory)
            if path.endswith((".dist-info", ".egg-info"))
        )
        return {
            module_path(info.partition("-")[0].removesuffix(".egg")).partition("/")[0]
            for info in infos
        }

    def _listed(self, record: ImagePath) -> Mapping[str, str]:
        try:
            return read_vendor_list(self._allowance.read(record, MAX_LIST))
        except ImageError as error:
            self._unknowns.add(record, error)
            return {}

    def _unlisted(
        self, directory: ImagePath, modules: Mapping[str, ImagePath]
    ) -> Iterator[Package]:
        unnamed: list[str] = []
        for module, place in sorted(modules.items()):
            version, record = self._constant(place)
            # A private name is not a distribution's.
            if not module.startswith("_") and version:
                yield self._package(
                    distribution_of(module),
                    version,
                    record,
                    [place],
                    f"version constant in {record}, named after its module",
                )
            elif self._is_module(place):
                unnamed.append(f"{module} {version}".strip())
        if unnamed:
            named = ", ".join(text for text in unnamed[:_NAMED] if text.isprintable())
            self._unknowns.add(
                directory,
                f"vendored modules that do not say which version of what they are ({len(unnamed)}):"
                f" {named}",
            )

    def _is_module(self, place: ImagePath) -> bool:
        return self._rootfs[place].is_file or any(
            path.endswith((".py", ".so")) for path in self._rootfs.children(place)
        )

    def _constant(self, place: ImagePath) -> tuple[str, ImagePath]:
        """Return a module's version and the file that states it, or "" and the module itself."""
        paths = (
            [place]
            if self._rootfs[place].is_file
            else [join(place, file) for file in VERSION_FILES]
        )
        for path in paths:
            entry = self._rootfs.get(path)
            if entry is None or not entry.is_file or entry.size > MAX_MODULE:
                continue
            if version := version_constant(self._allowance.read(path, MAX_MODULE)):
                return version, path
        return "", place

    def _true_version(self, place: ImagePath, listed: str, record: ImagePath) -> str:
        """Return a listed module's version; its own constant outweighs an outdated list."""
        stated, path = self._constant(place)
        if not stated or same_version(stated, listed) or place.endswith("/pkg_resources"):
            return listed
        self._unknowns.add(
            record,
            f"lists version {listed} of {name(place)}, {path} states {stated}, which is taken",
        )
        return stated

    def _package(
        self,
        distribution: str,
        version: str,
        record: ImagePath,
        places: Sequence[ImagePath],
        evidence: str,
    ) -> Package:
        if not is_plain(distribution):
            msg = f"{record}: no usable name of a vendored module: {distribution[:80]!r}"
            raise ImageError(msg)
        normal = canonicalize_name(distribution)
        return Package(
            ecosystem=Ecosystem.PYPI,
            name=normal,
            version=version,
            purl=PackageURL("pypi", None, normal, version).to_string(),
            record=record,
            files=tuple(
                path
                for place in places
                for path in self._allowance.counted(self._files(place), place)
            ),
            metadata=(record,),
            modules=tuple(name(place).removesuffix(".py") for place in places),
            presence=Presence.EMBEDDED,
            evidence=evidence,
        )

    def _files(self, place: ImagePath) -> Iterator[ImagePath]:
        if self._rootfs[place].is_file:
            yield place
            cached = join(parent(place), "__pycache__")
            prefix = f"{cached}/{name(place).removesuffix('.py')}."
            yield from (path for path in self._rootfs.children(cached) if path.startswith(prefix))
            return
        yield from (entry.path for entry in self._rootfs.below(place) if not entry.is_dir)
