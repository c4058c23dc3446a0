"""CycloneDX VEX in and out."""

import json
from typing import Any

import pytest

from careen.errors import InputError
from careen.evidence.vex.document import VexDocument
from careen.evidence.vex.read import read_vex
from careen.evidence.vex.statements import statements
from careen.evidence.vex.terms import (
    CYCLONEDX_JUSTIFICATION,
    CYCLONEDX_STATE,
    TO_CYCLONEDX_JUSTIFICATION,
    TO_CYCLONEDX_STATE,
)
from careen.evidence.vex.write_cyclonedx import BomLink, to_cyclonedx_vex
from careen.evidence.vex.write_openvex import Authorship
from careen.model.findings.vex import Justification, VexProduct, VexStatus
from careen.triage.vex_match import VexIndex
from tests.support.hardenings import BEFORE, HARDENING, SUBJECT

SERIAL = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
LOG4J = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"


def read(*vulnerabilities: Any, **more: Any) -> VexDocument:
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "serialNumber": SERIAL,
        "vulnerabilities": list(vulnerabilities),
        **more,
    }
    return read_vex(json.dumps(document).encode(), "x.json")


def vulnerability(state: str = "not_affected", ref: str = LOG4J, **more: Any) -> dict[str, Any]:
    return {"id": "CVE-2021-44228", "analysis": {"state": state}, "affects": [{"ref": ref}], **more}


def test_a_document_of_its_own() -> None:
    document = read(
        {
            "id": "CVE-2021-44228",
            "references": [{"id": "GHSA-jfh8-c2jp-5v3q"}],
            "analysis": {
                "state": "exploitable",
                "response": ["update", "will_not_fix"],
                "detail": "reached by log lines",
                "lastUpdated": "2026-02-01T00:00:00Z",
            },
            "recommendation": "take 2.17.1",
            "affects": [{"ref": LOG4J}],
        },
        metadata={"timestamp": "2026-01-01T00:00:00Z", "authors": [{"name": "Example"}]},
    )
    assert (document.id, document.author, document.format) == (SERIAL, "Example", "CycloneDX 1.5")
    (one,) = document.statements
    assert (one.vulnerability, one.aliases, one.status, one.note) == (
        "CVE-2021-44228",
        ("GHSA-jfh8-c2jp-5v3q",),
        VexStatus.AFFECTED,
        "reached by log lines",
    )
    assert (
        one.action
        == "update to a version that is not affected; the supplier will not fix it; take 2.17.1"
    )
    assert (one.timestamp, one.products) == ("2026-02-01T00:00:00Z", (VexProduct(LOG4J),))


@pytest.mark.parametrize(("state", "status"), sorted(CYCLONEDX_STATE.items()))
def test_each_state_has_its_status(state: str, status: VexStatus) -> None:
    (one,) = read(vulnerability(state)).statements
    assert one.status is status
    assert one.note == ("false positive" if state == "false_positive" else "")


def test_a_justification_is_mapped_and_only_with_not_affected() -> None:
    stated = {"state": "not_affected", "justification": "code_not_reachable"}
    assert (
        read(vulnerability(analysis=stated)).statements[0].justification
        is Justification.VULNERABLE_CODE_NOT_IN_EXECUTE_PATH
    )
    assert (
        read(vulnerability(analysis={**stated, "state": "exploitable"})).statements[0].justification
        is None
    )


def test_what_careen_writes_it_reads_back_as_the_same_words() -> None:
    assert {status: CYCLONEDX_STATE[word] for status, word in TO_CYCLONEDX_STATE.items()} == {
        status: status for status in VexStatus
    }
    back = {one: CYCLONEDX_JUSTIFICATION[word] for one, word in TO_CYCLONEDX_JUSTIFICATION.items()}
    coarser = {
        Justification.COMPONENT_NOT_PRESENT: Justification.VULNERABLE_CODE_NOT_PRESENT
    }  # CycloneDX has one word for both
    assert back == {one: coarser.get(one, one) for one in Justification}


def test_in_an_sbom_a_component_is_spoken_of_within_its_subject() -> None:
    image = "pkg:oci/app@sha256%3Aaa"
    document = read(
        vulnerability(ref="log4j"),
        {**vulnerability(ref="root"), "id": "CVE-2"},
        metadata={"component": {"bom-ref": "root", "purl": image}},
        components=[{"bom-ref": "outer", "components": [{"bom-ref": "log4j", "purl": LOG4J}]}],
    )
    assert [one.products for one in document.statements] == [
        (VexProduct(image, (LOG4J,)),),
        (VexProduct(image),),
    ]


