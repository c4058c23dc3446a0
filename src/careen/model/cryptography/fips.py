"""FIPS mode of an image: what turns it on, and the proof that it is on."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.cryptography.module import CryptoInventory
from careen.model.paths import ImagePath
from careen.model.rewriting.other_user import OwnedPath


@dataclass(frozen=True, slots=True)
class Provider:
    """The FIPS provider of the new image.

    `source` says where it comes from; `mac` is its module-mac.
    """

    path: ImagePath
    version: str
    sha256: str
    mac: str
    source: str


@dataclass(frozen=True, slots=True)
class FipsChanges:
    """What turns FIPS mode on: `files` to write, and variables of the configuration.

    `dropped` are variables that must not be set. `notes` are for the user. `links` are the symlinks
    by which OpenSSL finds the files.
    """

    provider: Provider
    files: tuple[OwnedPath, ...]
    environment: Mapping[str, str]
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    links: tuple[ImagePath, ...] = ()


class Expected(enum.Enum):
    """What a probe must show in FIPS mode."""

    WORKS = "works"
    BLOCKED = "is blocked"
    SHOWN = "is shown"  # no requirement: a known gap, or a figure


@dataclass(frozen=True, slots=True)
class FipsProbe:
    """One probe in a container. `found` is what came of it in words.

    `passed` None: the image has nothing to ask, or the probe is SHOWN alone.
    """

    name: str
    title: str
    expected: Expected
    found: str
    passed: bool | None
    stage: str = ""  # which image answered


@dataclass(frozen=True, slots=True)
class FipsProof:
    """The probes, and the tools that no image had."""

    engine: str
    probes: tuple[FipsProbe, ...]
    not_evaluable: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[FipsProbe, ...]:
        """The probes that did not show what they must."""
        return tuple(each for each in self.probes if each.passed is False)

    @property
    def is_shown(self) -> bool:
        """Whether some probe showed FIPS mode, and none the contrary."""
        return not self.failed and any(each.passed for each in self.probes)


@dataclass(frozen=True, slots=True)
class FipsReport:
    """FIPS mode of a new image, as `fips.json` states it.

    `certificate` is the number that the user states for the provider (`--fips-cert`).
    """

    image: str
    digest: str
    date: str
    certificates: str
    certificates_sha256: str
    provider: Provider
    environment: Mapping[str, str]
    inventory: CryptoInventory
    proof: FipsProof
    notes: tuple[str, ...] = ()
    certificate: int | None = None
