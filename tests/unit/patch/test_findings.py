"""What an upgrade did to the findings: read from the new image, whatever the plan said."""

from dataclasses import replace
from typing import cast

from careen.model.findings.advisory import Severity, VendorStatus
from careen.model.findings.finding import Finding
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.patching import Blocked, BlockReason, Dropped, PatchPlan, Reach, Upgrade
from careen.model.paths import ImagePath
from careen.model.rbom import ImageRef
from careen.pipeline.upgrading.patch_findings import compare, raising, read_back
from careen.pipeline.upgrading.patching import Attempt, history_line, versions_digest, without

UPGRADE = Upgrade(
    "pkg:pypi/jinja2@3.1.2",
    "jinja2",
    Ecosystem.PYPI,
    "3.1.2",
    "3.1.6",
    "python /usr",
    "jinja2",
    closes=("CVE-1", "CVE-2"),
)
OTHER = Upgrade(
    "pkg:pypi/requests@2.30.0",
    "requests",
    Ecosystem.PYPI,
    "2.30.0",
    "2.33.1",
    "python /usr",
    "requests",
    closes=("CVE-3",),
)
IMAGE = ImageRef("app:1", None, "sha256:" + "1" * 64, (), "linux/amd64")


def finding(name: str, version: str, identifier: str, *aliases: str, purl: str = "") -> Finding:
    return Finding(
        identifier,
        aliases,
        purl or f"pkg:pypi/{name}@{version}",
        name,
        version,
        (),
        VendorStatus.FIXED,
        ("9",),
        Severity.HIGH,
        "OSV",
    )


def attempt(*upgrades: Upgrade, versions: dict[str, str] | None = None) -> Attempt:
    return Attempt(cast("object", None), upgrades, 0, versions or {}, (), cast("object", None))  # type: ignore[arg-type]


def inventory(**versions: str) -> Inventory:
    packages = [
        Package(
            Ecosystem.PYPI,
            name,
            version,
            f"pkg:pypi/{name}@{version}",
            ImagePath(f"/{name}/METADATA"),
            (),
        )
        for name, version in versions.items()
    ]
    return Inventory({package.purl: package for package in packages}, {})


def test_a_finding_that_has_another_name_now_is_the_same() -> None:
    before = [finding("jinja2", "3.1.2", "GHSA-a", "CVE-1"), finding("jinja2", "3.1.2", "CVE-2")]
    after = [finding("jinja2", "3.1.6", "CVE-1", "GHSA-a")]
    found = compare(before, after)
    assert [each.id for each in found.closed] == ["CVE-2"]
    assert found.raised == ()


def test_the_same_vulnerability_in_another_package_or_architecture_is_another_finding() -> None:
    before = [finding("libssl3", "1", "CVE-1", purl="pkg:deb/debian/libssl3@1?arch=amd64")]
    moved = [finding("libssl4", "2", "CVE-1", purl="pkg:deb/debian/libssl4@2?arch=amd64")]
    foreign = [finding("libssl3", "2", "CVE-1", purl="pkg:deb/debian/libssl3@2?arch=i386")]
    for after in (moved, foreign):
        found = compare(before, after)
        assert [each.id for each in found.closed] == ["CVE-1"]
        assert [each.id for each in found.raised] == ["CVE-1"]


def test_the_group_that_raises_a_finding_is_named_with_it() -> None:
    raised = finding("requests", "2.33.1", "CVE-9")
    found = raising(attempt(UPGRADE, OTHER), [raised], inventory(requests="2.33.1"))
    assert found == {("python /usr", "requests"): (raised,)}


def test_a_raised_finding_of_what_no_upgrade_is_belongs_to_no_group() -> None:
    assert raising(attempt(UPGRADE), [finding("other", "1", "CVE-9")], inventory(other="1")) == {}


def test_a_finding_of_what_an_upgraded_package_holds_is_that_upgrades() -> None:
    held = Package(
        Ecosystem.PYPI,
        "urllib3",
        "2.6.3",
        "pkg:pypi/urllib3@2.6.3",
        ImagePath("/requests/_vendor/urllib3"),
        (),
    )
    holder = inventory(requests="2.33.1")
    stock = Inventory(
        {**holder.packages, held.purl: held}, {held.record: ("pkg:pypi/requests@2.33.1",)}
    )
    assert list(
        raising(attempt(UPGRADE, OTHER), [finding("urllib3", "2.6.3", "CVE-9")], stock)
    ) == [("python /usr", "requests")]


