"""SBOMs of others: what is taken from each format, and what cannot be used is said."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from careen.errors import InputError
from careen.evidence.sbom import bounded_json as sbom_json
from careen.evidence.sbom import collect as sbom_collect
from careen.evidence.sbom.read import read_sbom
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Package

pytestmark = pytest.mark.slow

DIGEST = "sha256:" + "12" * 32


def cyclonedx(*components: object, **more: Any) -> bytes:
    return json.dumps(
        {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components, **more}
    ).encode()


def only(data: bytes) -> Package:
    (package,) = read_sbom(data, "x.json").inventory.packages.values()
    return package


def properties(**values: str) -> list[dict[str, str]]:
    return [
        {"name": f"aquasecurity:trivy:{name}", "value": value} for name, value in values.items()
    ]


def test_trivy_states_epoch_and_source_in_qualifiers_and_properties() -> None:
    package = only(
        cyclonedx(
            {
                "type": "library",
                "name": "automake",
                "version": "1.17-4",
                "purl": "pkg:deb/debian/automake@1.17-4?arch=all&epoch=1&distro=debian-13.8",
                "properties": properties(
                    SrcName="automake-1.17", SrcVersion="1.17", SrcRelease="4", SrcEpoch="1"
                ),
            }
        )
    )
    assert (package.ecosystem, package.name, package.version, package.architecture) == (
        Ecosystem.DEB,
        "automake",
        "1:1.17-4",
        "all",
    )
    assert package.source == "automake-1.17@1:1.17-4"


@pytest.mark.parametrize(
    ("purl", "version", "source"),
    [
        (
            "pkg:deb/debian/libssl3@3.0.15-1?arch=amd64&upstream=openssl",
            "3.0.15-1",
            "openssl@3.0.15-1",
        ),
        ("pkg:deb/debian/gosu@1.14-1%2Bb6?upstream=gosu%401.14-1", "1.14-1+b6", "gosu@1.14-1"),
        ("pkg:deb/debian/adduser@3.152", "3.152", "adduser@3.152"),
        ("pkg:apk/alpine/musl-utils@1.2.5-r0?upstream=musl", "1.2.5-r0", "musl@1.2.5-r0"),
        (
            "pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?epoch=1&upstream=openssl-3.0.7-27.el9.src.rpm",
            "1:3.0.7-27.el9",
            "openssl@1:3.0.7-27.el9",
        ),
        ("pkg:pypi/numpy@1.26.4", "1.26.4", ""),
    ],
)
def test_the_source_package_is_read_from_upstream(purl: str, version: str, source: str) -> None:
    package = only(cyclonedx({"type": "library", "name": "x", "purl": purl}))
    assert (package.version, package.source) == (version, source)


@pytest.mark.parametrize(
    ("purl", "name"),
    [
        ("pkg:npm/%40babel/core@7.24.0", "@babel/core"),
        (
            "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
            "org.apache.logging.log4j:log4j-core",
        ),
        ("pkg:golang/golang.org/x/net@v0.17.0", "golang.org/x/net"),
        ("pkg:pypi/Backports.Tarfile@1.2.0", "backports-tarfile"),
        ("pkg:cargo/tokio@1.36.0", "tokio"),
    ],
)
def test_names_are_the_ecosystems_own(purl: str, name: str) -> None:
    assert only(cyclonedx({"type": "library", "name": "x", "purl": purl})).name == name


def test_the_distribution_is_the_operating_system_component() -> None:
    found = read_sbom(
        cyclonedx({"type": "operating-system", "name": "redhat", "version": "9.4"}), "x"
    ).inventory.distribution
    assert found == Distribution("rhel", "9.4")


def test_else_the_distribution_is_what_most_packages_name() -> None:
    parts = [
        {"type": "library", "name": "x", "purl": f"pkg:deb/debian/p{i}@1?distro={distro}"}
        for i, distro in enumerate(("debian-11", "debian-12", "debian-12"))
    ]
    assert read_sbom(cyclonedx(*parts), "x").inventory.distribution == Distribution("debian", "12")


@pytest.mark.parametrize(
    ("component", "reason"),
    [
        (
            {"type": "library", "name": "left", "version": "1"},
            "component 'left' 1 has no purl, so that nothing says what it is",
        ),
        (
            {"type": "library", "name": "left", "purl": "pkg:npm/left"},
            "component 'left' is passed over: it has no version",
        ),
        (
            {"type": "library", "name": "l", "purl": "pkg:nuget/L@1"},
            "component 'l' is passed over: no advisories are known for its kind, 'nuget'",
        ),
        (
            {"type": "library", "name": "l", "purl": "left@1"},
            "component 'l' is passed over: its purl is none: 'left@1'",
        ),
        (
            {"type": "library", "name": "l", "purl": "pkg:npm/" + "x" * 5000},
            "component 'l' is passed over: its purl is longer than 4096 characters",
        ),
        ({}, "component '' has no purl, so that nothing says what it is"),
    ],
)
def test_what_cannot_be_used_is_said(component: object, reason: str) -> None:
    inventory = read_sbom(cyclonedx(component), "x").inventory
    assert not inventory.packages
    assert [unknown.reason for unknown in inventory.unknowns] == [reason]


def test_files_and_groups_are_no_packages() -> None:
    parts = (
        {"type": "file", "name": "/a"},
        {
            "type": "application",
            "name": "package-lock.json",
            "properties": properties(Type="npm", Class="lang-pkgs"),
        },
    )
    assert read_sbom(cyclonedx(*parts), "x").inventory.unknowns == ()


def test_one_package_in_two_places_is_two_and_in_one_place_is_one() -> None:
    part = {
        "type": "library",
        "name": "n",
        "purl": "pkg:pypi/n@1",
        "properties": properties(FilePath="a/RECORD"),
    }
    other = {**part, "properties": properties(FilePath="b/RECORD")}
    found = read_sbom(cyclonedx(part, part, other), "x").inventory.packages
    assert {purl: package.record for purl, package in found.items()} == {
        "pkg:pypi/n@1": "/a/RECORD",
        "pkg:pypi/n@1?location=/b/RECORD": "/b/RECORD",
    }


def test_a_path_that_leaves_the_image_is_no_path() -> None:
    part = {
        "type": "library",
        "name": "n",
        "purl": "pkg:pypi/n@1",
        "properties": properties(FilePath="../../etc/shadow"),
    }
    assert only(
        cyclonedx(
            {**part, "evidence": {"occurrences": [{"location": "/../x"}, {"location": "/ok"}]}}
        )
    ).files == ("/ok",)
    assert only(cyclonedx(part)).record == "/"


def test_components_within_components_are_read_and_cycles_of_dependencies_do_no_harm() -> None:
    inner: dict[str, Any] = {"type": "library", "name": "in", "purl": "pkg:cargo/in@1"}
    for depth in range(80):
        inner = {
            "type": "library",
            "name": "x",
            "purl": f"pkg:cargo/x{depth}@1",
            "components": [inner],
        }
    cycle = [{"ref": "a", "dependsOn": ["b", "a"]}, {"ref": "b", "dependsOn": ["a"]}, {"ref": "a"}]
    assert len(read_sbom(cyclonedx(inner, dependencies=cycle), "x").inventory.packages) == 81


SPDX: dict[str, Any] = {
    "spdxVersion": "SPDX-2.3",
    "SPDXID": "SPDXRef-DOCUMENT",
    "name": "app",
    "creationInfo": {"created": "2026-01-01T00:00:00Z"},
    "packages": [
        {
            "SPDXID": "SPDXRef-r",
            "name": "app:1",
            "versionInfo": DIGEST,
            "primaryPackagePurpose": "CONTAINER",
        },
        {
            "SPDXID": "SPDXRef-o",
            "name": "alpine",
            "versionInfo": "3.20.1",
            "primaryPackagePurpose": "OPERATING-SYSTEM",
        },
        {
            "SPDXID": "SPDXRef-p",
            "name": "libcrypto3",
            "versionInfo": "3.3.1-r0",
            "sourceInfo": "built package from: openssl 3.3.1-r0",
            "licenseDeclared": "Apache-2.0",
            "externalRefs": [
                {
                    "referenceCategory": "PACKAGE_MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": "pkg:apk/alpine/libcrypto3@3.3.1-r0",
                }
            ],
        },
    ],
    "files": [
        {"SPDXID": "SPDXRef-f", "fileName": "./lib/libcrypto.so.3"},
        {"SPDXID": "SPDXRef-g", "fileName": "lib/g"},
    ],
    "relationships": [
        {
            "spdxElementId": "SPDXRef-DOCUMENT",
            "relationshipType": "DESCRIBES",
            "relatedSpdxElement": "SPDXRef-r",
        },
        {
            "spdxElementId": "SPDXRef-p",
            "relationshipType": "CONTAINS",
            "relatedSpdxElement": "SPDXRef-f",
        },
        {
            "spdxElementId": "SPDXRef-g",
            "relationshipType": "CONTAINED_BY",
            "relatedSpdxElement": "SPDXRef-p",
        },
    ],
}


def test_spdx() -> None:
    found = read_sbom(json.dumps(SPDX).encode(), "x")
    assert (found.subject, found.digest, found.format, found.created) == (
        "app:1",
        DIGEST,
        "SPDX 2.3",
        "2026-01-01T00:00:00Z",
    )
    assert found.inventory.distribution == Distribution("alpine", "3.20.1")
    (package,) = found.inventory.packages.values()
    assert (package.name, package.version, package.source, package.licence) == (
        "libcrypto3",
        "3.3.1-r0",
        "openssl@3.3.1-r0",
        "Apache-2.0",
    )
    assert package.files == ("/lib/g", "/lib/libcrypto.so.3")
    # a path is text
    assert found.inventory.owners["/lib/g"] == (package.purl,)  # type: ignore[index]


def test_an_attestation_names_the_image_that_its_sbom_is_about() -> None:
    statement = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://spdx.dev/Document",
        "subject": [{"name": "pkg:docker/app@1", "digest": {"sha256": "34" * 32}}],
        "predicate": SPDX,
    }
    found = read_sbom(json.dumps(statement).encode(), "x")
    assert (found.subject, found.digest, len(found.inventory.packages)) == (
        "pkg:docker/app@1",
        "sha256:" + "34" * 32,
        1,
    )
    envelope = {
        "payloadType": "application/vnd.in-toto+json",
        "payload": base64.b64encode(json.dumps(statement).encode()).decode(),
        "signatures": [],
    }
    assert read_sbom(json.dumps(envelope).encode(), "x") == found


def test_syft() -> None:
    document = {
        "schema": {"version": "16.0.18", "url": "https://example.org/syft/schema.json"},
        "distro": {
            "id": "fedora",
            "versionID": "40",
            "prettyName": "Fedora 40",
            "idLike": ["rhel"],
        },
        "source": {"name": "app.tar", "metadata": {"userInput": "app:1", "manifestDigest": DIGEST}},
        "artifacts": [
            {
                "id": "p",
                "name": "openssl-libs",
                "version": "1:3.2.1-2.fc40",
                "purl": "pkg:rpm/fedora/openssl-libs@3.2.1-2.fc40?epoch=1",
                "foundBy": "rpm-db-cataloger",
                "locations": [
                    {"path": "/x"},
                    {"path": "/var/lib/rpm/rpmdb.sqlite", "annotations": {"evidence": "primary"}},
                ],
                "licenses": [{"value": "ASL 2.0", "spdxExpression": "Apache-2.0"}, "MIT"],
                "metadata": {"sourceRpm": "openssl-3.2.1-2.fc40.src.rpm", "modularityLabel": "m:1"},
            }
        ],
        "files": [{"id": "f", "location": {"path": "/usr/lib64/libssl.so.3"}}],
        "artifactRelationships": [
            {"parent": "p", "child": "f", "type": "contains"},
            {"parent": "p", "child": "q", "type": "evident-by"},
        ],
    }
    found = read_sbom(json.dumps(document).encode(), "x")
    (package,) = found.inventory.packages.values()
    assert (found.subject, found.digest, found.format) == ("app:1", DIGEST, "Syft JSON 16.0.18")
    assert found.inventory.distribution == Distribution("fedora", "40", "", ("rhel",), "Fedora 40")
    assert (package.version, package.source, package.module) == (
        "1:3.2.1-2.fc40",
        "openssl@1:3.2.1-2.fc40",
        "m:1",
    )
    assert (package.record, package.files, package.licence) == (
        "/var/lib/rpm/rpmdb.sqlite",
        ("/usr/lib64/libssl.so.3",),
        "Apache-2.0 AND MIT",
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"x: not an SBOM: expected CycloneDX .*; it starts with b''"),
        (b"[1]", r"x: not an SBOM"),
        (b"{", r"x: not valid JSON: "),
        (b'{"a": 1}', r"x: not an SBOM: expected CycloneDX .*; its members are 'a'"),
        (
            b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>',
            r"x: CycloneDX in XML is not read: write it as JSON",
        ),
        (b"SPDXVersion: SPDX-2.3\n", r"x: SPDX in tag-value form is not read: write it as JSON"),
        (
            b'{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}',
            r"x: SPDX 3 is not read",
        ),
        (
            b'{"bomFormat": "CycloneDX", "specVersion": "9.9"}',
            r"x: specVersion: expected one of 1\.2, .*, got '9\.9'",
        ),
        (
            b'{"spdxVersion": "SPDX-1.2"}',
            r"x: spdxVersion: expected one of SPDX-2\.2, SPDX-2\.3, got 'SPDX-1\.2'",
        ),
        (b'{"payloadType": "x", "payload": "?"}', r"x: payload: not base64"),
        (b'{"payloadType": "x", "payload": "\\u00e9"}', r"x: payload: not base64"),
        (b'{"a":' * 100_000, r"x: JSON nested deeper than 200 levels"),
        (b'{"a":' + b"[" * 300 + b"]" * 300 + b"}", r"x: JSON nested deeper than 200 levels"),
    ],
    ids=range(13),
)
def test_each_refusal_is_one_clear_line(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_sbom(data, "x")
    assert "\n" not in str(caught.value)


def test_more_values_than_the_limit_are_one_clear_line() -> None:
    # made here: as a parameter each worker would make and hold it
    data = b"{" + b'"a":[],' * 7_000_000 + b"}"
    with pytest.raises(InputError, match=r"x: more than 12000000 JSON values") as caught:
        read_sbom(data, "x")
    assert "\n" not in str(caught.value)


def test_a_file_of_two_gigabytes_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    with path.open("wb") as stream:
        stream.truncate(2 << 30)
    with pytest.raises(InputError, match="more than the 256 MiB that are read of such a document"):
        read_sbom(path, "big.json")
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_sbom(tmp_path / "none", "none")


@pytest.mark.no_cover
def test_more_components_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sbom_collect, "MAX_COMPONENTS", 50_000)
    data = (
        b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":[' + b"{}," * 59_999 + b"{}]}"
    )
    with pytest.raises(InputError, match="more than 50000 components"):
        read_sbom(data, "x")
    monkeypatch.setattr(sbom_collect, "MAX_UNKNOWNS", 2)
    inventory = read_sbom(cyclonedx({}, {}, {}, {}), "x").inventory
    assert [unknown.reason for unknown in inventory.unknowns][2:] == [
        "2 more components that cannot be used"
    ]


def test_the_number_of_paths_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sbom_collect, "MAX_LISTED", 3)
    part = {
        "type": "library",
        "name": "n",
        "purl": "pkg:pypi/n@1",
        "evidence": {"occurrences": [{"location": f"/{i}"} for i in range(4)]},
    }
    with pytest.raises(InputError, match="more than 3 files of packages"):
        read_sbom(cyclonedx(part), "x")


def test_the_limit_on_bytes_counts_for_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sbom_json, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="more than the 0 MiB"):
        read_sbom(b"{" + b" " * 20 + b"}", "x")
