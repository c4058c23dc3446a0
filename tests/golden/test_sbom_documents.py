"""The SBOMs and findings that careen writes: valid by the official schemas, read back whole, the
same bytes each time.
"""

import hashlib
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from careen.evidence.cyclonedx.findings import to_cyclonedx_findings
from careen.evidence.file_checksums import file_checksums
from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
from careen.evidence.sbom.read import read_sbom
from careen.evidence.sbom.spdx import to_spdx_sbom
from careen.model.findings.questions import Answer, Answered, FourQuestions
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ROOT, ImagePath
from careen.tools.process import run
from tests.support.scan_reports import (
    AUTOMAKE,
    BABEL,
    BUNDLED,
    CREATED,
    CRYPTOGRAPHY,
    DIGEST,
    GO_NET,
    GOSU,
    INVENTORY,
    LIBSSL,
    LOG4J,
    NUMPY,
    NUMPY_COPY,
    REPORT,
    RUNTIME,
    SUBJECT,
)
from tests.support.trees import tree

SBOM = to_cyclonedx_sbom(SUBJECT, DIGEST, INVENTORY, created=CREATED)
CHECKSUMS = {
    path: hashlib.sha1(path.encode()).hexdigest()  # noqa: S324
    for package in INVENTORY.packages.values()
    for path in package.files
}
SPDX = to_spdx_sbom(SUBJECT, DIGEST, INVENTORY, created=CREATED, checksums=CHECKSUMS)
FINDINGS = to_cyclonedx_findings(REPORT)


def complaint(data: bytes) -> object:
    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(data.decode())


