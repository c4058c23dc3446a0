"""Which versions dnf would install today, asked without installing anything."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from careen.catalog.isolation import environment, finished, proxies, said, tied
from careen.catalog.port import PackageSources
from careen.catalog.rpm.failures import failure
from careen.catalog.rpm.root import RpmPlaces, dnf_words, write_settings
from careen.errors import ToolError
from careen.formats.versions.rpm import RPM

_FORMAT = "%{name} %{epoch} %{version}-%{release}"
_FIELDS = 3
_AT_ONCE = 500  # names in one call


class DnfOffers:
    """The offers of one set of repositories; `folder` keeps their metadata."""

    def __init__(
        self, folder: Path, sources: PackageSources, release: str, architecture: str
    ) -> None:
        self._places = RpmPlaces(folder.absolute())
        self._sources = sources
        self._release = release
        self._architecture = architecture

    def update(self) -> None:
        """Fetch the metadata. Raises ToolError with the cause."""
        (self._places.into / "tmp").mkdir(parents=True, exist_ok=True)
        write_settings(self._places, self._sources, self._release)
        self._said(["--refresh", "makecache"])

    def candidates(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the newest version of each package, "" for none. Raises ToolError."""
        wanted = sorted(set(names))
        out = dict.fromkeys(wanted, "")
        for start in range(0, len(wanted), _AT_ONCE):
            words = ["--cacheonly", "repoquery", "--latest-limit", "1", "--qf", _FORMAT]
            found = parsed_query(self._said([*words, *wanted[start : start + _AT_ONCE]]))
            out |= {key: value for key, value in found.items() if key in out}
        return out

    def close(self) -> None:
        """Remove dnf's settings, which may hold passwords; the metadata stays."""
        self._places.settings.unlink(missing_ok=True)

    def _said(self, words: Sequence[str]) -> str:
        argv = [*tied(), *dnf_words(self._places, self._release, self._architecture), *words]
        env = {**proxies(), **environment(self._places.into / "tmp", 0)}
        env["HOME"] = str(self._places.into)
        done = finished(argv, env, "dnf")
        if done.status != 0:
            msg = f"asking for new packages: {failure(said(done))}"
            raise ToolError(msg)
        return done.text


def parsed_query(text: str) -> Mapping[str, str]:
    """Return the newest version of each package in the output of `dnf repoquery`."""
    out: dict[str, str] = {}
    for line in text.splitlines():
        words = line.split(" ")
        if len(words) != _FIELDS:
            continue
        name, epoch, version = words
        found = version if epoch == "0" else f"{epoch}:{version}"
        if name not in out or RPM.compare(out[name], found) < 0:
            out[name] = found
    return out
