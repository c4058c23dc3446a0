"""The real trivy, with a database of a few records, given careen's VEX of a hardened image."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.evidence.vex.statements import statements
from careen.evidence.vex.subject import Scan, VexSubject
from careen.evidence.vex.write_cyclonedx import BomLink, to_cyclonedx_vex
from careen.evidence.vex.write_openvex import Authorship, to_openvex
from tests.support.hardenings import BEFORE, DIGEST, HARDENING, SUBJECT
from tests.support.image_registry import serve
from tests.support.images import file, layer, oci_layout
from tests.support.trivy_db import run_trivy, write_trivy_db

pytestmark = pytest.mark.trivy

SERIAL = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
IMAGE = SUBJECT.full_purl(DIGEST)
AUTHOR = Authorship("Example", "2026-01-02T03:04:05Z")
DEBIAN = (
    ("libssl3", "3.0.15-1~deb12u1", "openssl"),
    ("perl-base", "5.36.0-7", "perl"),
    ("zlib1g", "1:1.2.13-1+deb12u1", "zlib"),
)
PYTHON = (("torch", "2.5.1"), ("idna", "3.6"))
ALL = {"CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003", "CVE-2024-0004", "CVE-2024-0005"}
LEFT = {"CVE-2024-0004", "CVE-2024-0005"}


def own(name: str, value: str) -> dict[str, str]:
    return {"name": f"aquasecurity:trivy:{name}", "value": value}


def debian(name: str, version: str, source: str) -> dict[str, Any]:
    purl = f"pkg:deb/debian/{name}@{version}?arch=amd64&distro=debian-12.5"
    epoch, _, rest = version.rpartition(":")
    upstream, _, release = rest.partition("-")
    properties = [
        own("SrcName", source),
        own("SrcVersion", upstream),
        own("SrcRelease", release),
        own("PkgType", "debian"),
    ]
    if epoch:
        properties.append(own("SrcEpoch", epoch))
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "properties": properties,
    }


def python(name: str, version: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "properties": [own("PkgType", "python-pkg")],
    }


@pytest.fixture
def sbom(tmp_path: Path) -> Path:
    """What a scanner that trusts the package databases sees in the hardened image."""
    system, modules = [debian(*one) for one in DEBIAN], [python(*one) for one in PYTHON]
    release = {
        "type": "operating-system",
        "bom-ref": "os",
        "name": "debian",
        "version": "12.5",
        "properties": [own("Class", "os-pkgs"), own("Type", "debian")],
    }
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "serialNumber": SERIAL,
        "metadata": {
            "component": {"type": "container", "bom-ref": IMAGE, "name": "app", "purl": IMAGE}
        },
        "components": [release, *system, *modules],
        "dependencies": [
            {"ref": IMAGE, "dependsOn": ["os", *(one["bom-ref"] for one in modules)]},
            {"ref": "os", "dependsOn": [one["bom-ref"] for one in system]},
        ],
    }
    path = tmp_path / "sbom.cdx.json"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    fixed = {"FixedVersion": "99"}
    pip = {"PatchedVersions": ["99"], "VulnerableVersions": ["<99"]}
    write_trivy_db(
        tmp_path / "cache",
        {
            "debian 12": {
                "perl": {"CVE-2024-0001": fixed},
                "zlib": {"CVE-2024-0003": {"FixedVersion": "1:99"}},
                "openssl": {"CVE-2024-0005": fixed},
            },
            "pip::Example": {"torch": {"CVE-2024-0002": pip}, "idna": {"CVE-2024-0004": pip}},
        },
        dict.fromkeys(ALL, "HIGH"),
    )
    return tmp_path / "cache"


def trivy(cache: Path, vex: bytes | None, *command: str) -> set[str]:
    """Return what trivy still reports, read by careen's own reader of its reports."""
    words = list(command)
    if vex is not None:
        path = cache.parent / "vex.json"
        path.write_bytes(vex)
        words += ["--vex", str(path)]
    return run_trivy(cache, *words)


