"""What upgrades pull along heeds the user's word, or the whole group stays."""

import pytest

from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.patching import Blocked, BlockReason, PatchChoices, Upgrade
from careen.model.paths import ImagePath
from careen.patch.guard import apply_policy
from careen.patch.policy import Policy, PolicyRule
from careen.patch.port import Proposal

PYPI = Ecosystem.PYPI


def package(name: str, version: str, kind: Ecosystem = PYPI) -> Package:
    return Package(kind, name, version, f"pkg:{kind.value}/{name}@{version}", ImagePath("/r"), ())


REQUESTS, IDNA, TORCH, FLASK = (
    package("requests", "2.28.0"),
    package("idna", "2.10"),
    package("torch", "2.5.1+cu124"),
    package("flask", "2.0.1"),
)
STOCK = Inventory({each.purl: each for each in (REQUESTS, IDNA, TORCH, FLASK)}, {})


def upgrade(of: Package, target: str, group: str, *closes: str) -> Upgrade:
    return Upgrade(of.purl, of.name, of.ecosystem, of.version, target, "python /usr", group, closes)


MAIN = upgrade(REQUESTS, "2.32.0", "requests", "CVE-1", "CVE-2")
OTHER = upgrade(FLASK, "2.0.3", "flask", "CVE-9")
NEW = Upgrade("pkg:pypi/new@9", "new", PYPI, "", "9", "python /usr", "flask")


def rule(**more: object) -> Policy:
    return Policy((PolicyRule(("idna",), "frozen", "patch.toml:3", **more),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pulled", "choices", "policy", "barrier", "detail"),
    [
        (
            upgrade(IDNA, "2.11", "requests"),
            PatchChoices(),
            rule(hold=True),
            BlockReason.EXCLUDED,
            "idna 2.10 to go to 2.11, which is held (patch.toml:3: frozen)",
        ),
        (
            upgrade(IDNA, "2.11", "requests"),
            PatchChoices(exclude=("id*",)),
            Policy(),
            BlockReason.EXCLUDED,
            "idna 2.10 to go to 2.11, which --exclude id* forbids",
        ),
        (
            upgrade(IDNA, "2.11", "requests"),
            PatchChoices(),
            rule(limit="<2.11"),
            BlockReason.EXCLUDED,
            "idna 2.10 to go to 2.11, which the limit <2.11 excludes (patch.toml:3: frozen)",
        ),
        (
            upgrade(IDNA, "3.7", "requests"),
            PatchChoices(),
            Policy(),
            BlockReason.MAJOR,
            "idna 2.10 to go to 3.7, another major version",
        ),
        (
            upgrade(IDNA, "2.9", "requests"),
            PatchChoices(allow_major=True),
            Policy(),
            BlockReason.PINNED,
            "idna 2.10 to go to 2.9, which is a downgrade",
        ),
        (
            upgrade(TORCH, "2.6.0", "requests"),
            PatchChoices(),
            Policy(),
            BlockReason.VARIANT,
            "torch 2.5.1+cu124 to go to 2.6.0, which is another build",
        ),
    ],
)
def test_a_group_with_a_step_that_is_not_wanted_stays(
    pulled: Upgrade, choices: PatchChoices, policy: Policy, barrier: BlockReason, detail: str
) -> None:
    result = apply_policy(
        Proposal((MAIN, pulled, OTHER, NEW), notes=("n",)), STOCK, choices, policy
    )
    assert (result.upgrades, result.notes) == ((OTHER, NEW), ("n",))
    assert result.blocked == (
        Blocked(
            REQUESTS.purl,
            "requests",
            "2.28.0",
            ("CVE-1", "CVE-2"),
            barrier,
            f"2.32.0 needs {detail}",
        ),
    )


@pytest.mark.parametrize(
    ("choices", "policy"),
    [
        (PatchChoices(allow_major=True), Policy()),
        (PatchChoices(), rule(allow_major=True)),
        (PatchChoices(allow_major=True, only=("requests",)), Policy()),
    ],
)
def test_what_is_allowed_passes(choices: PatchChoices, policy: Policy) -> None:
    offer = Proposal((MAIN, upgrade(IDNA, "3.7", "requests"), OTHER))
    assert apply_policy(offer, STOCK, choices, policy) is offer


def test_another_managers_group_of_the_same_name_is_another() -> None:
    apart = Upgrade(
        FLASK.purl, "flask", PYPI, "2.0.1", "2.0.3", "python /opt", "requests", ("CVE-9",)
    )
    assert apply_policy(
        Proposal((MAIN, upgrade(IDNA, "3.7", "requests"), apart)), STOCK, PatchChoices(), Policy()
    ).upgrades == (apart,)


def node(name: str, version: str, directory: str) -> Package:
    return Package(
        Ecosystem.NPM,
        name,
        version,
        f"pkg:npm/{name}@{version}",
        ImagePath(f"{directory}/package.json"),
        (),
    )


NPM, WEB = (
    node("npm", "8.1.0", "/lib/node_modules/npm"),
    node("web", "1.0.0", "/app/node_modules/web"),
)
OWN = node("minimatch", "3.0.4", "/lib/node_modules/npm/node_modules/minimatch")
SHARED = node("send", "0.17.1", "/app/node_modules/send")


def step(of: Package, target: str, group: Package, *pulled_by: str) -> Upgrade:
    return Upgrade(
        of.purl,
        of.name,
        of.ecosystem,
        of.version,
        target,
        "npm /",
        group.purl,
        ("CVE-1",),
        pulled_by,
    )


@pytest.mark.parametrize("target", ["gone", "5.1.0", "3.0.3"])
def test_what_lies_within_the_package_that_pulls_it_may_go_anywhere_or_away(target: str) -> None:
    stock = Inventory({each.purl: each for each in (NPM, OWN)}, {})
    offer = Proposal((step(NPM, "8.19.4", NPM), step(OWN, target, NPM, NPM.purl)))
    assert apply_policy(offer, stock, PatchChoices(), Policy()) is offer
    assert apply_policy(offer, stock, PatchChoices(exclude=("minimatch",)), Policy()).upgrades == ()


@pytest.mark.parametrize(("target", "kept"), [("gone", True), ("0.19.0", False)])
def test_what_others_may_get_goes_away_but_to_no_other_major_version(
    target: str, kept: bool
) -> None:
    stock = Inventory({each.purl: each for each in (WEB, SHARED)}, {})
    offer = Proposal((step(WEB, "1.1.0", WEB), step(SHARED, target, WEB, WEB.purl)))
    assert (apply_policy(offer, stock, PatchChoices(), Policy()) is offer) is kept