def test_a_finding_of_what_comes_in_a_node_package_s_archive_is_that_upgrades() -> None:
    npm = Upgrade(
        "pkg:npm/npm@8.1.0",
        "npm",
        Ecosystem.NPM,
        "8.1.0",
        "9.9.4",
        "npm /lib",
        "npm",
        closes=("CVE-1",),
    )
    home = "/lib/node_modules/npm"
    packages = [
        Package(
            Ecosystem.NPM,
            "npm",
            "9.9.4",
            "pkg:npm/npm@9.9.4",
            ImagePath(f"{home}/package.json"),
            (),
        ),
        Package(
            Ecosystem.NPM,
            "glob",
            "10.3.10",
            "pkg:npm/glob@10.3.10",
            ImagePath(f"{home}/node_modules/glob/package.json"),
            (),
        ),
    ]
    found = raising(
        attempt(npm, OTHER),
        [finding("glob", "10.3.10", "CVE-9", purl="pkg:npm/glob@10.3.10")],
        Inventory({each.purl: each for each in packages}, {}),
    )
    assert list(found) == [("npm /lib", "npm")]


def test_what_is_closed_is_read_back_and_not_believed() -> None:
    new = inventory(jinja2="3.1.6", requests="2.30.0")
    done, failed = read_back(
        attempt(UPGRADE, OTHER, versions={"python /usr:jinja2": "3.1.6"}),
        new,
        [finding("jinja2", "3.1.6", "GHSA-b", "CVE-2")],
    )
    assert (done.version, done.confirmed, done.closed, done.left) == (
        "3.1.6",
        True,
        ("CVE-1",),
        ("CVE-2",),
    )
    assert (failed.version, failed.confirmed, failed.closed, failed.left) == (
        "2.30.0",
        False,
        (),
        ("CVE-3",),
    )


def test_an_upgrade_whose_package_is_gone_closes_nothing() -> None:
    (gone,) = read_back(attempt(UPGRADE), inventory(), [])
    assert (gone.version, gone.closed, gone.left) == ("gone", (), ("CVE-1", "CVE-2"))


def test_a_package_that_was_to_go_is_gone_though_another_version_of_it_is_there() -> None:
    going = replace(UPGRADE, target="gone")
    (gone,) = read_back(
        attempt(going), inventory(jinja2="3.1.4"), [finding("jinja2", "3.1.4", "CVE-1")]
    )
    assert (gone.version, gone.closed, gone.left) == ("gone", ("CVE-1", "CVE-2"), ())
    (there,) = read_back(attempt(going), inventory(jinja2="3.1.2"), [])
    assert (there.version, there.closed, there.left) == ("3.1.2", (), ("CVE-1", "CVE-2"))


def test_what_was_dropped_is_blocked_in_the_plan_with_its_reason() -> None:
    held = Blocked(
        "pkg:deb/debian/curl@8",
        "curl",
        "8",
        ("CVE-7",),
        BlockReason.NO_FIX,
        "no fixed version is known",
    )
    plan = PatchPlan(IMAGE, Reach.SECURITY, (UPGRADE, OTHER), (held,))
    left = without(plan, [Dropped("requests", (OTHER,), "check.sh: fails")])
    assert left.upgrades == (UPGRADE,)
    assert {(each.barrier, each.findings, each.detail) for each in left.blocked} == {
        (BlockReason.NO_FIX, ("CVE-7",), "no fixed version is known"),
        (BlockReason.BREAKS, ("CVE-3",), "check.sh: fails"),
    }


def test_the_same_upgrades_have_the_same_digest_in_any_order() -> None:
    assert versions_digest([UPGRADE, OTHER]) == versions_digest([OTHER, UPGRADE])
    assert versions_digest([UPGRADE]) != versions_digest([replace(UPGRADE, target="3.1.5")])


def test_the_history_names_some_and_counts_the_rest() -> None:
    assert history_line([UPGRADE]) == "careen patch: 1 upgrade: jinja2 3.1.2 -> 3.1.6"
    many = [replace(UPGRADE, name=f"p{number}") for number in range(8)]
    assert history_line(many).endswith("p5 3.1.2 -> 3.1.6 and 2 more")
