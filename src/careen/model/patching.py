"""Upgrades: what is to be upgraded, to what, and what cannot be."""

import enum
from dataclasses import dataclass, field

from careen.model.advisory import Severity
from careen.model.findings_count import FindingsCount
from careen.model.package import Ecosystem
from careen.model.rbom import ImageRef

GONE = "gone"
"""The target of a package that goes away with another upgrade: nothing asks for it any more."""


class Reach(enum.Enum):
    """How far an upgrade goes (`--upgrade`). Only packages with findings are upgraded, whatever it
    is; what they pull along is as little as their manager allows.
    """

    MINIMAL = "minimal"  # the lowest version on offer that closes the most findings of the package
    # the newest of that version's own line (X.Y); for a distribution what its release offers
    SECURITY = "security"
    LATEST = "latest"  # the newest on offer, no new major version unless that is allowed


class Barrier(enum.Enum):
    """Why a finding is not fixed by an upgrade; the value is for people."""

    NO_FIX = "no fix"  # no fixed version is known
    REFUSED = "vendor refuses"  # won't fix, end of life
    UNAVAILABLE = "not on offer"  # a fix is known, and no source that may be used offers it
    HELD = "held"  # the image's own hold
    PINNED = (
        "pinned"  # another installed package, or a pin of the image, does not allow the version
    )
    MAJOR = "major only"  # only a new major version fixes it
    VARIANT = "other variant"  # only another build variant (CUDA, local version) is on offer
    FIPS = "FIPS"  # the fix would replace a validated module by one that is not
    FOREIGN = (
        "owned elsewhere"  # editable, owned by the distribution, vendored into another package
    )
    REBUILD = "needs a rebuild"  # compiled in: Go, Rust, static libraries
    EXCLUDED = "excluded"  # the user's word: --exclude, --only, the policy file
    BREAKS = "breaks the tests"  # it was applied and the user's tests failed with it
    RAISES = "raises findings"  # it would bring findings that weigh more than those that it closes
    UNSURVEYED = (
        "not surveyed"  # its package manager could not ask a source: nobody knows what is on offer
    )
    # nothing that could upgrade it: no package manager, no tooling image, no network
    NO_MEANS = "no means"


@dataclass(frozen=True, slots=True)
class Aim:
    """A package to upgrade and what for. `fixes` maps each of its findings' ids to the versions
    that fix it, lowest first (never empty).

    `reach`, `allow_major` and `limit` (`<2`, `<=1.9,!=1.8.1`: versions that may be) are the user's
    word on this package alone, None or "" for none: what holds for the run holds then. `word` is
    where they stand and why (`patch.toml:7: numpy 2 is not ready`). `patch.targets.choose` obeys
    them.
    """

    purl: str
    name: str
    version: str
    ecosystem: Ecosystem
    fixes: dict[str, tuple[str, ...]]
    source: str = ""  # `name@version` of the source package, as in `Package`
    reach: Reach | None = None
    allow_major: bool | None = None
    limit: str = ""
    word: str = ""

    def blocked(
        self, barrier: Barrier, detail: str, findings: tuple[str, ...] | None = None
    ) -> "Blocked":
        """Return what no upgrade closes: all its findings, or these."""
        return Blocked(
            self.purl,
            self.name,
            self.version,
            tuple(self.fixes) if findings is None else findings,
            barrier,
            detail,
        )


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One package from one version to another.

    `purl` is the installed package's (of the new one when `installed` is "": it is pulled in).
    `closes` are the ids of findings that it is expected to close; what it really closed is said by
    reading back. Upgrades of one `group` stand and fall together (a source package's binaries; what
    only resolves together). `manager` says whose work it is (`apt`, `python /opt/venv`, `npm
    /app`), as the patcher's name does. `pulled_by` are purls of the upgrades that need it. `target`
    is "gone" for a package that goes away with another upgrade, as nothing asks for it any more.
    `inside` is the purl of the upgrade that carries this copy: it changes with that one, and by no
    other means. `origin` is where the artefact comes from (suite, index, directory) and `sha256`
    its digest (hex), "" where its manager does not tell.
    """

    purl: str
    name: str
    ecosystem: Ecosystem
    installed: str
    target: str
    manager: str
    group: str
    closes: tuple[str, ...] = ()
    pulled_by: tuple[str, ...] = ()
    origin: str = ""
    sha256: str = ""
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Findings of one package that no upgrade closes, and why: `detail` is a sentence fragment with
    names and versions (`requires-dist of foo 1.2: urllib3<2`).
    """

    purl: str
    name: str
    installed: str
    findings: tuple[str, ...]
    barrier: Barrier
    detail: str


