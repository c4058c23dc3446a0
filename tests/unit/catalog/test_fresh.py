"""What a pass over the catalog decides without a build: tags, changes, offers of apt."""

from dataclasses import replace

import pytest

from careen.catalog.changes import older, package_steps, with_dates, without
from careen.catalog.debian.family import DEBIAN
from careen.catalog.debian.offers import parsed_candidates
from careen.catalog.entries import load_catalog
from careen.catalog.tags import base_tags
from careen.model.catalog.entry import Variant
from careen.model.catalog.lock import Lock, LockedPackage, LockedWheel, Step
from careen.model.catalog.refresh import OpenFinding, PackageStep
from careen.pipeline.refreshing.noted import noted


@pytest.mark.parametrize(
    ("name", "variant", "version", "day", "moving"),
    [
        ("debian:trixie", "runtime", "13.4", "13-20261201", ("trixie", "13", "13.4")),
        ("debian:trixie", "runtime", "", "13-20261201", ("trixie", "13")),
        ("alpine:3.23", "runtime", "3.23.6", "3.23-20261201", ("3.23", "3.23.6")),
        ("alpine:3.23", "dev", "3.22.1", "3.23-dev-20261201", ("3.23-dev",)),
        ("ubi:9-micro", "runtime", "Red Hat 9.4", "9-micro-20261201", ("9-micro",)),
        ("debian:trixie", "runtime", "14.1", "13-20261201", ("trixie", "13")),
        ("debian:trixie", "runtime", "13.4/x y", "13-20261201", ("trixie", "13")),
        (
            "debian:bookworm",
            "dev",
            "12.9",
            "12-dev-20261201",
            ("bookworm-dev", "12-dev", "12.9-dev"),
        ),
        (
            *("python:3.13-debian-13", "compat", "13.4"),
            *("3.13-debian-13-compat-20261201", ("3.13-debian-13-compat",)),
        ),
    ],
)
def test_tags(name: str, variant: str, version: str, day: str, moving: tuple[str, ...]) -> None:
    entry = load_catalog().find(name)
    tags = base_tags("r.example/bases/", entry, Variant(variant), version, "20261201")
    assert tags.repository == f"r.example/bases/{name.partition(':')[0]}"
    assert tags.day == day
    assert tags.moving == moving
    assert (tags.of_build(1), tags.of_build(2)) == (day, f"{day}.2")


def lock(*packages: tuple[str, str, str]) -> Lock:
    rows = tuple(LockedPackage(*each, "0" * 64) for each in packages)
    return Lock("e", "runtime", "amd64", "2026-12-01T00:00:00Z", (), (Step("e", rows),))


def test_packages_that_changed() -> None:
    before = lock(("a", "amd64", "1"), ("b", "all", "1"), ("c", "amd64", "1"))
    after = lock(("a", "amd64", "2"), ("b", "amd64", "1"), ("d", "amd64", "1"))
    assert package_steps(before, after) == (
        PackageStep("a", "1", "2"),
        PackageStep("c", "1", ""),
        PackageStep("d", "", "1"),
    )
    assert package_steps(None, before)[0] == PackageStep("a", "", "1")
    assert package_steps(after, after) == ()


def test_what_is_older_is_told_by_debians_order() -> None:
    now = lock(("a", "amd64", "1.0-1"), ("b", "all", "1:1"), ("c", "all", "2"))
    offered = {"a": "1.0~rc1-1", "b": "2", "c": "2+deb13u1"}
    assert older(now, offered, DEBIAN.compare) == (
        PackageStep("a", "1.0-1", "1.0~rc1-1"),
        PackageStep("b", "1:1", "2"),
    )
    assert older(now, {"a": ""}, DEBIAN.compare) == ()


def test_findings_keep_the_day_on_which_they_were_first_seen() -> None:
    old = OpenFinding("CVE-1", "a", "1", "high", False, "2026-11-01")
    same = OpenFinding("CVE-1", "a", "2", "low", True, "2026-12-01")
    other = OpenFinding("CVE-1", "b", "1", "high", False, "2026-12-01")
    dated = with_dates((same, other), (old,))
    assert [each.since for each in dated] == ["2026-11-01", "2026-12-01"]
    assert (dated[0].version, dated[0].fixable) == ("2", True)
    assert without(dated, (old,)) == (other,)
    assert without((old,), dated) == ()


def test_offers_of_apt() -> None:
    text = (
        "libc6:\n  Installed: (none)\n  Candidate: 2.41-12\n  Version table:\n     2.41-12 500\n"
        "        500 https://deb.example.org trixie/main amd64 Packages\n"
        "gone:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n"
        "gcc-14-base:amd64:\n  Installed: (none)\n  Candidate: 14.2.0-19\n"
        "N: Unable to locate package nonesuch\n"
    )
    assert parsed_candidates(text) == {"libc6": "2.41-12", "gone": "", "gcc-14-base": "14.2.0-19"}


def test_a_fix_of_a_wheel_is_not_said_to_be_offered_by_no_source() -> None:
    wheel = LockedWheel("Pillow_x", "1", "pillow_x-1-py3-none-any.whl", "0" * 64)
    lock = Lock("x:1", "runtime", "amd64", "", (), (Step("x:1", (), "", (wheel,)),))
    of_wheel = OpenFinding("CVE-1", "pillow-x", "1", "high", True, "2026-12-01")
    of_package = replace(of_wheel, id="CVE-2", name="zlib1g")
    said = noted((), (of_wheel,), lock)
    assert said == "1 new: CVE-1 in pillow-x; a newer wheel may fix it; --again builds with it"
    assert noted((), (of_package,), lock).endswith("; a fix is known that no source offers yet")
    both = noted((of_wheel,), (of_wheel, of_package), lock)
    assert "no source offers yet; a newer wheel may fix it" in both
    assert noted((), (replace(of_wheel, fixable=False),), lock) == "1 new: CVE-1 in pillow-x"
    assert noted((of_wheel,), (), None) == "1 no longer known"
