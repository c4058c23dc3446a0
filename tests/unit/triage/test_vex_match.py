"""Which statement speaks of a finding, and which one is in force."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from careen.evidence.vex.subject import VexSubject
from careen.model.findings.finding import Finding
from careen.model.findings.vex import VexProduct, VexStatement, VexStatus
from careen.model.packages.package import Package
from careen.triage.vex_match import VexIndex, moment, resolve
from tests.support.hardenings import DIGEST, SSL, SUBJECT, TORCH, deb, finding

PURL = "pkg:deb/debian/libssl3@3.0.15-1~deb12u1"
IMAGE = f"pkg:oci/app@{DIGEST}"


def statement(
    *products: VexProduct,
    name: str = "CVE-1",
    status: VexStatus = VexStatus.NOT_AFFECTED,
    time: str = "",
    aliases: tuple[str, ...] = (),
) -> VexStatement:
    return VexStatement(name, status, products, aliases, timestamp=time)


def speaks(
    product: VexProduct, package: Package = SSL, subject: Collection[str] = SUBJECT.identifiers()
) -> bool:
    return applies(statement(product), finding(package, "CVE-1"), package, subject)


def applies(
    one: VexStatement, found: Finding, package: Package | None, subject: Collection[str]
) -> bool:
    return VexIndex([one]).deciding(found, package, subject) is not None


@pytest.mark.parametrize(
    ("product", "expected"),
    [
        ("pkg:deb/debian/libssl3", True),
        (PURL, True),
        (f"{PURL}?arch=amd64", True),
        (f"{PURL}?distro=debian-12", True),
        (f"{PURL}?distro=debian-12.8", True),  # more precise than what was found
        (f"{PURL}?distro=bookworm", True),
        (f"{PURL}?distro=12.8", True),  # Trivy's Alpine purls name no distribution
        (f"{PURL}?distro=debian-13", False),
        (f"{PURL}?distro=trixie", False),
        (f"{PURL}?distro=ubuntu-12", False),
        (f"{PURL}?distro=debian-1", False),
        (f"{PURL}?arch=arm64", False),
        ("pkg:deb/debian/libssl3@3.0.16-1", False),
        ("pkg:deb/ubuntu/libssl3", False),
        ("pkg:deb/debian/libssl", False),
        ("pkg:rpm/debian/libssl3", False),
        ("pkg:deb/debian/openssl", False),  # the source package, not said to be one
        ("pkg:deb/debian/openssl?arch=source", True),
        ("pkg:deb/debian/openssl@3.0.15-1~deb12u1?arch=source", True),
        ("pkg:deb/debian/openssl@3.0.15-1~deb12u1?arch=source&distro=bookworm", True),
        ("pkg:deb/debian/openssl@3.0.15-1~deb12u1?arch=src", True),  # rpm's word
        ("pkg:deb/debian/libssl3?arch=source", False),
        ("pkg:deb/debian/openssl@3.0.14-1?arch=source", False),
        ("libssl3", False),
        ("pkg:", False),
        ("", False),
    ],
)
def test_a_package_as_the_product(product: str, expected: bool) -> None:
    assert speaks(VexProduct(product)) is expected


@pytest.mark.parametrize(
    ("product", "expected"),
    [
        (VexProduct(IMAGE, (PURL,)), True),
        (VexProduct(IMAGE), True),
        (VexProduct(IMAGE, ("pkg:deb/debian/zlib1g",)), False),
        (VexProduct(IMAGE.replace("a" * 64, "b" * 64), (PURL,)), False),
        (VexProduct("pkg:oci/other", (PURL,)), False),
        (VexProduct("pkg:oci/app?tag=hardened", (PURL,)), True),
        (VexProduct("pkg:oci/app?tag=other", (PURL,)), False),
        (
            VexProduct("pkg:oci/app?repository_url=registry.example.org/team/app", (PURL,)),
            True,
        ),  # the specification's and Trivy's
        (
            VexProduct("pkg:oci/app?repository_url=registry.example.org/team", (PURL,)),
            True,
        ),  # Grype's
        (VexProduct("pkg:oci/app?repository_url=registry.example.org/other/app", (PURL,)), False),
        (VexProduct("pkg:oci/team%2Fapp", (PURL,)), True),
        (VexProduct("pkg:docker/team/app@hardened", (PURL,)), True),
        (VexProduct("registry.example.org/team/app:hardened", (PURL,)), True),
        (VexProduct(f"registry.example.org/team/app@{DIGEST}", (PURL,)), True),
        (VexProduct(DIGEST, (PURL,)), True),
        (VexProduct("a" * 64, (PURL,)), True),
        (
            VexProduct("pkg:pypi/torch", (PURL,)),
            False,
        ),  # within another package, which is not this image
        (VexProduct(PURL, (PURL,)), True),
        (
            VexProduct(PURL, ("pkg:deb/debian/zlib1g",)),
            False,
        ),  # of a part of this package, not of it
    ],
)
def test_an_image_as_the_product(product: VexProduct, expected: bool) -> None:
    assert speaks(product) is expected


def test_a_cpe_is_compared_by_what_it_states() -> None:
    subject = (
        "cpe:/o:redhat:enterprise_linux:9::baseos",
        "cpe:2.3:o:example:linux:9:*:*:*:*:*:*:*",
    )
    assert speaks(VexProduct("cpe:/o:redhat:enterprise_linux:9", (PURL,)), subject=subject)
    assert not speaks(VexProduct("cpe:/o:redhat:enterprise_linux:8", (PURL,)), subject=subject)
    assert not speaks(
        VexProduct("cpe:/o:redhat:enterprise_linux:9::appstream", (PURL,)), subject=subject
    )
    assert speaks(VexProduct("cpe:2.3:o:example:linux:*:*:*:*:*:*:*:*", (PURL,)), subject=subject)
    assert not speaks(VexProduct("cpe:/", (PURL,)), subject=subject)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ("vers:pypi/<2.6.0", True),
        ("vers:pypi/>=2.0|<2.5.1", False),
        ("vers:pypi/2.5.1", True),
        ("vers:pypi/2.5.1.0", True),  # equal by the ecosystem's order, not as text
        ("vers:deb/>>1", False),
        ("vers:pypi/" + "|".join(["2.5.1"] * 1000), False),  # longer than what is read
        ("vers:unheard-of/1", False),
        ("no range", False),
    ],
)
def test_a_range_of_versions(versions: str, expected: bool) -> None:
    assert speaks(VexProduct("pkg:pypi/torch", versions=versions), TORCH) is expected
    assert speaks(VexProduct(IMAGE, ("pkg:pypi/torch",), versions), TORCH) is expected


def test_an_epoch_may_stand_in_the_version_or_beside_it() -> None:
    package = deb("zlib1g", "1:1.2.13-1")
    for spelled in ("1:1.2.13-1", "1%3A1.2.13-1", "1.2.13-1?epoch=1"):
        assert speaks(VexProduct(f"pkg:deb/debian/zlib1g@{spelled}"), package)
    assert not speaks(VexProduct("pkg:deb/debian/zlib1g@1.2.13-1"), package)
    assert not speaks(VexProduct("pkg:deb/debian/zlib1g@1.2.13-1?epoch=2"), package)


def test_names_are_compared_by_their_types_own_rule() -> None:
    torch = replace(TORCH, purl="pkg:pypi/torch-audio@2.5.1")
    assert speaks(VexProduct("pkg:pypi/Torch_Audio@2.5.1"), torch)
    jar = replace(TORCH, purl="pkg:maven/org.Example/Lib@1")
    assert speaks(VexProduct("pkg:maven/org.Example/Lib@1"), jar)
    assert not speaks(VexProduct("pkg:maven/org.example/lib@1"), jar)
    module = replace(TORCH, purl="pkg:golang/github.com/Masterminds/semver@v3.1.0")
    assert speaks(VexProduct("pkg:golang/github.com/masterminds/semver@3.1.0"), module)


def test_any_name_of_the_vulnerability_is_its_name() -> None:
    found = finding(SSL, "CVE-1", "GHSA-AAAA-bbbb-cccc")
    assert applies(
        statement(VexProduct(PURL), name="EX-1", aliases=("ghsa-aaaa-BBBB-cccc",)), found, SSL, ()
    )
    assert not applies(statement(VexProduct(PURL), name="CVE-2"), found, SSL, ())


def test_a_finding_without_a_package_is_matched_by_its_image_alone() -> None:
    unknown = replace(finding(SSL, "CVE-1"), package="")
    assert applies(statement(VexProduct(IMAGE)), unknown, None, SUBJECT.identifiers())
    assert not applies(statement(VexProduct(IMAGE, (PURL,))), unknown, None, SUBJECT.identifiers())
    assert not applies(statement(VexProduct("")), unknown, None, ())


def test_a_finding_may_spell_its_package_in_another_way_than_the_inventory() -> None:
    foreign = replace(finding(SSL, "CVE-1"), package="pkg:deb/libssl3@3.0.15-1~deb12u1?distro=12")
    assert applies(statement(VexProduct(SSL.purl)), foreign, SSL, ())
    assert not applies(statement(VexProduct(SSL.purl)), foreign, None, ())


def test_an_image_of_the_hub_has_several_spellings() -> None:
    names = VexSubject("alpine", (DIGEST,)).identifiers()
    for stated in (
        "pkg:oci/alpine@sha256%3A" + "a" * 64 + "?repository_url=index.docker.io/library/alpine",
        "pkg:oci/alpine?repository_url=index.docker.io%2Flibrary",
        "pkg:oci/alpine?repository_url=docker.io/library/alpine",
    ):
        assert speaks(VexProduct(stated), subject=names), stated
    assert not speaks(
        VexProduct("pkg:oci/alpine?repository_url=registry.example.org/library/alpine"),
        subject=names,
    )


# In force.

A, B = VexProduct("pkg:pypi/a"), VexProduct("pkg:pypi/b")


def test_a_later_statement_takes_an_earlier_ones_place() -> None:
    old = statement(A, status=VexStatus.UNDER_INVESTIGATION, time="2026-01-01T00:00:00Z")
    new = statement(A, status=VexStatus.FIXED, time="2026-01-02T00:00:00Z")
    assert resolve([new, old]) == (new,)
    assert resolve([old, new]) == (new,)


def test_times_are_instants_not_text() -> None:
    early = statement(A, time="2026-01-01T23:30:00+05:00")
    late = statement(A, status=VexStatus.FIXED, time="2026-01-01T20:00:00.5Z")
    assert resolve([late, early]) == (late,)
    assert (
        moment("2026-01-01T00:00:00.123456789Z")
        > moment("2026-01-01T00:00:00Z")
        > moment("never")
        == moment("")
    )
    assert moment("0001-01-01T00:00:00+14:00") == moment("never")


def test_at_the_same_instant_the_one_that_stands_later_is_later() -> None:
    one, two = statement(A), statement(A, status=VexStatus.FIXED)
    assert resolve([one, two]) == (two,)


def test_a_statement_keeps_the_products_that_no_later_one_speaks_of() -> None:
    old = statement(A, B, time="2026-01-01T00:00:00Z")
    new = statement(A, status=VexStatus.FIXED, time="2026-01-02T00:00:00Z")
    assert resolve([old, new]) == (replace(old, products=(B,)), new)


def test_aliases_are_one_vulnerability() -> None:
    old = statement(A, name="GHSA-1", time="2026-01-01T00:00:00Z")
    new = statement(
        A, name="CVE-1", aliases=("GHSA-1",), status=VexStatus.AFFECTED, time="2026-01-02T00:00:00Z"
    )
    assert resolve([old, new]) == (new,)


def test_the_latest_that_applies_decides() -> None:
    index = VexIndex(
        [
            statement(VexProduct(IMAGE), status=VexStatus.AFFECTED, time="2026-01-01T00:00:00Z"),
            statement(VexProduct(PURL), time="2026-01-02T00:00:00Z"),
            statement(
                VexProduct("pkg:oci/other"), status=VexStatus.FIXED, time="2026-01-03T00:00:00Z"
            ),
        ]
    )
    decided = index.deciding(finding(SSL, "CVE-1"), SSL, SUBJECT.identifiers())
    assert decided is not None
    assert decided.status is VexStatus.NOT_AFFECTED
    assert index.deciding(finding(SSL, "CVE-2"), SSL, SUBJECT.identifiers()) is None