@pytest.mark.parametrize(
    ("ref", "product"),
    [
        (f"urn:cdx:{SERIAL[9:]}/1#log4j", LOG4J),  # this document
        (f"urn:cdx:{SERIAL[9:].upper()}/1#log4j", LOG4J),
        (
            "urn:cdx:00000000-0000-4000-8000-000000000000/1#log4j",
            "urn:cdx:00000000-0000-4000-8000-000000000000/1#log4j",
        ),  # another one
        ("urn:cdx:00000000-0000-4000-8000-000000000000/1#pkg:pypi/a@1%2Bb", "pkg:pypi/a@1%2Bb"),
        (
            "urn:cdx:00000000-0000-4000-8000-000000000000/1#pkg%3Apypi%2Fa%401%252Bb",
            "pkg:pypi/a@1%2Bb",
        ),
        ("cpe:2.3:a:x:y:1", "cpe:2.3:a:x:y:1"),
    ],
)
def test_references_into_this_document_and_others(ref: str, product: str) -> None:
    document = read(vulnerability(ref=ref), components=[{"bom-ref": "log4j", "purl": LOG4J}])
    assert document.statements[0].products == (VexProduct(product),)


def test_versions_and_their_own_status() -> None:
    versions = [
        {"version": "2.4", "status": "affected"},
        {"range": "vers:pypi/>=2.9|<=4.1", "status": "affected"},
        {"version": "2.5", "status": "unaffected"},
        {"range": "vers:pypi/>=5", "status": "unknown"},
    ]
    stated = {
        "id": "CVE-1",
        "analysis": {"state": "exploitable", "detail": "d"},
        "affects": [{"ref": "pkg:pypi/a", "versions": versions}],
    }
    assert [(one.status, one.note, one.products) for one in read(stated).statements] == [
        (
            VexStatus.AFFECTED,
            "d",
            (
                VexProduct("pkg:pypi/a", versions="vers:pypi/2.4"),
                VexProduct("pkg:pypi/a", versions="vers:pypi/>=2.9|<=4.1"),
            ),
        ),
        (
            VexStatus.NOT_AFFECTED,
            "by the status of the version: d",
            (VexProduct("pkg:pypi/a", versions="vers:pypi/2.5"),),
        ),
        (
            VexStatus.UNDER_INVESTIGATION,
            "by the status of the version: d",
            (VexProduct("pkg:pypi/a", versions="vers:pypi/>=5"),),
        ),
    ]


def test_a_version_that_its_purl_states_needs_no_range() -> None:
    stated = vulnerability(
        affects=[{"ref": LOG4J, "versions": [{"version": "2.14.1", "status": "affected"}]}]
    )
    assert read(stated).statements[0].products == (VexProduct(LOG4J),)


def test_a_scanners_finding_is_no_statement() -> None:
    document = read(vulnerability(), {"id": "CVE-2", "affects": [{"ref": LOG4J}]})
    assert [one.vulnerability for one in document.statements] == ["CVE-2021-44228"]
    assert document.problems == ("vulnerabilities: 1 have no analysis and state nothing",)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "x.json: a CycloneDX 1.5 document with no vulnerabilities: nothing is stated in it"),
        (
            {"vulnerabilities": [{"id": "CVE-1"}]},
            (
                "a CycloneDX 1.5 document with 1 vulnerabilities without an analysis: nothing is"
                " stated in it"
            ),
        ),
        (
            {"vulnerabilities": [vulnerability("perhaps")]},
            "vulnerabilities[0].analysis.state: 'perhaps' is none of CycloneDX's",
        ),
        (
            {"vulnerabilities": [{**vulnerability(), "affects": []}]},
            "vulnerabilities[0]: CVE-2021-44228 is stated of nothing that can be read",
        ),
        ({"vulnerabilities": [{**vulnerability(), "id": 5}]}, "vulnerabilities[0]: has no id"),
    ],
)
def test_what_states_nothing_is_refused_with_the_reason(
    document: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(**document)
    assert reason in str(caught.value)


def test_what_careen_writes_decides_the_same_findings_when_it_is_read() -> None:
    stated = statements(BEFORE, HARDENING, SUBJECT)
    again = read_vex(
        to_cyclonedx_vex(stated, SUBJECT, Authorship("Example", "2026-01-02T03:04:05Z")), "x.json"
    )
    assert again.problems == ()
    index = VexIndex(again.statements)
    for triaged, one in zip(BEFORE, stated, strict=True):
        if one.status is VexStatus.FIXED:
            continue  # it is about the new version
        decided = index.deciding(triaged.finding, None, SUBJECT.identifiers())
        assert decided is not None
        assert decided.status is one.status


def test_bom_links_are_escaped_and_found_by_what_a_purl_says() -> None:
    link = BomLink(
        SERIAL,
        2,
        {
            "pkg:deb/debian/zlib1g@1:1.2-1+b1?arch=amd64": (
                "pkg:deb/debian/zlib1g@1:1.2-1+b1?arch=amd64"
            ),
            "pkg:pypi/a@1": "a 1",
        },
    )
    head = f"urn:cdx:{SERIAL[9:]}/2#"
    assert (
        link.ref("pkg:deb/debian/zlib1g@1.2-1+b1?epoch=1")
        == f"{head}pkg%3Adeb%2Fdebian%2Fzlib1g%401%3A1.2-1%2Bb1%3Farch%3Damd64"
    )
    assert link.ref("pkg:pypi/A@1") == f"{head}a%201"
    assert link.ref("pkg:pypi/a@2") is None
    assert link.ref("no purl") is None
