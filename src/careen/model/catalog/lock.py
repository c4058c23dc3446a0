"""The exact packages of a build, and where they came from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class LockedPackage:
    """One installed package; `sha256` (hex) is that of its archive, as the signed index states."""

    name: str
    architecture: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True, order=True)
class LockedWheel:
    """One wheel of a `pip` step; `file` is its name, which says where it runs; `sha256` in hex."""

    name: str
    version: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of a build adds, sorted: the packages of an entry or a variant, and wheels.

    `definition` (SHA-256, hex) is that of the entries up to it, "" in a lock without one.
    """

    name: str
    packages: tuple[LockedPackage, ...]
    definition: str = ""
    wheels: tuple[LockedWheel, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """What a build needs to give the same bytes again.

    `sources` are one-line sources of apt without credentials. `created` is RFC 3339.
    """

    entry: str
    variant: str
    architecture: str
    created: str
    sources: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def packages(self) -> tuple[LockedPackage, ...]:
        """The packages of all steps, sorted."""
        return tuple(sorted(each for step in self.steps for each in step.packages))

    @property
    def wheels(self) -> tuple[LockedWheel, ...]:
        """The wheels of all steps, sorted."""
        return tuple(sorted(each for step in self.steps for each in step.wheels))
