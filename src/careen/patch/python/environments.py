"""Python environments of an image: their interpreters, directories and distributions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from careen.errors import ImageError
from careen.formats.json_document import mapping, parse_object
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.paths import ROOT, ImagePath, join, name, parent
from careen.oci.tree.rootfs import Rootfs
from careen.patch.python.requirements import Installed, installed_of

_SITE = re.compile(
    r"(?P<prefix>/.*?|)/lib(?:64)?/(?P<kind>python|pypy)(?P<version>3(?:\.\d{1,3})?)/(?:site|dist)-packages\Z"
)
_USER = re.compile(r"/\.local\Z")
_TAG = re.compile(r"\.cpython-3(\d{1,2})-")
_KEY = re.compile(r"[\w-]+")
_SMALL = 1 << 20
_MANAGED = {
    Ecosystem.DEB: "Debian",
    Ecosystem.RPM: "rpm",
    Ecosystem.APK: "apk",
    Ecosystem.CONDA: "conda",
}
_SYSTEM = (ImagePath("/usr"), ImagePath("/usr/local"))
# Hard links can make one large METADATA a thousand files.
MAX_BYTES = 256 << 20
"""Bytes of records that are read of one image; the largest image seen has 8 MB."""

MAX_ENVIRONMENTS = 500
"""Environments of one image that are read; the most seen in a real one is 12."""


@dataclass(frozen=True, slots=True)
class Dist:
    """One installed distribution.

    `info` is its dist-info or egg-info. `foreign` says why it cannot be upgraded in this
    environment, "" if it can.
    """

    package: Package
    installed: Installed
    info: ImagePath
    site: ImagePath
    installer: str = ""
    foreign: str = ""

    @property
    def name(self) -> str:
        """The normalised name."""
        return self.installed.name


@dataclass(frozen=True, slots=True)
class Environment:
    """One Python environment.

    `kind` is `system`, `venv`, `conda`, `user` or `target`. `python` is the interpreter's path,
    "" if there is no interpreter; `version` is like `3.11`, "" if unknown. `sites` are its own
    package directories in the order of sys.path, `shared` the system's that it sees too.
    `installer` installed most of it (`pip`, `uv`, `poetry`, `pipx`, `conda`). `managed`: it is
    EXTERNALLY-MANAGED; `locked`: it has uv's lock file.
    """

    prefix: ImagePath
    kind: str
    python: str
    version: str
    sites: tuple[ImagePath, ...]
    shared: tuple[ImagePath, ...] = ()
    installer: str = ""
    managed: bool = False
    locked: bool = False
    dists: Mapping[str, Dist] = field(default_factory=dict)
    """Distributions in `sites`, by purl, in the order of `sites`."""
    base: tuple[Dist, ...] = ()
    """Distributions in `shared`."""

    @property
    def visible(self) -> Mapping[str, Dist]:
        """The distribution that Python finds for each name: the first in the order of sys.path."""
        everything = (*self.dists.values(), *self.base)
        return {dist.name: dist for dist in reversed(everything)}

    @property
    def scripts(self) -> ImagePath:
        """Directory of its console scripts."""
        # Debian's system Python keeps those of pip below /usr/local.
        here = self.sites[0] if self.sites else self.prefix
        match = _SITE.match(here)
        return join(
            ImagePath((match.group("prefix") or "/") if match and self.kind != "target" else here),
            "bin",
        )


def environments(rootfs: Rootfs, inventory: Inventory) -> tuple[Environment, ...]:
    """Return the environments, sorted by prefix.

    Only reads the image; none of its content raises an error.
    """
    return _Finder(rootfs, inventory).find()


class _Finder:
    def __init__(self, rootfs: Rootfs, inventory: Inventory) -> None:
        self._rootfs = rootfs
        self._inventory = inventory
        self._left = MAX_BYTES
        self._by_site: dict[ImagePath, dict[str, Package]] = {}
        for purl, package in inventory.packages.items():
            if (
                package.ecosystem is Ecosystem.PYPI
                and package.presence is Presence.INSTALLED
                and package.record.endswith(_RECORDS)
            ):
                info = (
                    package.record
                    if package.record.endswith(".egg-info")
                    else parent(package.record)
                )
                self._by_site.setdefault(parent(info), {})[purl] = package

    def find(self) -> tuple[Environment, ...]:
        sites: dict[tuple[ImagePath, str], list[ImagePath]] = {}
        for entry in self._rootfs:
            if (
                entry.is_dir
                and entry.path.endswith(("/site-packages", "/dist-packages"))
                and (match := _SITE.match(entry.path))
            ):
                prefix = ImagePath(match.group("prefix") or "/")
                sites.setdefault((prefix, match.group("version")), []).append(entry.path)
        found: list[Environment] = []
        for (prefix, version), places in sites.items():
            if (
                len(found) < MAX_ENVIRONMENTS
                and (made := self._regular(prefix, version, tuple(places), sites)) is not None
            ):
                found.append(made)
        known = {site for each in found for site in (*each.sites, *each.shared)}
        for site in sorted(set(self._by_site) - known):
            if len(found) < MAX_ENVIRONMENTS and not self._vendored(site):
                found.append(self._target(site, found))
        return tuple(sorted(found, key=lambda each: (each.prefix, each.version)))

    def _regular(
        self,
        prefix: ImagePath,
        version: str,
        places: tuple[ImagePath, ...],
        sites: Mapping[tuple[ImagePath, str], list[ImagePath]],
    ) -> Environment | None:
        config = self._config(prefix)
        if _USER.search(prefix):
            base = self._system_of(version)
            shared = self._system_sites(version, sites) if base else ()
            return self._made(prefix, "user", base, version, places, shared)
        if config is not None:
            shared = (
                self._system_sites(version, sites)
                if config.get("include-system-site-packages", "").lower() == "true"
                else ()
            )
            kind = "conda" if self._is_dir(join(prefix, "conda-meta")) else "venv"
            return self._made(prefix, kind, self._python(prefix, version), version, places, shared)
        if prefix == "/usr" and version == "3":
            return (
                self._made(prefix, "system", *self._debian(places, sites))
                if ("/usr", self._minor()) not in sites
                else None
            )
        if (
            prefix == "/usr/local"
            and not self._python(prefix, version)
            and self._python(ImagePath("/usr"), version)
        ):
            return (
                self._made(ImagePath("/usr"), "system", *self._debian(places, sites))
                if not self._in_usr(version, sites)
                else None
            )
        if prefix == "/usr" and version == self._minor():
            return self._made(prefix, "system", *self._debian(places, sites))
        kind = "conda" if self._is_dir(join(prefix, "conda-meta")) else "system"
        return self._made(prefix, kind, self._python(prefix, version), version, places)

    def _in_usr(self, version: str, sites: Mapping[tuple[ImagePath, str], list[ImagePath]]) -> bool:
        return (ImagePath("/usr"), version) in sites or (ImagePath("/usr"), "3") in sites

    def _debian(
        self, places: tuple[ImagePath, ...], sites: Mapping[tuple[ImagePath, str], list[ImagePath]]
    ) -> tuple[str, str, tuple[ImagePath, ...]]:
        """Return a system Python's interpreter, version and several directories."""
        version = self._minor()
        usr, local = ImagePath("/usr"), ImagePath("/usr/local")
        # pip fills the directory of /usr/local, which comes first; packages fill dist-packages.
        mine = sites.get((local, version), []) if not self._python(local, version) else []
        order = (*mine, *sites.get((usr, version), []), *sites.get((usr, "3"), []))
        return self._python(usr, version), version, order or places

    def _minor(self) -> str:
        """Return `3.13` for /usr/bin/python3, or "" if it is missing."""
        entry = self._rootfs.find("/usr/bin/python3")
        match = re.search(r"python(3\.\d{1,3})\Z", entry.path) if entry is not None else None
        return match.group(1) if match else ""

    def _system_of(self, version: str) -> str:
        return next(
            (python for prefix in reversed(_SYSTEM) if (python := self._python(prefix, version))),
            "",
        )

    def _system_sites(
        self, version: str, sites: Mapping[tuple[ImagePath, str], list[ImagePath]]
    ) -> tuple[ImagePath, ...]:
        local = sites.get((ImagePath("/usr/local"), version), [])
        if self._python(ImagePath("/usr/local"), version):
            return tuple(local)
        return (
            *local,
            *sites.get((ImagePath("/usr"), version), []),
            *sites.get((ImagePath("/usr"), "3"), []),
        )

    def _python(self, prefix: ImagePath, version: str) -> str:
        """Return the interpreter of a prefix, or "" if it has none."""
        for word in (f"python{version}", "python3", "python", f"pypy{version}", "pypy3"):
            path = join(prefix, "bin", word)
            # A link must lead to a program of the image.
            walked = self._rootfs.walk(path)
            if (
                walked.final is not None
                and walked.final.is_executable
                and _fits(walked.end, version)
            ):
                return path
        return ""

    def _config(self, prefix: ImagePath) -> dict[str, str] | None:
        text = self._text(join(prefix, "pyvenv.cfg"))
        if text is None:
            return None
        stated = (line.partition("=") for line in text.splitlines()[:100])
        words = ((key.strip(), sign, value.strip()) for key, sign, value in stated)
        return {key.lower(): value for key, sign, value in words if sign and _KEY.fullmatch(key)}

    def _target(self, site: ImagePath, known: Iterable[Environment]) -> Environment:
        """Return the environment of a directory that is added to sys.path some other way."""
        pythons = {
            each.version: each.python
            for each in known
            if each.kind in ("system", "conda") and each.python
        }
        paths = (path for package in self._by_site[site].values() for path in package.files)
        found = (_TAG.search(path, path.rfind("/") + 1) for path in paths if path.endswith(".so"))
        # Its Python is that of its extension modules, else the image's only one.
        tags = {f"3.{match.group(1)}" for match in found if match}
        fitting = [version for version in pythons if version in tags] if tags else list(pythons)
        version = fitting[0] if len(fitting) == 1 else ""
        return self._made(site, "target", pythons.get(version, ""), version, (site,))

    def _vendored(self, site: ImagePath) -> bool:
        """Return whether another distribution owns those in a directory (`setuptools/_vendor`)."""
        for purl, package in self._by_site[site].items():
            for owner in self._inventory.owners.get(package.record, ()):
                if (
                    owner != purl
                    and (other := self._inventory.packages.get(owner)) is not None
                    and other.ecosystem is Ecosystem.PYPI
                ):
                    return True
        return False

    def _made(
        self,
        prefix: ImagePath,
        kind: str,
        python: str,
        version: str,
        sites: tuple[ImagePath, ...],
        shared: tuple[ImagePath, ...] = (),
    ) -> Environment:
        dists = {
            purl: self._dist(package, site)
            for site in sites
            for purl, package in self._by_site.get(site, {}).items()
        }
        base = tuple(
            self._dist(package, site)
            for site in shared
            for package in self._by_site.get(site, {}).values()
        )
        stdlib = ImagePath(
            f"{'' if prefix == ROOT else prefix}/lib/python{version}/EXTERNALLY-MANAGED"
        )
        installer = self._installer(prefix, kind, dists.values())
        lock = join(prefix, ".lock") in self._rootfs
        return Environment(
            prefix,
            kind,
            python,
            version,
            sites,
            shared,
            installer,
            stdlib in self._rootfs,
            lock,
            dists,
            base,
        )

    def _installer(self, prefix: ImagePath, kind: str, dists: Iterable[Dist]) -> str:
        if kind == "conda":
            return "conda"
        if join(prefix, "pipx_metadata.json") in self._rootfs or "/pipx/venvs/" in f"{prefix}/":
            return "pipx"
        if "uv" in (self._config(prefix) or {}):
            return "uv"
        words = [dist.installer.split(" ")[0].lower() for dist in dists if dist.installer]
        return max(sorted(set(words)), key=words.count, default="")

    def _dist(self, package: Package, site: ImagePath) -> Dist:
        info = package.record if package.record.endswith(".egg-info") else parent(package.record)
        installer = (self._text(join(info, "INSTALLER")) or "").strip()[:40]
        name_ = canonicalize_name(package.name)
        metadata = (
            self._text(join(info, "METADATA" if info.endswith(".dist-info") else "PKG-INFO")) or ""
        )
        return Dist(
            package,
            installed_of(name_, package.version, metadata),
            info,
            site,
            installer,
            self._foreign(package, info, name_),
        )

    def _foreign(self, package: Package, info: ImagePath, dist: str) -> str:
        for owner in self._inventory.owners.get(
            join(info, "METADATA"), ()
        ) or self._inventory.owners.get(package.record, ()):
            other = self._inventory.packages.get(owner)
            if other is not None and other.ecosystem in _MANAGED:
                return (
                    f"owned by the {_MANAGED[other.ecosystem]} package {other.name}"
                    f" {other.version}, which is what to upgrade"
                )
        origin = mapping(self._object(join(info, "direct_url.json")))
        if mapping(origin.get("dir_info")).get("editable") is True:
            return "an editable install: its source tree is what to change"
        if origin.get("vcs_info") is not None or origin.get("dir_info") is not None:
            return "installed from a source tree or repository, not from an index"
        site = parent(info)
        if any(
            join(site, word) in self._rootfs
            for word in (
                f"{dist}.egg-link",
                f"__editable__.{dist.replace('-', '_')}-{package.version}.pth",
            )
        ):
            return "an editable install: its source tree is what to change"
        if package.record.endswith("/RECORD") or join(info, "installed-files.txt") in self._rootfs:
            return ""
        return "it has no RECORD, so which files are its own cannot be told"

    def _object(self, path: ImagePath) -> Mapping[str, object] | None:
        text = self._text(path)
        if text is None:
            return None
        try:
            return parse_object(text.encode(), path, ImageError)
        except ImageError:
            return None

    def _text(self, path: ImagePath) -> str | None:
        entry = self._rootfs.get(path)
        if entry is None or not entry.is_file or entry.size > min(_SMALL, self._left):
            return None
        self._left -= entry.size
        return self._rootfs.read(path, _SMALL).decode("utf-8", "replace")

    def _is_dir(self, path: ImagePath) -> bool:
        entry = self._rootfs.get(path)
        return entry is not None and entry.is_dir


_RECORDS = ("/RECORD", "/METADATA", "/PKG-INFO", ".egg-info")


def _fits(program: ImagePath, version: str) -> bool:
    """Return whether a program's name allows the version; a name without a version allows any."""
    match = re.search(r"3\.\d{1,3}", name(program))
    return match is None or version in ("", "3") or match.group() == version
