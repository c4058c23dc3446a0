"""Cryptographic modules of an image, and how far each is validated."""

import enum
from dataclasses import dataclass, field

from careen.model.cryptography.certificate import Certificate
from careen.model.packages.package import Unknown
from careen.model.paths import ImagePath


class Standing(enum.Enum):
    """Rung of the ladder, from the best."""

    VALIDATED = "validated"
    VENDOR_AFFIRMED = "vendor-affirmed"
    ACTIVE = "provider active but not validated"
    ROUTED = "routed to the system's provider"
    PRIVATE = "private and not validated"
    NONE = "none"


class Origin(enum.Enum):
    """Whose implementation a module is."""

    SYSTEM = "system"  # a library or provider of the distribution, which others link to
    PRIVATE = "private"  # compiled into, or bundled with, one program or package


class Purpose(enum.Enum):
    """What a module does."""

    PROVIDER = "FIPS provider"
    TLS = "TLS and cryptography"
    PRIMITIVES = "primitives"
    HASHES = "hashes alone"
    PROTOCOL = "a protocol on another module's cryptography"


class Routing(enum.Enum):
    """Where a copy of OpenSSL 3 gets its algorithms from."""

    ROUTED = "the FIPS provider alone"
    OPEN = "its own, FIPS mode is off"  # fails open: it ignores the system's FIPS mode
    CLOSED = "none: FIPS mode is on, and the provider cannot be loaded"
    MIXED = "the FIPS provider and others"
    UNKNOWN = "not known"
    IMPOSSIBLE = "its own: it takes no provider"


@dataclass(frozen=True, slots=True)
class CryptoModule:
    """One implementation of cryptography in one file.

    `version` "" is unknown. `evidence` is the text that shows it. `configuration` and `modules` are
    OpenSSL's OPENSSLDIR and MODULESDIR. `executed` None: not known (no RBOM, or one
    that does not show it).
    """

    kind: str
    name: str
    version: str
    path: ImagePath
    sha256: str
    owners: tuple[str, ...]
    origin: Origin
    purpose: Purpose
    evidence: str
    configuration: str = ""
    modules: str = ""
    executed: bool | None = None
    routing: Routing = Routing.IMPOSSIBLE
    detail: str = ""  # why the routing is what it is
    settings: tuple[str, ...] = ()  # of a build: GOFIPS140=v1.0.0

    @property
    def can_be_routed(self) -> bool:
        """Whether variables can lead it to the system's provider."""
        return self.kind == "openssl" and self.routing is not Routing.IMPOSSIBLE


@dataclass(frozen=True, slots=True)
class Judged:
    """A module with its rung, the reason, and the certificate that the reason is about."""

    module: CryptoModule
    standing: Standing
    reason: str
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class CryptoInventory:
    """All modules of an image, judged, and what could not be read.

    `environment` are the variables of the image that steer OpenSSL. `caveats` hold for the whole.
    """

    modules: tuple[Judged, ...]
    unknowns: tuple[Unknown, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    caveats: tuple[str, ...] = field(default=())

    def of(self, standing: Standing) -> tuple[Judged, ...]:
        """Return the modules on a rung."""
        return tuple(each for each in self.modules if each.standing is standing)

    @property
    def outside(self) -> tuple[Judged, ...]:
        """The modules that the FIPS provider does not serve."""
        return (*self.of(Standing.PRIVATE), *self.of(Standing.NONE))