@dataclass(frozen=True, slots=True)
class Rating:
    """How bad a finding of a plan is: the worst severity of the packages that have it, and whether
    it is known to be exploited (CISA's list).
    """

    id: str
    severity: Severity
    kev: bool = False


@dataclass(frozen=True, slots=True)
class PatchPlan:
    """What is to be upgraded in an image, and what stays and why. Sorted by manager, group and
    purl; a finding may be closed by several upgrades together. `ratings` tell of each finding that
    is named how bad it is, sorted by id.
    """

    image: ImageRef
    reach: Reach
    upgrades: tuple[Upgrade, ...]
    blocked: tuple[Blocked, ...]
    notes: tuple[str, ...] = ()
    ratings: tuple[Rating, ...] = ()

    def groups(self) -> tuple[str, ...]:
        """The groups, in the order of their upgrades."""
        return tuple(dict.fromkeys(upgrade.group for upgrade in self.upgrades))


@dataclass(frozen=True, slots=True)
class PatchChoices:
    """What the user says about patching. `only` and `exclude` are globs on package names, purls,
    purl types (`pypi`) or finding ids.

    `sources` are lines for the distribution's package manager that take the place of the image's
    own (`deb URI SUITE COMPONENT…`, a repository's base URL for apk and rpm). `python_index` and
    `find_links` are for Python (`no_index`: nothing else is asked), `npm_registry` for Node,
    `maven` a directory or URL of a Maven repository. `environment` are `NAME=VALUE` words for the
    package managers (proxies, credentials): they never come into the image. `certificates` is a PEM
    file that they are to trust besides. `keys` are files with keys for `sources`. `tooling` names
    an image whose package manager serves an image that has none. `online` False: no network at all;
    `host_network`: this machine's own, for sources that listen on it alone. `allowed_hosts`
    (`HOST`, `HOST:PORT`): what careen may fetch from although it is in a private network.
    `python_default` is the index that pip asks on this machine, in place of the public one where
    nobody else names any.
    """

    reach: Reach = Reach.SECURITY
    allow_major: bool = False
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ignore_unfixed: bool = False
    sources: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    python_index: str = ""
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    npm_registry: str = ""
    maven: str = ""
    environment: tuple[str, ...] = field(default=(), repr=False)  # it may hold credentials
    certificates: str = ""
    allowed_hosts: tuple[str, ...] = ()
    tooling: str = ""
    online: bool = True
    host_network: bool = False
    python_default: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Upgrades of one group that were tried and left out: `reason` is one line (the failing test,
    or the findings that they would have raised).
    """

    group: str
    upgrades: tuple[Upgrade, ...]
    reason: str
    barrier: Barrier = Barrier.BREAKS


@dataclass(frozen=True, slots=True)
class ReadBack:
    """One upgrade as it was found in the new image: `version` is what its inventory says (the
    image's own tools agree, where `confirmed`), `closed` are the ids of findings that matching does
    not give for it any more, `left` those that it was to close and that are still there.
    """

    upgrade: Upgrade
    version: str
    confirmed: bool
    closed: tuple[str, ...]
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatchResult:
    """What patching came to. `plan` holds what was done and, as blocked, what was dropped. `before`
    and `after` count all findings of both images, suppressed ones included; `image` is the digest
    of the new image ("" when nothing was upgraded), `places` where it can be had; `tests` says in
    words what was checked.
    """

    plan: PatchPlan
    upgraded: tuple[ReadBack, ...]
    dropped: tuple[Dropped, ...]
    before: FindingsCount
    after: FindingsCount
    image: str
    layer_bytes: int
    tests: str
    seconds: dict[str, float]
    places: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    report_directory: str = ""
