"""VEX and reports of people who mean harm: each ends in a result or one clear line, soon."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from careen.errors import InputError
from careen.evidence.scanners.read import read_report
from careen.evidence.vex import json_access as vex_json
from careen.evidence.vex.read import read_vex
from careen.model.packages.purls import MAX_PURL, read_purl
from careen.triage.vex_match import VexIndex, resolve

pytestmark = pytest.mark.slow

OPENVEX = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "x",
    "author": "x",
    "timestamp": "2026-01-01T00:00:00Z",
    "version": 1,
}
READERS: tuple[Callable[[bytes, str], object], ...] = (read_vex, read_report)


def within(seconds: float, started: float) -> bool:
    return time.monotonic() - started < seconds


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "opening", [b"[", b'{"a":', b'{"@context":"https://openvex.dev/ns","statements":[']
)
def test_deep_nesting(read: Callable[[bytes, str], object], opening: bytes) -> None:
    for depth in (300, 100_000):
        with pytest.raises(InputError, match=r"nested|JSON"):
            read(opening * depth + b"1", "x.json")


@pytest.mark.parametrize("read", READERS)
def test_well_formed_deep_nesting(read: Callable[[bytes, str], object]) -> None:
    with pytest.raises(InputError, match="nested"):
        read(b'{"a":' * 500 + b"1" + b"}" * 500, "x.json")


@pytest.mark.parametrize("read", READERS)
def test_a_document_that_is_too_large_is_not_parsed(
    read: Callable[[bytes, str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vex_json, "MAX_DOCUMENT", 1000)
    with pytest.raises(
        InputError,
        match=r"x\.json: 1001 bytes are more than the 1000 that are read of such a document",
    ):
        read(b" " * 1001, "x.json")


@pytest.mark.no_cover
def test_a_million_statements_are_refused_whole() -> None:
    """Not cut off: what was left out might take back what was read."""
    one = b'{"vulnerability":"CVE-1","products":["pkg:pypi/a"],"status":"fixed"}'
    data = (
        json.dumps(OPENVEX).encode()[:-1]
        + b',"statements":['
        + b",".join([one] * 1_000_000)
        + b"]}"
    )
    with pytest.raises(
        InputError,
        match=r"x\.json: 1000000 statements are more than the 250000 that are read of one document",
    ):
        read_vex(data, "x.json")


@pytest.mark.no_cover
def test_as_many_statements_as_are_read() -> None:
    one = b'{"vulnerability":"CVE-1","products":["pkg:pypi/a"],"status":"fixed"}'
    data = (
        json.dumps(OPENVEX).encode()[:-1] + b',"statements":[' + b",".join([one] * 50_000) + b"]}"
    )
    started = time.monotonic()
    document = read_vex(data, "x.json")
    assert (len(document.statements), len(resolve(document.statements))) == (50_000, 1)
    assert within(60, started)


@pytest.mark.no_cover
def test_many_products_that_are_all_superseded_take_no_square() -> None:
    products = [f"pkg:pypi/p{number}" for number in range(20_000)]
    raw = [{"vulnerability": "CVE-1", "products": products, "status": "fixed"} for _ in range(5)]
    document = read_vex(json.dumps({**OPENVEX, "statements": raw}).encode(), "x.json")
    started = time.monotonic()
    assert [len(one.products) for one in resolve(document.statements)] == [20_000]
    VexIndex(document.statements)
    assert within(10, started)


def test_problems_are_counted_not_listed_without_end() -> None:
    document = read_vex(json.dumps({**OPENVEX, "statements": [5] * 1000}).encode(), "x.json")
    assert document.problems[0] == "statements[0]: names no vulnerability: None"
    assert (len(document.problems), document.problems[-1]) == (51, "and 950 more")


def test_long_text_is_cut() -> None:
    raw = {
        "vulnerability": "CVE-1",
        "products": ["pkg:pypi/a"],
        "status": "not_affected",
        "impact_statement": "x" * 10_000_000,
    }
    (one,) = read_vex(json.dumps({**OPENVEX, "statements": [raw]}).encode(), "x.json").statements
    assert len(one.note) == vex_json.MAX_TEXT


def test_a_lone_surrogate_can_be_written_again() -> None:
    raw = {
        "vulnerability": "CVE-1",
        "products": ["pkg:pypi/a"],
        "status": "fixed",
        "status_notes": "\ud800",
    }
    (one,) = read_vex(json.dumps({**OPENVEX, "statements": [raw]}).encode(), "x.json").statements
    assert one.note == "?"


def branches(depth: int) -> Any:
    tree: Any = {
        "product": {
            "product_id": "p",
            "name": "p",
            "product_identification_helper": {"purl": "pkg:pypi/a"},
        }
    }
    for _ in range(depth):
        tree = {"branches": [tree]}
    return {"branches": [tree]}


def csaf(tree: Any, *listed: str) -> bytes:
    head = {"csaf_version": "2.0", "tracking": {"id": "x"}}
    return json.dumps(
        {
            "document": head,
            "product_tree": tree,
            "vulnerabilities": [{"cve": "CVE-1", "product_status": {"fixed": list(listed)}}],
        }
    ).encode()


def test_deep_branches_are_walked_without_recursion() -> None:
    (one,) = read_vex(csaf(branches(80), "p"), "x.json").statements
    assert [product.id for product in one.products] == ["pkg:pypi/a"]


@pytest.mark.no_cover
def test_a_chain_of_relationships_as_long_as_a_document() -> None:
    links = [
        {
            "product_reference": f"r{number + 1}",
            "relates_to_product_reference": "p",
            "full_product_name": {"product_id": f"r{number}", "name": "r"},
        }
        for number in range(20_000)
    ]
    tree = {**branches(1), "relationships": links}
    started = time.monotonic()
    document = read_vex(csaf(tree, "p", *(f"r{number}" for number in range(20_000))), "x.json")
    assert document.statements
    assert within(60, started)


@pytest.mark.parametrize(
    ("module", "limit", "data", "reason"),
    [
        (
            "vex.csaf_products",
            "MAX_PRODUCTS",
            csaf({**branches(1), "full_product_names": [{"product_id": "q"}] * 3}, "p"),
            "product_tree: more than the 2 products",
        ),
        (
            "vex.csaf_products",
            "MAX_PRODUCTS",
            csaf({**branches(1), "relationships": [{}] * 3}, "p"),
            "product_tree.relationships: more than the 2 that",
        ),
        (
            "vex.csaf",
            "MAX_STATEMENTS",
            csaf(branches(1), "p", "q", "r"),
            "vulnerabilities[0]: more than the 2 products with a status",
        ),
        (
            "vex.cyclonedx",
            "MAX_STATEMENTS",
            json.dumps(
                {
                    "bomFormat": "CycloneDX",
                    "vulnerabilities": [
                        {"id": "C", "analysis": {"state": "resolved"}, "affects": [{"ref": "a"}]}
                    ]
                    * 3,
                }
            ).encode(),
            "vulnerabilities[2]: more than the 2 statements",
        ),
    ],
)
def test_more_than_is_read_is_refused_whole(
    monkeypatch: pytest.MonkeyPatch, module: str, limit: str, data: bytes, reason: str
) -> None:
    monkeypatch.setattr(f"careen.evidence.{module}.{limit}", 2)
    with pytest.raises(InputError) as caught:
        read_vex(data, "x.json")
    assert reason in str(caught.value)


def test_components_that_name_themselves() -> None:
    component = {
        "bom-ref": "a",
        "purl": "a",
        "components": [{"bom-ref": "a", "purl": "pkg:pypi/other"}],
    }
    stated = {"id": "CVE-1", "analysis": {"state": "resolved"}, "affects": [{"ref": "a"}]}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "metadata": {"component": component},
        "components": [component],
        "vulnerabilities": [stated],
    }
    (one,) = read_vex(json.dumps(document).encode(), "x.json").statements
    assert [product.id for product in one.products] == ["a"]


def test_a_purl_that_costs_more_than_it_says() -> None:
    started = time.monotonic()
    assert read_purl("pkg:pypi/" + "a" * MAX_PURL) is None
    assert read_purl("pkg:pypi/a?" + "&".join(f"k{number}=v" for number in range(400))) is not None
    assert read_purl("pkg:pypi/a@" + "%25" * 1000) is not None
    assert within(5, started)


@pytest.mark.parametrize("value", [None, 5, "x", [], {}, [[]], [{}], [5], {"a": []}, True])
def test_wrong_types_anywhere_are_no_crash(value: Any) -> None:
    documents = [
        {**OPENVEX, "statements": value},
        {**OPENVEX, "statements": [{"vulnerability": value, "products": value, "status": value}]},
        {
            **OPENVEX,
            "statements": [
                {
                    "vulnerability": {"name": "C", "aliases": value},
                    "products": [{"@id": value, "subcomponents": value, "hashes": value}],
                    "status": "fixed",
                }
            ],
        },
        {
            "_type": "https://in-toto.io/Statement/v1",
            "predicateType": "https://openvex.dev/ns",
            "subject": value,
            "predicate": value,
        },
        {"payloadType": "application/vnd.in-toto+json", "payload": value},
        {"document": value},
        {
            "document": {"csaf_version": "2.0", "tracking": value, "publisher": value},
            "product_tree": value,
            "vulnerabilities": value,
        },
        {
            "document": {"csaf_version": "2.1"},
            "product_tree": {
                "branches": value,
                "relationships": value,
                "product_groups": value,
                "full_product_names": value,
            },
        },
        {
            "document": {"csaf_version": "2.0"},
            "vulnerabilities": [
                {
                    "cve": value,
                    "ids": value,
                    "product_status": value,
                    "flags": value,
                    "threats": value,
                    "remediations": value,
                }
            ],
        },
        {
            "bomFormat": "CycloneDX",
            "vulnerabilities": value,
            "components": value,
            "metadata": value,
        },
        {
            "bomFormat": "CycloneDX",
            "vulnerabilities": [{"id": value, "analysis": value, "affects": value}],
        },
        {
            "bomFormat": "CycloneDX",
            "vulnerabilities": [
                {
                    "id": "C",
                    "analysis": {"state": "resolved", "response": value},
                    "affects": [{"ref": value, "versions": value}],
                }
            ],
        },
        {"SchemaVersion": value, "ArtifactName": value, "Results": value, "Metadata": value},
        {
            "SchemaVersion": 2,
            "ArtifactName": "x",
            "Results": [{"Vulnerabilities": value, "Packages": value, "Type": value}],
        },
        {
            "SchemaVersion": 2,
            "ArtifactName": "x",
            "Results": [
                {
                    "Vulnerabilities": [
                        {"VulnerabilityID": value, "CVSS": value, "FixedVersion": value}
                    ]
                }
            ],
        },
        {"descriptor": {"name": "grype"}, "matches": value, "source": value},
        {
            "descriptor": {"name": "grype"},
            "matches": [
                {"vulnerability": value, "artifact": value, "relatedVulnerabilities": value}
            ],
        },
        {
            "descriptor": {"name": "grype"},
            "matches": [
                {
                    "vulnerability": {
                        "id": "C",
                        "cvss": value,
                        "epss": value,
                        "fix": value,
                        "knownExploited": value,
                    }
                }
            ],
        },
        {"version": "2.1.0", "runs": value},
        {"version": "2.1.0", "runs": [{"tool": value, "results": value, "properties": value}]},
        {
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": {"rules": value}},
                    "results": [
                        {"ruleId": value, "ruleIndex": value, "message": value, "locations": value}
                    ],
                }
            ],
        },
    ]
    refused: list[str] = []
    for document in documents:
        for read in READERS:
            try:
                read(json.dumps(document).encode(), "x.json")
            except InputError as error:
                refused.append(str(error))
    assert refused
    assert [words for words in refused if "\n" in words or not words.startswith("x.json: ")] == []


@pytest.mark.parametrize(
    ("module", "document"),
    [
        (
            "scanners.trivy",
            {
                "SchemaVersion": 2,
                "ArtifactName": "x",
                "Results": [
                    {"Vulnerabilities": [{"VulnerabilityID": f"CVE-{n}"} for n in range(5)]}
                ],
            },
        ),
        (
            "scanners.grype",
            {
                "descriptor": {"name": "grype"},
                "matches": [{"vulnerability": {"id": f"CVE-{n}"}} for n in range(5)],
            },
        ),
        (
            "scanners.sarif",
            {
                "version": "2.1.0",
                "runs": [{"results": [{"ruleId": f"CVE-2024-000{n}"} for n in range(5)]}],
            },
        ),
    ],
)
def test_a_report_that_is_cut_off_says_so(
    monkeypatch: pytest.MonkeyPatch, module: str, document: dict[str, Any]
) -> None:
    monkeypatch.setattr(f"careen.evidence.{module}.MAX_FINDINGS", 2)
    read = read_report(json.dumps(document).encode(), "x.json")
    assert len(read.findings) == 2
    assert any(words.endswith("is not read") and "more than 2" in words for words in read.problems)
