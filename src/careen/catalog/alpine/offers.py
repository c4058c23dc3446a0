"""Which versions apk would install today, asked without installing anything."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from careen.catalog.alpine.failures import UNREAD, failure
from careen.catalog.alpine.root import ApkPlaces, apk_words, prepared
from careen.catalog.isolation import environment, finished, proxies, said, tied
from careen.catalog.port import PackageSources
from careen.errors import ToolError
from careen.formats.versions.apk import APK

_NAME = re.compile(r"(\S{1,200}) policy:")
_VERSION = re.compile(r"  (\S{1,200}):")
_AT_ONCE = 500  # names in one call


class ApkOffers:
    """The offers of one set of repositories; `folder` keeps their indexes."""

    def __init__(self, folder: Path, sources: PackageSources, architecture: str) -> None:
        self._folder = folder.absolute()
        self._sources = sources
        self._architecture = architecture

    def update(self) -> None:
        """Fetch and verify the indexes. Raises ToolError with the cause."""
        prepared(self._folder, self._sources)
        for words in (["add", "--initdb"], ["update"]):
            output = self._said(words)
            if unread := UNREAD.search(output):
                raise _failed(unread[0])

    def candidates(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the newest version of each package, "" for none. Raises ToolError."""
        wanted = sorted(set(names))
        out = dict.fromkeys(wanted, "")
        for start in range(0, len(wanted), _AT_ONCE):
            words = ["policy", "--no-network", *wanted[start : start + _AT_ONCE]]
            found = parsed_policy(self._said(words))
            out |= {key: value for key, value in found.items() if key in out}
        return out

    def close(self) -> None:
        """Remove the repositories, which may hold passwords; the indexes stay."""
        ApkPlaces(self._folder).repositories.unlink(missing_ok=True)

    def _said(self, words: Sequence[str]) -> str:
        places = prepared(self._folder, self._sources)
        known = apk_words(places, self._architecture, self._folder / "root", words)
        env = {**proxies(), **environment(self._folder / "tmp", 0)}
        done = finished([*tied(), *known], env, "apk")
        if done.status != 0:
            raise _failed(said(done))
        return said(done)


def parsed_policy(text: str) -> Mapping[str, str]:
    """Return the newest version of each package in the output of `apk policy`."""
    out: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if found := _NAME.fullmatch(line):
            name = found[1]
        elif (
            name
            and (version := _VERSION.fullmatch(line))
            and (name not in out or APK.compare(out[name], version[1]) < 0)
        ):
            out[name] = version[1]
    return out


def _failed(output: str) -> ToolError:
    return ToolError(f"asking for new packages: {failure(output)}")
