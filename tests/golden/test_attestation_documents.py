"""What `careen attest --json` and `careen verify-evidence --json` print, against their schemas."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from careen.model.attestations.checked import Agreement, Checked, EvidenceVerdict
from careen.model.attestations.signed import Attested, Subject
from careen.report.documents.attestations import attested_json, evidence_json

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
DIGEST = "sha256:" + "ab" * 32
SIGNED = Attested(
    Subject("r.example.org/team/app", DIGEST),
    {Path("out/attestations/rbom.sigstore.json"): "https://careen.example/rbom/v1"},
    f"docker://r.example.org/team/app@{DIGEST}",
)
AGREEMENT = Agreement(frozenset({DIGEST}), {"sbom": 12}, 30, 2, 5, ("sbom: lists a",))
VERDICT = EvidenceVerdict(
    DIGEST,
    (Checked("rbom", "https://careen.example/rbom/v1"), Checked("sbom", "", "not signed")),
    ("spdx is required and missing",),
    AGREEMENT,
)


def read(data: bytes, name: str) -> Any:
    document = json.loads(data)
    schema = json.loads((SCHEMAS / f"{name}-1.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    return document


def test_bundles_are_told_by_their_path() -> None:
    document = read(attested_json(SIGNED), "attest")
    assert document == {
        "format": "careen.attest",
        "version": 1,
        "subject": {"name": "r.example.org/team/app", "digest": DIGEST},
        "bundles": {"out/attestations/rbom.sigstore.json": "https://careen.example/rbom/v1"},
        "attached": f"docker://r.example.org/team/app@{DIGEST}",
    }
    assert read(attested_json(replace(SIGNED, attached=None)), "attest")["attached"] is None


def test_a_path_that_is_not_utf_8_is_an_escape() -> None:
    odd = replace(SIGNED, bundles={Path("out/\udcff.json"): "t"})
    assert list(read(attested_json(odd), "attest")["bundles"]) == ["out/\udcff.json"]


def test_each_attestation_has_what_is_wrong_with_it() -> None:
    document = read(evidence_json(VERDICT), "evidence")
    assert document == {
        "format": "careen.evidence",
        "version": 1,
        "passed": False,
        "digest": DIGEST,
        "attestations": [
            {"name": "rbom", "type": "https://careen.example/rbom/v1", "problem": ""},
            {"name": "sbom", "type": "", "problem": "not signed"},
        ],
        "image": {
            "components": {"sbom": 12},
            "files_same": 30,
            "files_rewritten": 2,
            "files_absent": 5,
        },
        "problems": ["spdx is required and missing"],
    }


@pytest.mark.parametrize(
    ("verdict", "passed"),
    [
        (replace(VERDICT, checked=VERDICT.checked[:1], problems=()), True),
        (replace(VERDICT, checked=VERDICT.checked[:1]), False),
        (replace(VERDICT, problems=()), False),
    ],
)
def test_it_passes_only_where_nothing_is_wrong(verdict: EvidenceVerdict, *, passed: bool) -> None:
    assert read(evidence_json(verdict), "evidence")["passed"] is passed


def test_an_image_that_was_not_named_was_not_compared() -> None:
    assert read(evidence_json(replace(VERDICT, agreement=None)), "evidence")["image"] is None
