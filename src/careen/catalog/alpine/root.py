"""A root of Alpine's packages by apk, saved after each step."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.catalog.alpine.failures import UNREAD, failure
from careen.catalog.alpine.sources import key_files
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
from careen.catalog.port import PackageSources, RootRequest
from careen.errors import ToolError
from careen.tools.process import Program

APK = Program(("apk", "apk.static"), "apk-tools")
REMEDY = "put `apk.static` of Alpine's package apk-tools-static into a directory of PATH"
_WORLD = "etc/apk/world"
_EXCLUDED = ("./var/cache/apk/*", "./lib/apk/db/lock", "./usr/lib/apk/db/lock")


def require_apk() -> str:
    """Return the path of apk. Raises ToolError with where to get it."""
    found = APK.path()
    if found is None:
        msg = f"apk: not found on this machine; Debian has no package of it: {REMEDY}"
        raise ToolError(msg)
    return found


@dataclass(frozen=True, slots=True)
class ApkPlaces:
    """Where one build keeps keys, repositories, fetched packages and roots."""

    into: Path

    @property
    def keys(self) -> Path:
        return self.into / "keys"

    @property
    def repositories(self) -> Path:
        return self.into / "repositories"

    @property
    def cache(self) -> Path:
        return self.into / "cache"

    @property
    def fetched(self) -> Path:
        """The folder of what is fetched, one repository for each index."""
        return self.into / "fetched"


def prepared(into: Path, sources: PackageSources) -> ApkPlaces:
    """Return the places of a build with the keys and the repositories in them."""
    places = ApkPlaces(into)
    for folder in (places.keys, places.cache, into / "tmp"):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if sources.keys is not None:
        for key in key_files(sources.keys):
            shutil.copyfile(key, places.keys / key.name)
    places.repositories.touch(mode=0o600)
    places.repositories.write_text("\n".join((*sources.lines, "")), "utf-8")
    return places


def make_root(wanted: RootRequest) -> None:
    """Make the root and save it after each step; a first run fetches, a second one installs.

    Only indexes that a given key signs are used, and only packages that they name. Scripts of
    packages run in the second run, without a network. Raises ToolError, InputError without room,
    VerificationError if what is fetched is not what is locked.
    """
    require_apk()
    require_room(wanted.into)
    places = prepared(wanted.into, wanted.sources)
    _fetch(wanted, places)
    # scripts of packages run from here on, and could read passwords of the sources
    local = [x for x in wanted.sources.lines if x.startswith("/")]
    fetched = _repositories(places, wanted.architecture)
    places.repositories.write_text("\n".join((*map(str, fetched), *local, "")), "utf-8")
    if wanted.pins:
        require_pinned(*_compared(wanted, places))
    root = wanted.into / "root"
    root.mkdir(mode=0o755)
    for number in range(len(wanted.steps)):
        first = ("--initdb",) if number == 0 else ()
        asked = ["add", *first, "--no-network", *_pinned(wanted, number)]
        _apk(wanted, inside(root, apk_words(places, wanted.architecture, root, asked)), alone=True)
        if wanted.pins:
            names = {name for step in wanted.steps[: number + 1] for name in step}
            (root / _WORLD).write_text("\n".join((*sorted(names), "")), "utf-8")
        save(root, wanted.saved(number), _EXCLUDED)


def _fetch(wanted: RootRequest, places: ApkPlaces) -> None:
    """Fetch and verify the indexes, and the packages of each step with those before it."""
    empty = wanted.into / "empty"
    for words in (["add", "--initdb"], ["update"]):
        argv = apk_words(places, wanted.architecture, empty, words)
        output = _apk(wanted, [*apart(alone=False), *argv])
        if unread := UNREAD.search(output):
            raise _failed(wanted, unread[0])
    for number in range(len(wanted.steps)):
        (empty / _WORLD).write_text("\n".join((*_pinned(wanted, number), "")), "utf-8")
        argv = apk_words(places, wanted.architecture, empty, ["cache", "download"])
        _apk(wanted, [*apart(alone=False), *argv])


def _compared(
    wanted: RootRequest, places: ApkPlaces
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the SHA-256 of the packages by file: those of the lock, and those that are here."""
    locked = {f"{each.name}-{each.version}.apk": each.sha256 for each in wanted.pinned}
    fetched = {path.name for path in places.fetched.glob("*/*/*.apk")}
    here = {name: digest_of(wanted, name) for name in fetched | locked.keys()}
    return locked, {name: digest for name, digest in here.items() if digest}


def digest_of(wanted: RootRequest, file: str) -> str:
    """Return the SHA-256 of a package's file, fetched or of a local repository; "" without it."""
    local = [Path(x) / wanted.architecture for x in wanted.sources.lines if x.startswith("/")]
    fetched = ApkPlaces(wanted.into).fetched.glob(f"*/{wanted.architecture}")
    places = (folder / file for folder in (*sorted(fetched), *local))
    path = next((each for each in places if each.is_file()), None)
    if path is None:
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _repositories(places: ApkPlaces, architecture: str) -> tuple[Path, ...]:
    """Make a local repository of each fetched index, with all fetched packages; return them."""
    out: list[Path] = []
    for number, index in enumerate(sorted(places.cache.glob("APKINDEX.*.tar.gz"))):
        folder = places.fetched / str(number) / architecture
        folder.mkdir(parents=True)
        index.rename(folder / "APKINDEX.tar.gz")
        for path in places.cache.glob("*.apk"):  # NAME-VERSION.DIGEST.apk
            (folder / f"{path.name.rsplit('.', 2)[0]}.apk").hardlink_to(path)
        out.append(folder.parent)
    return tuple(out)


def _pinned(wanted: RootRequest, number: int) -> Sequence[str]:
    """Return what apk is asked for: all packages up to a step, with their versions if locked."""
    if wanted.pins:
        locked = {each for step in wanted.pins[: number + 1] for each in step}
        return sorted(f"{each.name}={each.version}" for each in locked)
    return sorted({name for step in wanted.steps[: number + 1] for name in step})


def apk_words(places: ApkPlaces, architecture: str, root: Path, words: Sequence[str]) -> list[str]:
    """Return the words of a call of apk that knows only these keys and repositories."""
    verb, *rest = words
    return [
        require_apk(),
        *("--root", str(root), "--arch", architecture, "--no-progress", "--wait", "0"),
        *("--keys-dir", str(places.keys), "--repositories-file", str(places.repositories)),
        *("--cache-dir", str(places.cache), verb),
        *rest,
    ]


def _apk(wanted: RootRequest, argv: Sequence[str], *, alone: bool = False) -> str:
    env = {**({} if alone else proxies()), **environment(wanted.into / "tmp", wanted.epoch)}
    done = finished(argv, env, "apk")
    if done.status != 0:
        raise _failed(wanted, said(done))
    return said(done)


def _failed(wanted: RootRequest, output: str) -> ToolError:
    return ToolError(f"building the root of Alpine {wanted.release}: {failure(output)}")
