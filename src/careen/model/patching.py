"""Upgrade plans: packages to upgrade, their targets, and findings that stay."""

import enum
from dataclasses import dataclass, field

from careen.model.attestations.ended import EndedDocuments
from careen.model.findings.advisory import Severity
from careen.model.findings.findings_count import FindingsCount
from careen.model.packages.package import Ecosystem
from careen.model.rbom import ImageRef

GONE = "gone"
"""Target of a package that another upgrade removes because nothing requires it any more."""


class Reach(enum.Enum):
    """How far an upgrade goes (`--upgrade`).

    Only packages with findings are upgraded. What they pull along is as little as their package
    manager allows.
    """

    MINIMAL = "minimal"  # the lowest available version that closes the most findings of the package
    # the newest of that version's line (X.Y); for a distribution, what its release offers
    SECURITY = "security"
    LATEST = "latest"  # the newest available; a new major version only if allowed


class BlockReason(enum.Enum):
    """Why no upgrade fixes a finding. The value is text for the user."""

    NO_FIX = "no fix"  # no fixed version is known
    REFUSED = "vendor refuses"  # won't fix, end of life
    UNAVAILABLE = "not on offer"  # a fix is known, but no permitted source offers it
    HELD = "held"  # the image's own hold
    PINNED = (
        "pinned"  # another installed package, or a pin of the image, does not allow the version
    )
    MAJOR = "major only"  # only a new major version fixes it
    VARIANT = "other variant"  # only another build variant (CUDA, local version) is on offer
    FIPS = "FIPS"  # the fix would replace a validated module by an unvalidated one
    FOREIGN = (
        "owned elsewhere"  # editable, owned by the distribution, vendored into another package
    )
    REBUILD = "needs a rebuild"  # compiled in: Go, Rust, static libraries
    EXCLUDED = "excluded"  # by the user: --exclude, --only, the policy file
    BREAKS = "breaks the tests"  # it was applied and the user's tests failed
    RAISES = "raises findings"  # it would bring findings that weigh more than those it closes
    UNSURVEYED = "not surveyed"  # its package manager could not query a source
    # no way to upgrade it: no package manager, no tooling image, no network
    NO_MEANS = "no means"


@dataclass(frozen=True, slots=True)
class Aim:
    """A package to upgrade, with the versions that fix its findings.

    `fixes` maps each finding id to the fixed versions, lowest first (never empty). `reach`,
    `allow_major` and `limit` (permitted versions, as `<2` or `<=1.9,!=1.8.1`) are the user's choice
    for this package. With None or "" the run's choice holds. `word` gives their place and reason
    (`patch.toml:7: numpy 2 is not ready`). `patch.targets.choose` applies them.
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
        self, barrier: BlockReason, detail: str, findings: tuple[str, ...] | None = None
    ) -> "Blocked":
        """Return its findings that no upgrade closes: all of them, or `findings`."""
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
    """Upgrade of one package from one version to another.

    `purl` is the installed package's, or the new one's if `installed` is "" (pulled in). `closes`
    are the finding ids expected to be closed. Upgrades of one `group` are applied or dropped
    together. `manager` is the patcher's name (`apt`, `python /opt/venv`, `npm /app`). `pulled_by`
    are purls of the upgrades that need this one. `inside` is the purl of the upgrade that contains
    this copy; only that one changes it. `origin` (suite, index, directory) and `sha256` (hex)
    describe the artefact, "" if unknown.
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
    """Findings of one package that no upgrade closes.

    `detail` is a sentence fragment with names and versions (`requires-dist of foo 1.2: urllib3<2`).
    """

    purl: str
    name: str
    installed: str
    findings: tuple[str, ...]
    barrier: BlockReason
    detail: str


@dataclass(frozen=True, slots=True)
class Rating:
    """Severity of a finding in a plan.

    `severity` is the worst of the affected packages. `kev` is true if CISA lists it as exploited.
    """

    id: str
    severity: Severity
    kev: bool = False


@dataclass(frozen=True, slots=True)
class PatchPlan:
    """Upgrades of an image, and the findings that stay.

    Sorted by manager, group and purl. Several upgrades may close a finding together. `ratings`
    cover every finding that is named, sorted by id.
    """

    image: ImageRef
    reach: Reach
    upgrades: tuple[Upgrade, ...]
    blocked: tuple[Blocked, ...]
    notes: tuple[str, ...] = ()
    ratings: tuple[Rating, ...] = ()

    def groups(self) -> tuple[str, ...]:
        """Return the groups in the order of their upgrades."""
        return tuple(dict.fromkeys(upgrade.group for upgrade in self.upgrades))


@dataclass(frozen=True, slots=True)
class PatchChoices:
    """The user's options for patching.

    `only` and `exclude` are globs on package names, purls, purl types (`pypi`) or finding ids.
    `sources` replace the image's own package sources (`deb URI SUITE COMPONENT…`, a base URL for
    apk and rpm).
    """

    reach: Reach = Reach.SECURITY
    allow_major: bool = False
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ignore_unfixed: bool = False
    sources: tuple[str, ...] = ()
    # files with keys for `sources`
    keys: tuple[str, ...] = ()
    python_index: str = ""
    find_links: tuple[str, ...] = ()
    no_index: bool = False  # query nothing but the two above
    npm_registry: str = ""
    maven: str = ""  # directory or URL of a Maven repository
    # NAME=VALUE for package managers, never stored in the image
    environment: tuple[str, ...] = field(default=(), repr=False)  # it may hold credentials
    certificates: str = ""  # PEM file, trusted in addition
    # HOST or HOST:PORT in private networks that careen may fetch from
    allowed_hosts: tuple[str, ...] = ()
    tooling: str = ""  # image whose package manager serves images without one
    online: bool = True  # False: no network at all
    host_network: bool = False  # use the host's network, for sources that listen only there
    python_default: str = ""  # the host's pip index, used if none is named elsewhere


@dataclass(frozen=True, slots=True)
class Dropped:
    """Upgrades of one group that were tried and left out.

    `reason` is one line: the failing test, or the findings that they would have added.
    """

    group: str
    upgrades: tuple[Upgrade, ...]
    reason: str
    barrier: BlockReason = BlockReason.BREAKS


@dataclass(frozen=True, slots=True)
class ReadBack:
    """One upgrade as found in the new image.

    `version` comes from the image's inventory; `confirmed` means that the image's own tools agree.
    `closed` are the finding ids that no longer match; `left` those that were to be closed but
    remain.
    """

    upgrade: Upgrade
    version: str
    confirmed: bool
    closed: tuple[str, ...]
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatchResult:
    """Result of patching.

    `plan` holds what was done and, as blocked, what was dropped. `before` and `after` count all
    findings of both images, suppressed ones included. `image` is the new image's digest, "" if
    nothing was upgraded; `places` are its locations. `tests` describes what was checked. `ended` is
    what was signed of the original, None if there is no new image.
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
    ended: EndedDocuments | None = None