def components(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    inner = [child for item in document["components"] for child in item.get("components", ())]
    return {item["bom-ref"]: item for item in (*document["components"], *inner)}


def facts(component: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in component["properties"]}


def test_cyclonedx_is_valid_by_the_official_schema() -> None:
    assert complaint(SBOM) is None
    assert complaint(FINDINGS) is None
    assert complaint(SBOM.replace(b'"type": "library"', b'"type": "thing"')) is not None


def test_what_is_written_is_read_back_whole() -> None:
    found = read_sbom(SBOM, "sbom")
    assert (found.subject, found.digest, found.created, found.format) == (
        SUBJECT,
        DIGEST,
        CREATED,
        "CycloneDX 1.6",
    )
    assert {
        purl: replace(package, depends=tuple(sorted(package.depends)))
        for purl, package in INVENTORY.packages.items()
    } == dict(found.inventory.packages)
    assert found.inventory == replace(INVENTORY, packages=found.inventory.packages)


def test_scanners_find_source_package_and_distribution() -> None:
    parts = components(json.loads(SBOM))
    assert parts[GOSU]["purl"].endswith("?arch=amd64&distro=debian-12&upstream=gosu%401.14-1")
    ours = {
        name: value
        for name, value in facts(parts[AUTOMAKE]).items()
        if name.startswith("aquasecurity:trivy:")
    }
    assert ours == {
        "aquasecurity:trivy:PkgID": "automake@1:1.16.5-1.3",
        "aquasecurity:trivy:PkgType": "debian",
        "aquasecurity:trivy:SrcEpoch": "1",
        "aquasecurity:trivy:SrcName": "automake-1.16",
        "aquasecurity:trivy:SrcRelease": "1.3",
        "aquasecurity:trivy:SrcVersion": "1.16.5",
    }
    assert (
        facts(parts[BABEL])["aquasecurity:trivy:FilePath"]
        == "app/node_modules/@babel/core/package.json"
    )
    system = parts["os:debian@12"]
    assert (system["type"], system["name"], system["version"]) == (
        "operating-system",
        "debian",
        "12",
    )


def test_qualifiers_that_the_inventory_lacks_are_added_and_the_identity_stays() -> None:
    plain = Package(
        Ecosystem.DEB,
        "libc6",
        "2.36-9",
        "pkg:deb/debian/libc6@2.36-9",
        ROOT,
        (),
        source="glibc@2.36-9",
    )
    inventory = replace(INVENTORY, packages={plain.purl: plain}, owners={})
    data = to_cyclonedx_sbom(SUBJECT, DIGEST, inventory, created=CREATED)
    part = components(json.loads(data))[plain.purl]
    assert part["purl"] == "pkg:deb/debian/libc6@2.36-9?distro=debian-12&upstream=glibc"
    assert dict(read_sbom(data, "x").inventory.packages) == {plain.purl: plain}


def test_what_is_embedded_belongs_to_what_holds_it() -> None:
    document = json.loads(SBOM)
    parts = {item["bom-ref"]: item for item in document["components"]}
    assert facts(parts[GO_NET])["careen:holder"] == GOSU
    assert facts(parts[BUNDLED])["careen:holder"] == CRYPTOGRAPHY
    assert not [
        part for part in parts.values() if "components" in part
    ]  # scanners look at no component within a component
    assert parts[LOG4J]["evidence"] == {
        "occurrences": [{"location": "/app/app.jar"}]
    }  # nobody owns the jar
    assert parts[RUNTIME]["type"] == "application"
    depends = {item["ref"]: item.get("dependsOn", []) for item in document["dependencies"]}
    assert depends[AUTOMAKE] == [GOSU]
    assert depends[GOSU] == []
    assert GO_NET in depends[DIGEST]
    assert depends[CRYPTOGRAPHY] == [NUMPY, NUMPY_COPY]
    assert "os:debian@12" in depends[DIGEST]
    assert LIBSSL in depends["os:debian@12"]


def test_models_tell_what_loading_them_can_run() -> None:
    part = components(json.loads(SBOM))["model:/models/old.bin"]
    assert part["type"] == "machine-learning-model"
    dangers = {
        item["value"] for item in part["properties"] if item["name"] == "careen:model:dangerous"
    }
    assert dangers == {"GLOBAL os.system", "REDUCE"}


def test_without_files_no_file_of_a_package_is_listed() -> None:
    document = json.loads(
        to_cyclonedx_sbom(
            SUBJECT, DIGEST, replace(INVENTORY, models=()), created=CREATED, files=False
        )
    )
    assert not [item for item in components(document).values() if "evidence" in item]


def test_spdx_is_valid_by_the_specifications_rules(tmp_path: Path) -> None:
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    path = tmp_path / "sbom.spdx.json"
    path.write_bytes(SPDX)
    document = parse_file(str(path))
    assert [message.validation_message for message in validate_full_spdx_document(document)] == []
    document.files[0].checksums = []
    assert validate_full_spdx_document(document) != []


def test_spdx_is_read_back() -> None:
    found = read_sbom(SPDX, "sbom")
    assert (found.subject, found.digest, found.created, found.format) == (
        SUBJECT,
        DIGEST,
        CREATED,
        "SPDX 2.3",
    )
    assert found.inventory.distribution == INVENTORY.distribution
    assert found.inventory.unknowns == INVENTORY.unknowns
    kept = (
        "purl",
        "name",
        "version",
        "source",
        "record",
        "files",
        "presence",
        "evidence",
        "module",
        "licence",
    )
    assert {
        purl: [getattr(package, name) for name in kept]
        for purl, package in found.inventory.packages.items()
    } == {
        purl: [getattr(package, name) for name in kept]
        for purl, package in INVENTORY.packages.items()
    }


def test_spdx_lists_no_file_without_a_checksum() -> None:
    document = json.loads(to_spdx_sbom(SUBJECT, DIGEST, INVENTORY, created=CREATED))
    assert document["files"] == []
    assert not any(item["filesAnalyzed"] for item in document["packages"])


def test_checksums_are_of_the_files_that_are_there() -> None:
    rootfs = tree({"/usr/lib/libssl.so.3": b"abc", "/usr/bin/automake": None})
    assert dict(file_checksums(rootfs, INVENTORY)) == {
        "/usr/lib/libssl.so.3": "a9993e364706816aba3e25717850c26c9cd0d89d"
    }


@pytest.mark.parametrize("seed", ["1", "2"])
def test_equal_values_give_equal_bytes_in_every_process(seed: str) -> None:
    code = (
        "import sys, tests.golden.test_sbom_documents as t,"
        " hashlib\nsys.stdout.write(hashlib.sha256(t.SBOM + t.SPDX + t.FINDINGS).hexdigest())"
    )
    checkout = Path(__file__).parents[2]
    done = run(
        [sys.executable, "-c", code],
        timeout=60,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(checkout)},
        cwd=str(checkout),
    )
    assert done.text == hashlib.sha256(SBOM + SPDX + FINDINGS).hexdigest()


def vulnerabilities() -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in json.loads(FINDINGS)["vulnerabilities"]}


def test_one_vulnerability_points_at_every_package_that_has_it() -> None:
    found = vulnerabilities()
    assert set(found) == {
        "CVE-2026-0001",
        "CVE-2021-44228",
        "GHSA-xxxx-yyyy-zzzz",
        "CVE-2020-9999",
        "CVE-2019-1111",
    }
    ssl = found["CVE-2026-0001"]
    targets = {
        item["ref"]: [(one["version"], one["status"]) for one in item["versions"]]
        for item in ssl["affects"]
    }
    assert {ref: sorted(versions) for ref, versions in targets.items()} == {
        LIBSSL: [("3.0.15-1~deb12u1", "affected"), ("3.0.17-1~deb12u1", "unaffected")],
        BUNDLED: [("3.2.0", "affected"), ("3.2.1", "unaffected")],
    }
    assert set(targets) <= set(components(json.loads(FINDINGS)))
    assert [item["id"] for item in ssl["references"]] == ["DSA-5999-1", "GHSA-aaaa-bbbb-cccc"]
    assert [item["url"] for item in ssl["advisories"]] == [
        "https://www.openssl.org/news/secadv/20260102.txt"
    ]
    assert {(item.get("method"), item.get("score")) for item in ssl["ratings"]} == {
        (None, None),
        ("CVSSv31", 9.8),
        ("CVSSv4", 9.3),
    }
    assert (
        ssl["recommendation"]
        == "Upgrade libssl3 3.0.15-1~deb12u1 to 3.0.17-1~deb12u1. Upgrade openssl 3.2.0 to 3.2.1."
    )
    assert (facts(ssl)["careen:tier"], facts(ssl)["careen:priority"]) == ("executed", "act")
    assert json.loads(facts(ssl)["careen:epss"])["score"] == 0.94
    assert json.loads(facts(ssl)["careen:kev"])["added"] == "2026-01-05"


