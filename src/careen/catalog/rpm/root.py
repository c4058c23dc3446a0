"""A root of Red Hat's packages by dnf and rpm, saved after each step."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.catalog.isolation import (
    apart,
    environment,
    finished,
    inside,
    proxies,
    require_room,
    said,
    save,
)
from careen.catalog.pinned import require_pinned
from careen.catalog.port import Key, PackageSources, RootRequest
from careen.catalog.rpm.failures import SCRIPT_FAILED, failure
from careen.errors import ToolError
from careen.model.catalog.lock import LockedPackage
from careen.tools.process import Program

DNF = Program(("dnf",), "dnf")
RPM = Program(("rpm",), "rpm")
_DATABASES: Mapping[str, str] = {"8": "/var/lib/rpm", "9": "/var/lib/rpm"}
_NEWER_DATABASE = "/usr/lib/sysimage/rpm"
_EXCLUDED = ("./var/cache/dnf/*", "./var/lib/dnf", "./var/log/dnf*", "./var/log/hawkey.log")
_MAIN = """[main]
gpgcheck=1
localpkg_gpgcheck=1
install_weak_deps=0
best=1
reposdir={none}
pluginpath={none}
varsdir={none}
module_platform_id=platform:el{release}
retries=2
timeout=30
"""


@dataclass(frozen=True, slots=True)
class RpmPlaces:
    """Where one build keeps settings and fetched packages."""

    into: Path

    @property
    def settings(self) -> Path:
        return self.into / "dnf.conf"

    def fetched(self, number: int) -> Path:
        """Return the folder of the packages of a step and of those before it."""
        return self.into / f"fetched-{number}"


def make_root(wanted: RootRequest) -> None:
    """Make the root and save it after each step: dnf resolves, fetches and verifies, rpm installs.

    Scripts of packages run in rpm's runs, without a network. Raises ToolError with the cause,
    InputError without room, VerificationError if what is fetched is not what is locked.
    """
    DNF.require()
    rpm = RPM.require()
    require_room(wanted.into)
    places = RpmPlaces(wanted.into)
    (wanted.into / "tmp").mkdir(mode=0o755)
    write_settings(places, wanted.sources, wanted.release)
    database = _DATABASES.get(wanted.release.partition(".")[0], _NEWER_DATABASE)
    macros = f"%_dbpath {database}\n%_db_backend sqlite\n"
    (wanted.into / ".rpmmacros").write_text(macros, "utf-8")
    _fetch(wanted, places)
    places.settings.unlink()  # it may hold passwords of the sources, which scripts could read
    if wanted.pins:
        _require_locked(wanted, places)
    root = wanted.into / "root"
    root.mkdir(mode=0o755)
    before: set[str] = set()
    for number in range(len(wanted.steps)):
        files = [x for x in sorted(places.fetched(number).glob("*.rpm")) if x.name not in before]
        before |= {each.name for each in files}
        if files:
            # dnf has verified the signatures; rpm still checks the digests
            words = [rpm, "--root", str(root), "--nosignature", "--install", *map(str, files)]
            output = _run(wanted, inside(root, words), "rpm", alone=True)
            if failed := SCRIPT_FAILED.search(output):
                raise _failed(wanted, failed[0])
        save(root, wanted.saved(number), _EXCLUDED)


def write_settings(places: RpmPlaces, sources: PackageSources, release: str) -> None:
    """Write the settings of a dnf that knows only these repositories and this key."""
    parts = [_MAIN.format(none=places.into / "none", release=release.partition(".")[0])]
    for number, line in enumerate(sources.lines):
        keys = f"gpgkey=file://{sources.keys.absolute()}\n" if sources.keys is not None else ""
        parts.append(f"[careen-{number}]\nname=careen-{number}\nbaseurl={line}\n{keys}")
    places.settings.touch(mode=0o600)
    places.settings.write_text("\n".join(parts), "utf-8")


def dnf_words(places: RpmPlaces, release: str, architecture: str) -> list[str]:
    """Return the words before a command of dnf, by these settings and in an empty root."""
    return [
        *(DNF.require(), "--assumeyes", "--quiet", "--config", str(places.settings)),
        *("--installroot", str(places.into / "empty"), "--releasever", release),
        *("--forcearch", architecture),
    ]


def _fetch(wanted: RootRequest, places: RpmPlaces) -> None:
    """Resolve the packages of each step together with those before it, fetch and verify them."""
    names: list[str] = []
    for number, packages in enumerate(wanted.steps):
        names = [*names, *packages]
        asked = _locked(wanted.pins[: number + 1]) if wanted.pins else sorted(set(names))
        folder = places.fetched(number)
        folder.mkdir(mode=0o755)
        argv = [
            *apart(alone=False),
            *dnf_words(places, wanted.release, wanted.architecture),
            *("--downloadonly", "--destdir", str(folder), "install", *asked),
        ]
        _run(wanted, argv, "dnf")
        if not wanted.pins:  # the next step has these and more, and no other alternative
            names = [each.name.removesuffix(".rpm") for each in sorted(folder.glob("*.rpm"))]


def _require_locked(wanted: RootRequest, places: RpmPlaces) -> None:
    """Raise VerificationError unless each step would install the files of the lock."""
    before: set[str] = set()
    for number in range(len(wanted.steps)):
        files = {x.name: x for x in places.fetched(number).glob("*.rpm") if x.name not in before}
        locked = {
            _file((each.name, each.architecture, each.version)): each.sha256
            for each in wanted.pins[number]
        }
        require_pinned(locked, {name: _digest(path) for name, path in files.items()})
        before |= files.keys()


def _file(key: Key) -> str:
    """Return the name of a package's file, which has no epoch."""
    name, architecture, version = key
    return f"{name}-{version.rpartition(':')[2]}.{architecture}.rpm"


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _locked(pins: Iterable[Sequence[LockedPackage]]) -> list[str]:
    """Return the packages as dnf names them: name, epoch:version-release, architecture."""
    locked = {each for step in pins for each in step}
    return sorted(f"{each.name}-{each.version}.{each.architecture}" for each in locked)


def digests(wanted: RootRequest, keys: Collection[Key]) -> Mapping[Key, str]:
    """Return the SHA-256 of the fetched files of these packages."""
    last = RpmPlaces(wanted.into).fetched(len(wanted.steps) - 1)
    paths = {key: last / _file(key) for key in keys}
    return {key: _digest(path) for key, path in paths.items() if path.is_file()}


def _run(wanted: RootRequest, argv: Sequence[str], what: str, *, alone: bool = False) -> str:
    env = {**({} if alone else proxies()), **environment(wanted.into / "tmp", wanted.epoch)}
    env["HOME"] = str(wanted.into)  # rpm reads .rpmmacros there
    done = finished(argv, env, what)
    if done.status != 0:
        raise _failed(wanted, said(done))
    return said(done)


def _failed(wanted: RootRequest, output: str) -> ToolError:
    return ToolError(f"building the root of Red Hat {wanted.release}: {failure(output)}")
