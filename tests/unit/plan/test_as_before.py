"""Packages that keep what an earlier result kept: only where it costs little and makes them equal."""

from dataclasses import replace

import pytest

from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath
from careen.model.plan import Level, Outcome, PackagePlan, Plan, Reason
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs
from careen.plan.as_before import Previous, as_before
from tests.support.plans import package
from tests.support.trees import tree

BIG, SMALL, TINY = "/site/pkg/big.py", "/site/pkg/data/small.py", "/site/pkg/tiny.py"
ROOTFS = tree({BIG: b"b" * 10_000, SMALL: b"s" * 60, TINY: b"t" * 30, "/site/other.py": b"o"})
PKG = package(Ecosystem.PYPI, "pkg", (BIG, SMALL, TINY))
INVENTORY = Inventory({PKG.purl: PKG}, dict.fromkeys(PKG.files, (PKG.purl,)))
KEPT, GONE = Reason("observed", "used"), Reason("unused", "never used")


def plan_of(rootfs: Rootfs, *removed: str, why: Reason = GONE) -> Plan:
    keep = {entry.path: KEPT for entry in rootfs if entry.path not in removed}
    files = [path for path in PKG.files if path in keep]
    sizes = [rootfs[path].size for path in PKG.files]
    kept = sum(rootfs[path].size for path in files)
    counts = (len(files), 3 - len(files), kept, sum(sizes) - kept)
    return Plan(
        ImageRef("x", None, "sha256:" + "0" * 64, (), "linux/amd64"),
        Level.CLOSURE,
        keep,
        {ImagePath(path): why for path in removed},
        {PKG.purl: PackagePlan(PKG.purl, Outcome.PARTIAL, *counts)},
        "0" * 64,
    )


def previous(*paths: str, purl: str = PKG.purl) -> Previous:
    return Previous("my/app:1", frozenset({purl}), frozenset(map(ImagePath, paths)))


def test_a_package_keeps_what_it_kept_before() -> None:
    before = plan_of(ROOTFS, SMALL, TINY, "/site/pkg/data")
    plan = as_before(before, previous(BIG, SMALL), ROOTFS, INVENTORY)
    assert set(plan.keep) - set(before.keep) == {SMALL, "/site/pkg/data"}
    assert plan.keep[ImagePath(SMALL)] == Reason(
        "as-before",
        "my/app:1 keeps it, with the same version of pkg: the layer stays the same",
    )
    assert plan.keep[ImagePath("/site/pkg/data")].because == SMALL
    assert plan.keep.keys() | plan.remove.keys() == {entry.path for entry in ROOTFS}
    assert plan.packages[PKG.purl] == PackagePlan(PKG.purl, Outcome.PARTIAL, 2, 1, 10_060, 30)
    assert plan.notes == (
        "kept as in my/app:1, so that layers stay the same: 60 bytes (files: 1, packages: 1)",
    )


def test_a_package_that_is_whole_again_is_counted_as_kept() -> None:
    plan = as_before(plan_of(ROOTFS, SMALL), previous(BIG, SMALL, TINY), ROOTFS, INVENTORY)
    assert plan.packages[PKG.purl] == PackagePlan(PKG.purl, Outcome.KEPT, 3, 0, 10_090, 0)


@pytest.mark.parametrize(
    ("plan", "before"),
    [
        (plan_of(ROOTFS, SMALL), previous(BIG, SMALL, TINY, purl="pkg:pypi/pkg@2")),
        (plan_of(ROOTFS, SMALL), previous(BIG, SMALL)),
        (plan_of(ROOTFS, BIG), previous(BIG, SMALL, TINY)),
        (plan_of(ROOTFS, SMALL, why=Reason("user-remove", "")), previous(BIG, SMALL, TINY)),
        (plan_of(ROOTFS, SMALL, why=Reason("rule:x", "")), previous(BIG, SMALL, TINY)),
        (plan_of(ROOTFS, "/site/other.py"), previous(BIG, SMALL, TINY, "/site/other.py")),
        (plan_of(ROOTFS), previous(BIG, SMALL, TINY)),
    ],
    ids=[
        "another version",
        "it keeps more now",
        "too large",
        "the user removes it",
        "a rule removes it",
        "of no package",
        "nothing is missing",
    ],
)
def test_otherwise_the_plan_stays(plan: Plan, before: Previous) -> None:
    assert as_before(plan, before, ROOTFS, INVENTORY) == plan


def test_a_package_that_goes_does_not_come_back() -> None:
    plan = plan_of(ROOTFS, SMALL)
    gone = replace(plan.packages[PKG.purl], outcome=Outcome.REMOVED)
    plan = replace(plan, packages={PKG.purl: gone})
    assert as_before(plan, previous(BIG, SMALL, TINY), ROOTFS, INVENTORY) == plan
