"""OpenVEX in, in every form that was published, and what it says when a document is not right."""

import base64
import json
from typing import Any

import pytest

from careen.errors import InputError
from careen.evidence.vex.document import VexDocument
from careen.evidence.vex.read import read_vex
from careen.model.findings.vex import Justification, VexProduct, VexStatus

HEAD = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://example.org/vex/1",
    "author": "Example",
    "timestamp": "2026-01-01T00:00:00Z",
    "version": 1,
}
STATEMENT = {
    "vulnerability": {
        "@id": "https://example.org/CVE-2024-1",
        "name": "CVE-2024-1",
        "aliases": ["GHSA-2222-3333-4444"],
    },
    "timestamp": "2026-01-02T00:00:00Z",
    "products": [
        {
            "@id": "pkg:oci/app@sha256%3Aaa",
            "identifiers": {
                "purl": "pkg:oci/app@sha256%3Aaa?tag=1",
                "cpe23": "cpe:2.3:a:example:app:1:*:*:*:*:*:*:*",
            },
            "hashes": {"sha-256": "AA"},
            "subcomponents": [
                {"@id": "pkg:deb/debian/curl"},
                {"identifiers": {"purl": "pkg:deb/debian/libcurl4"}},
            ],
        }
    ],
    "status": "not_affected",
    "justification": "component_not_present",
    "impact_statement": "it is not there",
    "status_notes": "looked for it",
}


def read(*statements: Any, **head: Any) -> VexDocument:
    return read_vex(json.dumps({**HEAD, "statements": list(statements), **head}).encode(), "x.json")


def test_a_document_of_today() -> None:
    document = read(STATEMENT)
    assert (document.id, document.author, document.format, document.problems) == (
        "https://example.org/vex/1",
        "Example",
        "OpenVEX 0.2.0",
        (),
    )
    (one,) = document.statements
    assert (one.vulnerability, one.aliases, one.status, one.justification) == (
        "CVE-2024-1",
        ("GHSA-2222-3333-4444",),
        VexStatus.NOT_AFFECTED,
        Justification.COMPONENT_NOT_PRESENT,
    )
    assert (one.note, one.author, one.document, one.timestamp) == (
        "it is not there — looked for it",
        "Example",
        "https://example.org/vex/1",
        "2026-01-02T00:00:00Z",
    )


def test_every_identifier_of_a_product_is_one_that_may_name_it() -> None:
    parts = ("pkg:deb/debian/curl", "pkg:deb/debian/libcurl4")
    assert read(STATEMENT).statements[0].products == (
        VexProduct("pkg:oci/app@sha256%3Aaa", parts),
        VexProduct("pkg:oci/app@sha256%3Aaa?tag=1", parts),
        VexProduct("cpe:2.3:a:example:app:1:*:*:*:*:*:*:*", parts),
        VexProduct("sha256:aa", parts),
    )


def test_the_flat_form_before_0_2_0() -> None:
    flat = {
        "vulnerability": "CVE-2024-1",
        "products": ["pkg:oci/app"],
        "subcomponents": ["pkg:apk/wolfi/bash@1.0.0"],
        "status": "fixed",
    }
    document = read(flat, **{"@context": "https://openvex.dev/ns"})
    assert document.format == "OpenVEX 0.0.1"
    assert document.statements[0].products == (
        VexProduct("pkg:oci/app", ("pkg:apk/wolfi/bash@1.0.0",)),
    )
    assert (
        document.statements[0].timestamp == "2026-01-01T00:00:00Z"
    )  # a statement without a time has its document's


def test_what_was_updated_later_is_later() -> None:
    assert (
        read({**STATEMENT, "last_updated": "2026-02-01T00:00:00Z"}).statements[0].timestamp
        == "2026-02-01T00:00:00Z"
    )