def test_analysis_states_only_what_was_verified() -> None:
    found = vulnerabilities()
    assert found["CVE-2026-0001"]["analysis"]["state"] == "in_triage"
    assert (
        found["CVE-2021-44228"]["analysis"]["state"] == "in_triage"
    )  # not seen to be used is not "not affected"
    assert found["CVE-2020-9999"]["analysis"]["state"] == "not_affected"
    assert found["CVE-2020-9999"]["analysis"]["justification"] == "code_not_present"
    assert (
        "Not counted, by .careenignore:3 until 2026-12-31: the parser is never reached"
        in found["CVE-2019-1111"]["analysis"]["detail"]
    )
    bare = json.loads(to_cyclonedx_findings(replace(REPORT, observed=None, suppressed=())))[
        "vulnerabilities"
    ]
    assert [item["id"] for item in bare if "analysis" in item] == ["CVE-2020-9999"]


def test_a_package_of_somebody_elses_report_has_a_component() -> None:
    stranger = replace(
        REPORT.findings[0],
        finding=replace(
            REPORT.findings[0].finding, package="pkg:gem/rack@1", name="rack", version="1"
        ),
    )
    data = to_cyclonedx_findings(
        replace(REPORT, findings=(stranger,), inventory=Inventory({}, {}), suppressed=())
    )
    assert complaint(data) is None
    assert components(json.loads(data))["pkg:gem/rack@1"]["name"] == "rack"


def test_hostile_text_is_valid_all_the_same() -> None:
    text = "\udcff\ud800 \0 <x> "
    evil = replace(
        INVENTORY.packages[LIBSSL],
        name=text,
        version=text,
        licence=text,
        files=(ImagePath(f"/{text}"),),
        evidence=text,
        source=f"{text}@{text}",
    )
    inventory = replace(INVENTORY, packages={LIBSSL: evil})
    first = REPORT.findings[0]
    finding = replace(
        first.finding,
        id=text,
        aliases=(text,),
        summary=text,
        fixed=(text,),
        published=text,
        references=(text,),
    )
    assert complaint(to_cyclonedx_sbom(text, DIGEST, inventory, created=CREATED)) is None
    assert (
        complaint(
            to_cyclonedx_findings(
                replace(REPORT, inventory=inventory, findings=(replace(first, finding=finding),))
            )
        )
        is None
    )
    json.loads(to_spdx_sbom(text, "", inventory, created=CREATED))


def test_every_property_is_documented() -> None:
    listed = json.loads(
        (Path(__file__).parents[2] / "docs/schema/sbom-properties-1.json").read_text()
    )["properties"]
    page = (Path(__file__).parents[2] / "docs/sbom.md").read_text()
    documented = {item["name"] for item in listed}
    assert all(f"`{name}`" in page for name in documented)
    written = set(re.findall(r'"name": "(careen:[^"]+)"', (SBOM + FINDINGS).decode()))
    assert {re.sub(r"^(careen:model:fact:).*", r"\1NAME", name) for name in written} <= documented


def test_the_four_questions_are_answered_for_all_packages_of_a_vulnerability() -> None:
    """Of two packages the graver answer counts, and says whose it is."""
    unknown = Answered(Answer.UNKNOWN, "the KEV list is not asked")
    asked = FourQuestions(
        exposed=Answered(Answer.NO, "RBOM: no program that uses it listens"),
        automatable=unknown,
        total_control=Answered(Answer.NO, "limited impact"),
        exploited=unknown,
    )
    first, *others = (item for item in REPORT.findings if item.finding.id == "CVE-2026-0001")
    (other,) = others
    told = {
        first: asked,
        other: replace(asked, exposed=Answered(Answer.YES, "RBOM: it listens on 80")),
    }
    findings = tuple(replace(item, questions=answers) for item, answers in told.items())
    written = to_cyclonedx_findings(replace(REPORT, findings=findings, suppressed=()))
    assert complaint(written) is None
    (found,) = json.loads(written)["vulnerabilities"]
    answers = {
        name.removeprefix("careen:bod-26-04:"): json.loads(value)
        for name, value in facts(found).items()
        if name.startswith("careen:bod-26-04:")
    }
    whose = f"{other.finding.name} {other.finding.version}"
    assert answers == {
        "exposed": {"answer": "yes", "source": f"{whose}: RBOM: it listens on 80"},
        "automatable": {"answer": "unknown", "source": unknown.source},
        "total_control": {"answer": "no", "source": "limited impact"},
        "exploited": {"answer": "unknown", "source": unknown.source},
    }
