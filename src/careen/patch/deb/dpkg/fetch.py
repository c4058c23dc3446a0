"""Package files and candidates from a tooling image's apt."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from careen.errors import ImageError, ToolError
from careen.patch.deb.apt.environment import QUIET
from careen.patch.deb.apt.output import Table
from careen.patch.deb.apt.session import AptSession
from careen.patch.deb.dpkg.archive import MAX_FILE, DebFile, read_deb
from careen.patch.deb.dpkg.installed import DebPackage, Key, called
from careen.patch.deb.dpkg.wanted import is_newer
from careen.patch.sandbox import LONG, Sandbox

_FETCH = 'cd "$1" && shift && exec apt-get "$@"'


class Fetcher:
    """Fetcher of package files into the sandbox directory `place`.

    `debs` collects the packages read so far by their SHA-256; it is shared with the caller.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        session: AptSession,
        place: str,
        native: str,
        debs: dict[str, DebFile],
    ) -> None:
        self._sandbox = sandbox
        self._session = session
        self._place = f"{place}/fetched"
        self._native = native
        self._debs = debs

    def fetch(self, packages: Sequence[DebPackage]) -> None:
        """Fetch, verify and read the package files that were not read before.

        Raises ToolError if apt fails, ImageError for a malformed package file.
        """
        missing = [package for package in packages if package.get("SHA256") not in self._debs]
        if not missing:
            return
        self._download(missing)
        for package in missing:
            self._read(package)

    def _download(self, packages: Sequence[DebPackage]) -> None:
        inside = self._sandbox.directory(self._place)
        words = [f"{called(package.key, self._native)}={package.version}" for package in packages]
        argv = (
            "sh",
            "-c",
            _FETCH,
            "sh",
            inside,
            *self._session.options,
            "download",
            "-q",
            "--",
            *words,
        )
        done = self._sandbox.run(
            argv, doing="fetching packages", timeout=LONG, env=QUIET, check=False, in_tooling=True
        )
        if done.status != 0:
            msg = f"fetching packages: {self._session.failure(done.output)}"
            raise ToolError(msg)

    def _read(self, package: DebPackage) -> None:
        self._debs[package.get("SHA256")] = read_deb(
            self._fetched(package), package.get("SHA256"), f"{package.name} {package.version}"
        )

    def before(self, olds: Sequence[DebPackage]) -> Mapping[Key, DebFile]:
        """Return the package files of installed versions.

        What the archive no longer has, or has damaged, is missing.
        """
        # The old files show which paths of the new versions are new.
        shown = self._session.show([(called(old.key, self._native), old.version) for old in olds])
        offered = {
            old.key: found
            for old in olds
            if (found := shown.get((*old.key, old.version))) is not None and found.get("SHA256")
        }
        missing = [found for found in offered.values() if found.get("SHA256") not in self._debs]
        if missing:
            # A file can be listed in the index and gone from the archive; apt leaves the others.
            with suppress(ToolError):
                self._download(missing)
        for found in missing:
            with suppress(ToolError, ImageError):
                self._read(found)
        return {
            key: self._debs[found.get("SHA256")]
            for key, found in offered.items()
            if found.get("SHA256") in self._debs
        }

    def _fetched(self, package: DebPackage) -> bytes:
        """Return the file that apt downloaded."""
        # apt writes the version's colon as %3a.
        name = f"{package.name}_{package.version.replace(':', '%3a')}_{package.architecture}.deb"
        if "/" in name:
            msg = f"fetching packages: not a package's name: {name!r}"
            raise ImageError(msg)
        data = self._sandbox.take(f"{self._place}/{name}", MAX_FILE)
        if data is None:
            msg = f"fetching packages: apt did not leave {name!r}"
            raise ToolError(msg)
        return data


class Candidates:
    """Candidate versions of packages; apt is asked once for each."""

    def __init__(self, session: AptSession, native: str, tables: Mapping[str, Table]) -> None:
        self._session = session
        self._native = native
        self._tables = dict(tables)
        self._known: dict[Key, DebPackage | None] = {}

    def __call__(self, package: DebPackage) -> DebPackage | None:
        if package.key not in self._known:
            self._known[package.key] = self._ask(package)
        return self._known[package.key]

    def origin(self, package: DebPackage) -> str:
        """Return the origin of a version, "" if unknown."""
        offer = self._table(called(package.key, self._native)).offer(package.version)
        return offer.origins[0] if offer is not None and offer.origins else ""

    def _ask(self, package: DebPackage) -> DebPackage | None:
        name = called(package.key, self._native)
        version = self._table(name).candidate
        if not version or not is_newer(version, package.version):
            return None
        shown = self._session.show([(name, version)])
        return next(
            (
                found
                for found in shown.values()
                if found.name == package.name and found.get("SHA256")
            ),
            None,
        )

    def _table(self, name: str) -> Table:
        if name not in self._tables:
            self._tables[name] = self._session.policy([name]).get(name, Table("", ()))
        return self._tables[name]
