"""careen's OpenVEX as Trivy and Grype read it: exactly the stated findings of exactly this image
are suppressed.
"""

from collections.abc import Callable

import pytest

from careen.evidence.vex.statements import statements
from careen.evidence.vex.subject import Scan
from careen.evidence.vex.write_openvex import Authorship, to_openvex
from tests.support.hardenings import BEFORE, DIGEST, HARDENING, SUBJECT
from tests.support.scanner_rules import grype_image, grype_suppresses, trivy_image, trivy_suppresses

REPOSITORY = "registry.example.org/team/app"
OTHER = "sha256:" + "b" * 64

# As each scanner spells the packages of the hardened image, vulnerability first.
TRIVY = (
    ("CVE-2024-0001", "pkg:deb/debian/perl-base@5.36.0-7?arch=amd64&distro=debian-12.8"),
    ("CVE-2024-0002", "pkg:pypi/torch@2.5.1"),
    (
        "CVE-2024-0003",
        "pkg:deb/debian/zlib1g@1.2.13-1%2Bdeb12u1?arch=amd64&distro=debian-12.8&epoch=1",
    ),
    ("CVE-2024-0004", "pkg:pypi/idna@3.6"),
    ("CVE-2024-0005", "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12.8"),
    ("CVE-2024-0006", "pkg:golang/gopkg.in/yaml.v2@v2.2.0"),
)
GRYPE = (
    ("CVE-2024-0001", "pkg:deb/debian/perl-base@5.36.0-7?arch=amd64&distro=debian-12"),
    ("GHSA-5555-5555-5555", "pkg:pypi/torch@2.5.1"),
    (
        "CVE-2024-0003",
        "pkg:deb/debian/zlib1g@1%3A1.2.13-1%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=zlib",
    ),
    ("CVE-2024-0004", "pkg:pypi/idna@3.6"),
    (
        "CVE-2024-0005",
        "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12&upstream=openssl",
    ),
    ("CVE-2024-0006", "pkg:golang/gopkg.in/yaml.v2@v2.2.0"),
)
GONE = {"CVE-2024-0001", "CVE-2024-0002", "GHSA-5555-5555-5555", "CVE-2024-0003", "CVE-2024-0006"}


def document(scan: Scan) -> bytes:
    return to_openvex(
        statements(BEFORE, HARDENING, SUBJECT, scan),
        SUBJECT,
        Authorship("Example", "2026-01-02T03:04:05Z"),
    )


def suppressed(found: tuple[tuple[str, str], ...], judge: Callable[[str, str], bool]) -> set[str]:
    return {vulnerability for vulnerability, package in found if judge(vulnerability, package)}


def test_trivy_in_a_registry() -> None:
    image = trivy_image(REPOSITORY, DIGEST, "amd64")
    data = document(Scan.REGISTRY)
    assert suppressed(
        TRIVY, lambda name, package: trivy_suppresses(data, name, package, image)
    ) == GONE & {name for name, _ in TRIVY}


def test_grype_in_a_registry() -> None:
    image = grype_image(REPOSITORY, DIGEST)
    data = document(Scan.REGISTRY)
    assert suppressed(
        GRYPE, lambda name, package: grype_suppresses(data, name, package, image)
    ) == GONE & {name for name, _ in GRYPE}


def test_grype_by_the_digest_alone() -> None:
    data = document(Scan.REGISTRY)
    assert grype_suppresses(data, "CVE-2024-0001", GRYPE[0][1], [DIGEST.removeprefix("sha256:")])


def test_another_image_is_not_spoken_of() -> None:
    data = document(Scan.REGISTRY)
    assert (
        suppressed(
            TRIVY,
            lambda name, package: trivy_suppresses(
                data, name, package, trivy_image(REPOSITORY, OTHER, "amd64")
            ),
        )
        == set()
    )
    assert (
        suppressed(
            GRYPE,
            lambda name, package: grype_suppresses(
                data, name, package, grype_image(REPOSITORY, OTHER)
            ),
        )
        == set()
    )
    assert (
        suppressed(TRIVY, lambda name, package: trivy_suppresses(data, name, package, None))
        == set()
    )


def test_trivy_on_an_image_without_a_registry_digest() -> None:
    data = document(Scan.LOCAL)
    assert suppressed(
        TRIVY, lambda name, package: trivy_suppresses(data, name, package, None)
    ) == GONE & {name for name, _ in TRIVY}


@pytest.mark.parametrize(
    "image", [grype_image(REPOSITORY, tag="hardened"), []], ids=["by tag", "by package"]
)
def test_grype_on_an_image_without_a_registry_digest(image: list[str]) -> None:
    data = document(Scan.LOCAL)
    assert suppressed(
        GRYPE, lambda name, package: grype_suppresses(data, name, package, image)
    ) == GONE & {name for name, _ in GRYPE}


def test_another_version_of_the_package_is_not_spoken_of() -> None:
    data, image = document(Scan.REGISTRY), trivy_image(REPOSITORY, DIGEST, "amd64")
    assert not trivy_suppresses(
        data,
        "CVE-2024-0003",
        "pkg:deb/debian/zlib1g@1.2.13-1?arch=amd64&distro=debian-12.8&epoch=1",
        image,
    )
    assert not trivy_suppresses(
        data, "CVE-2024-0001", "pkg:deb/debian/perl-base@5.36.0-8?arch=amd64", image
    )
    assert not trivy_suppresses(data, "CVE-2024-9999", TRIVY[0][1], image)


def test_one_finding_is_spoken_of_once() -> None:
    """Of several statements that match, Grype takes the oldest and Trivy the newest: there must be
    one.
    """
    found = statements(BEFORE, HARDENING, SUBJECT)
    spoken = [
        (one.vulnerability, product, part)
        for one in found
        for product in one.products
        for part in product.subcomponents
    ]
    assert len(spoken) == len(set(spoken))
