"""The port of builders: what a family of distributions must know to make and to cut roots."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from careen.catalog.credentials import without_credentials
from careen.model.catalog.lock import LockedPackage
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.tools.process import Program

Key = tuple[str, str, str]
"""Name, architecture and version of a package."""


@dataclass(frozen=True, slots=True)
class PackageSources:
    """Sources, the package manager's settings that belong to them, and notes for the user.

    `public` are the lines as they stand in locks and evidence: without credentials and without
    paths of this machine. `keys` is the file or directory of --source-key, None if a source names
    its keys itself.
    """

    lines: tuple[str, ...]
    public: tuple[str, ...]
    settings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    keys: Path | None = None

    @property
    def passwordless(self) -> tuple[str, ...]:
        """The lines without credentials, for the package manager."""
        return tuple(without_credentials(line) for line in self.lines)


@dataclass(frozen=True, slots=True)
class RootRequest:
    """What a root is made of: the release, its sources, and the packages of each step.

    Each step is saved as `N.tar` in `into`. With `pins` (one list for each step) no other version
    is installed. `epoch` is the SOURCE_DATE_EPOCH of the programs that run, `architecture` has the
    family's own name.
    """

    release: str
    sources: PackageSources
    steps: Sequence[Sequence[str]]
    pins: Sequence[Sequence[LockedPackage]]
    epoch: int
    into: Path
    architecture: str = ""

    @property
    def pinned(self) -> tuple[LockedPackage, ...]:
        """The locked packages of these steps; a lock may have more steps."""
        return tuple(each for step in self.pins[: len(self.steps)] for each in step)

    def saved(self, number: int) -> Path:
        """Return the file of a step."""
        return self.into / f"{number}.tar"


class PackageOffers(Protocol):
    """Which versions the sources of a release offer today, asked without installing anything."""

    def update(self) -> None:
        """Fetch and verify the lists of packages. Raises ToolError with the cause."""
        ...

    def candidates(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the version that would be installed of each package, "" for none.

        Raises ToolError.
        """
        ...

    def close(self) -> None:
        """Remove the files that may hold passwords; lists stay. Raises OSError."""
        ...


class Family(Protocol):
    """Distributions that one builder makes.

    `title` is for people, `distribution` the name in entries. `version_file` of a root states its
    point release. `programs` are what a build starts; `remedy` says how to get them, "" for apt.
    """

    @property
    def title(self) -> str: ...
    @property
    def distribution(self) -> str: ...
    @property
    def ecosystem(self) -> Ecosystem: ...
    @property
    def version_file(self) -> str: ...
    @property
    def programs(self) -> tuple[Program, ...]: ...
    @property
    def remedy(self) -> str: ...

    def architecture(self, machine: str) -> str:
        """Return the family's name of a processor (`uname -m`)."""
        ...

    def given(
        self, lines: Sequence[str], keys: Path | None, release: str, architecture: str
    ) -> PackageSources:
        """Return the user's own sources. Raises InputError for one without keys, or unusable."""
        ...

    def of_this_machine(self, release: str, architecture: str) -> PackageSources:
        """Return the sources of this machine's package manager. Raises InputError without any."""
        ...

    def named(self, lines: Sequence[str]) -> Sequence[str]:
        """Return lines of a lock without credentials and paths; those without stay as they are."""
        ...

    def make(self, wanted: RootRequest) -> None:
        """Make the root and save it after each step, at most two hours in all.

        Only what is signed by a known key is installed. Scripts of packages run without a network.
        Raises ToolError with the cause, InputError without room, VerificationError before the
        first script if a fetched package is not the locked one.
        """
        ...

    def digests(
        self, wanted: RootRequest, first: Rootfs, keys: Collection[Key]
    ) -> Mapping[Key, str]:
        """Return the SHA-256 (hex) of the archives of these packages, as far as they are known.

        `first` is the root after the first step.
        """
        ...

    def settings(self, sources: Sequence[str], rootfs: Rootfs) -> Mapping[str, bytes]:
        """Return what a full root gets: files that name the sources (without credentials)."""
        ...

    def unnamed(self, sources: Sequence[str]) -> Sequence[str]:
        """Return the sources that the image's own package manager does not get, each a note."""
        ...

    def records(self, rootfs: Rootfs, package: Package) -> Iterator[ImagePath]:
        """Yield what a kept package needs beside its files: records, and directories it lists."""
        ...

    def offers(
        self, folder: Path, sources: PackageSources, release: str, architecture: str
    ) -> PackageOffers:
        """Return what the sources offer; `folder` keeps the lists between calls."""
        ...

    def compare(self, one: str, two: str) -> int:
        """Compare two versions of a package: negative if the first one is older."""
        ...