@pytest.mark.parametrize("envelope", [False, True], ids=["in-toto", "DSSE"])
def test_an_attestation_speaks_of_its_subjects(envelope: bool) -> None:
    bare = {key: value for key, value in STATEMENT.items() if key != "products"}
    attested: dict[str, Any] = {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://openvex.dev/ns/v0.2.0",
        "subject": [{"name": "registry.example.org/app", "digest": {"sha256": "aa"}}],
        "predicate": {**HEAD, "statements": [bare]},
    }
    if envelope:
        payload = base64.b64encode(json.dumps(attested).encode()).decode()
        attested = {
            "payloadType": "application/vnd.in-toto+json",
            "payload": payload,
            "signatures": [],
        }
    document = read_vex(json.dumps(attested).encode(), "x.json")
    assert document.statements[0].products == (
        VexProduct("registry.example.org/app"),
        VexProduct("sha256:aa"),
    )


@pytest.mark.parametrize(
    ("change", "kept", "problem"),
    [
        ({"status": "maybe"}, 0, "statements[0]: status 'maybe' is none of OpenVEX's"),
        ({"status": ["fixed"]}, 0, "statements[0]: status ['fixed'] is none of OpenVEX's"),
        ({"vulnerability": 5}, 0, "statements[0]: names no vulnerability: 5"),
        ({"products": []}, 0, "statements[0]: CVE-2024-1 is stated of no product that can be read"),
        (
            {"products": [{"@id": "pkg:oci/app", "subcomponents": [5]}]},
            0,
            "statements[0]: CVE-2024-1 is stated of no product that can be read",
        ),
        (
            {"justification": "because"},
            1,
            (
                "statements[0]: justification 'because' is none of OpenVEX's; the statement stands"
                " without it"
            ),
        ),
        (
            {"justification": "", "impact_statement": ""},
            1,
            (
                "statements[0]: CVE-2024-1 is not_affected without a justification or an impact"
                " statement"
            ),
        ),
    ],
)
def test_a_statement_that_is_not_right_is_a_problem(
    change: dict[str, Any], kept: int, problem: str
) -> None:
    document = read({**STATEMENT, **change})
    assert (len(document.statements), document.problems) == (kept, (problem,))


def test_a_product_limited_to_components_that_cannot_be_read_is_not_taken_whole() -> None:
    unreadable = {"@id": "pkg:oci/app", "subcomponents": [{"hashes": {}}]}
    document = read({**STATEMENT, "products": [unreadable, {"@id": "pkg:oci/other"}]})
    assert document.statements[0].products == (VexProduct("pkg:oci/other"),)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "x.json: not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        (
            b"{",
            (
                "x.json: not valid JSON: Expecting property name enclosed in double quotes: line 1"
                " column 2 (char 1)"
            ),
        ),
        (
            b"\xff\xfe",
            (
                "x.json: not valid JSON: 'utf-8' codec can't decode byte 0xff in position 0:"
                " invalid start byte"
            ),
        ),
        (b"[1]", "x.json: no VEX document: expected a JSON object, got [1]"),
        (b'{"packages": [], "version": 1}', "got a JSON object with packages, version"),
        (
            b'{"@context": "https://openvex.dev/ns/v0.2.0", "statements": []}',
            "x.json: an OpenVEX document without statements",
        ),
        (
            b'{"@context": "https://openvex.dev/ns/v0.2.0", "statements": {"a": 1}}',
            "x.json: an OpenVEX document without statements",
        ),
        (
            b'{"payloadType": "application/vnd.in-toto+json", "payload": "%"}',
            "x.json: payload of the attestation is not base64",
        ),
        (
            b'{"payloadType": "application/vnd.in-toto+json", "payload": "e30="}',
            "x.json: an attestation of None, expected OpenVEX",
        ),
        (b'{"a": NaN}', "x.json: not valid JSON: NaN is not JSON"),
    ],
)
def test_what_is_no_vex_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        read_vex(data, "x.json")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
