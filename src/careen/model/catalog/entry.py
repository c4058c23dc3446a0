"""An entry of the catalog: what a base image is made of, and how long it is supported."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class Variant(enum.Enum):
    """What of a base an image holds; see docs/catalog.md."""

    RUNTIME = "runtime"  # no shell, no package manager, not root
    COMPAT = "compat"  # root and a shell, as the upstream image has
    DEV = "dev"  # the layers of `runtime`, and above them shell, package manager, build tools
    FIPS = "fips"  # as `runtime`, with OpenSSL's FIPS provider turned on, and `openssl` to show it

    @property
    def is_cut(self) -> bool:
        """Whether it has no shell, no package manager, and does not run as root."""
        return self in (Variant.RUNTIME, Variant.FIPS)


@dataclass(frozen=True, slots=True)
class Left:
    """Packages or paths that `runtime` leaves out: names, or globs, and the reason."""

    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class User:
    """An account that is added; its group has the same name and number.

    One that the `upstream` image has is in `compat`, too.
    """

    name: str
    uid: int
    home: str
    upstream: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link that is added."""

    path: str
    target: str


@dataclass(frozen=True, slots=True)
class AddedFile:
    """A small file that is added; one for a `build` to `compat` and `dev` alone."""

    path: str
    text: str
    executable: bool = False
    build: bool = False


@dataclass(frozen=True, slots=True)
class BaseTest:
    """A command that a built image must pass: arguments without a shell, and text of its output."""

    variants: tuple[Variant, ...]
    argv: tuple[str, ...]
    contains: str


@dataclass(frozen=True, slots=True)
class Support:
    """How long the distribution fixes the packages, and the page that says so."""

    until: dt.date
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One definition, without what it inherits.

    `unproven` says why the entry was never built from the vendor's own archive, "" if it was.
    `replaces` are names of upstream images that `migrate` swaps, `full` those of them that have
    compilers. Packages of `compat` and `dev` come on top of `packages`. `unowned` are globs of
    paths without a package that `runtime` keeps, `omitted` packages and `dropped` paths that it
    leaves out. `pip` are requirements whose wheels are installed above the packages; they come from
    `pip_index` (a URL), "" for the index of the user's pip. `compat_pip` are such of `compat` and
    `dev` alone, from that of the user's pip. With `upstream`, a reference, the image is cut from
    that image, and `packages` say what must stay; `major_upgrades` are packages of it (`pypi:pip`)
    that may go to a new major version.
    """

    name: str
    title: str
    aliases: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    inherits: str = ""
    abstract: bool = False
    unproven: str = ""
    distribution: str = ""
    release: str = ""
    support: Support | None = None
    variants: tuple[Variant, ...] = ()
    packages: tuple[str, ...] = ()
    compat_packages: tuple[str, ...] = ()
    dev_packages: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    compat_pip: tuple[str, ...] = ()
    pip_index: str = ""
    upstream: str = ""
    major_upgrades: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    build_environment: Mapping[str, str] = field(default_factory=dict)
    cmd: tuple[str, ...] = ()
    compat_cmd: tuple[str, ...] = ()
    user: str = ""
    users: tuple[User, ...] = ()
    links: tuple[Link, ...] = ()
    directories: tuple[str, ...] = ()
    files: tuple[AddedFile, ...] = ()
    unowned: tuple[str, ...] = ()
    omitted: tuple[Left, ...] = ()
    dropped: tuple[Left, ...] = ()
    tests: tuple[BaseTest, ...] = ()