def scan(sbom: Path, cache: Path, vex: bytes | None) -> set[str]:
    return trivy(cache, vex, "sbom", str(sbom))


def test_without_vex_trivy_finds_everything_that_the_databases_say(sbom: Path, cache: Path) -> None:
    assert scan(sbom, cache, None) == ALL


def test_openvex_suppresses_exactly_what_is_stated(sbom: Path, cache: Path) -> None:
    assert (
        scan(
            sbom,
            cache,
            to_openvex(statements(BEFORE, HARDENING, SUBJECT, Scan.LOCAL), SUBJECT, AUTHOR),
        )
        == LEFT
    )


def test_cyclonedx_vex_suppresses_exactly_what_is_stated(sbom: Path, cache: Path) -> None:
    refs = {
        one["purl"]: one["bom-ref"]
        for one in json.loads(sbom.read_text())["components"]
        if "purl" in one
    }
    stated = statements(BEFORE, HARDENING, SUBJECT)
    assert (
        scan(sbom, cache, to_cyclonedx_vex(stated, SUBJECT, AUTHOR, BomLink(SERIAL, 1, refs)))
        == LEFT
    )


def test_vex_of_another_sbom_suppresses_nothing(sbom: Path, cache: Path) -> None:
    refs = {
        one["purl"]: one["bom-ref"]
        for one in json.loads(sbom.read_text())["components"]
        if "purl" in one
    }
    other = BomLink("urn:uuid:00000000-0000-4000-8000-000000000000", 1, refs)
    assert (
        scan(
            sbom,
            cache,
            to_cyclonedx_vex(statements(BEFORE, HARDENING, SUBJECT), SUBJECT, AUTHOR, other),
        )
        == ALL
    )


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """The hardened image as its package databases describe it."""
    status = "".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nSource:"
        f" {source}\nVersion: {version}\nMaintainer: x\nDescription: x\n\n"
        for name, version, source in DEBIAN
    )
    records = [
        file(
            f"usr/lib/python3/site-packages/{name}-{version}.dist-info/METADATA",
            f"Name: {name}\nVersion: {version}\n",
        )
        for name, version in PYTHON
    ]
    release = [
        file("etc/os-release", 'ID=debian\nVERSION_ID="12"\n'),
        file("etc/debian_version", "12.5\n"),
    ]
    path = tmp_path / "layout"
    path.mkdir()
    return oci_layout(
        path,
        [layer(*release, file("var/lib/dpkg/status", status), *records)],
        "app:hardened",
        config={"architecture": "amd64", "os": "linux"},
    )


def test_openvex_for_a_registry_suppresses_exactly_what_is_stated_of_this_digest(
    layout: Path, cache: Path
) -> None:
    digest = json.loads((layout / "index.json").read_text())["manifests"][0]["digest"]
    with serve(layout) as host:
        subject = VexSubject(f"{host}/team/app", (digest,))
        image = f"{host}/team/app@{digest}"
        assert trivy(cache, None, "image", "--image-src", "remote", image) == ALL
        stated = to_openvex(statements(BEFORE, HARDENING, subject), subject, AUTHOR)
        assert trivy(cache, stated, "image", "--image-src", "remote", image) == LEFT
        other = replace(subject, digests=("sha256:" + "b" * 64,))
        assert (
            trivy(
                cache,
                to_openvex(statements(BEFORE, HARDENING, other), other, AUTHOR),
                "image",
                "--image-src",
                "remote",
                image,
            )
            == ALL
        )


def test_openvex_for_a_local_scan_of_an_archive(layout: Path, cache: Path) -> None:
    for how, left in (
        (Scan.LOCAL, LEFT),
        (Scan.REGISTRY, ALL),
    ):  # an archive has no digest that trivy would name it by
        assert (
            trivy(
                cache,
                to_openvex(statements(BEFORE, HARDENING, SUBJECT, how), SUBJECT, AUTHOR),
                "image",
                "--input",
                str(layout),
            )
            == left
        )
