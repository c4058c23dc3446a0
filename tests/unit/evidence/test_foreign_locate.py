"""Which installed package a foreign finding means."""

from dataclasses import replace

import pytest

from careen.evidence.scanners.locate import Locator, locate
from careen.model.findings.finding import Finding
from careen.model.packages.package import Ecosystem
from tests.support.hardenings import GO_YAML, IDNA, SSL, TORCH, ZLIB, finding, inventory

I386 = replace(ZLIB, purl=ZLIB.purl.replace("amd64", "i386"), architecture="i386")
JAR = replace(
    TORCH,
    ecosystem=Ecosystem.MAVEN,
    name="org.example:lib",
    version="1",
    purl="pkg:maven/org.example/lib@1",
)
INSTALLED = inventory(SSL, ZLIB, I386, TORCH, IDNA, GO_YAML, JAR)


def foreign(purl: str, name: str = "", version: str = "") -> Finding:
    return replace(finding(SSL, "CVE-1"), package=purl, name=name, version=version)


@pytest.mark.parametrize(
    ("purl", "found"),
    [
        (SSL.purl, SSL.purl),
        (
            "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12.8",
            SSL.purl,
        ),  # Trivy
        (
            "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12&upstream=openssl",
            SSL.purl,
        ),  # Grype
        ("pkg:deb/libssl3@3.0.15-1~deb12u1", SSL.purl),
        ("pkg:deb/debian/libssl3@3.0.14", None),
        ("pkg:deb/debian/zlib1g@1.2.13-1?arch=i386&epoch=1", I386.purl),
        ("pkg:deb/debian/zlib1g@1%3A1.2.13-1?arch=amd64", ZLIB.purl),
        ("pkg:deb/debian/zlib1g@1:1.2.13-1", None),  # of which architecture?
        ("pkg:pypi/Torch@2.5.1", TORCH.purl),
        ("pkg:golang/gopkg.in/yaml.v2@2.2.0", GO_YAML.purl),
        ("pkg:maven/org.example/lib@1", JAR.purl),
        ("pkg:maven/com.example/lib@1", None),
        ("pkg:npm/torch@2.5.1", None),
    ],
)
def test_by_purl(purl: str, found: str | None) -> None:
    assert locate(foreign(purl), INSTALLED) == found


@pytest.mark.parametrize(
    ("name", "version", "found"),
    [
        ("libssl3", "3.0.15-1~deb12u1", SSL.purl),
        ("IDNA", "3.6", IDNA.purl),
        ("gopkg.in/yaml.v2", "v2.2.0", GO_YAML.purl),
        ("org.example:lib", "1", JAR.purl),
        ("zlib1g", "1:1.2.13-1", None),  # two packages have that name
        ("idna", "", None),
        ("", "3.6", None),
    ],
)
def test_by_name_and_version_where_there_is_no_purl(
    name: str, version: str, found: str | None
) -> None:
    assert Locator(INSTALLED).locate(foreign("", name, version)) == found
