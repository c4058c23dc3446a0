"""CSAF in: trees, relationships and groups into purls; flags, impacts and remediations per
product.
"""

import json
from typing import Any

import pytest

from careen.errors import InputError
from careen.evidence.vex.document import VexDocument
from careen.evidence.vex.read import read_vex
from careen.model.findings.vex import Justification, VexProduct, VexStatus

TREE: dict[str, Any] = {
    "branches": [
        {
            "category": "vendor",
            "name": "Example",
            "branches": [
                {
                    "category": "product_name",
                    "name": "Linux 9",
                    "product": {
                        "name": "Example Linux 9",
                        "product_id": "linux",
                        "product_identification_helper": {"cpe": "cpe:/o:example:linux:9"},
                    },
                },
                {
                    "category": "product_version",
                    "name": "openssl",
                    "product": {
                        "name": "openssl",
                        "product_id": "openssl",
                        "product_identification_helper": {
                            "purl": "pkg:rpm/example/openssl@3.0.7-27.el9?arch=x86_64"
                        },
                    },
                },
            ],
        }
    ],
    "full_product_names": [
        {
            "name": "tool",
            "product_id": "tool",
            "product_identification_helper": {"purls": ["pkg:pypi/tool@1", "pkg:npm/tool@1"]},
        },
        {"name": "Appliance 4.2", "product_id": "appliance"},
    ],
    "relationships": [
        {
            "category": "default_component_of",
            "product_reference": "openssl",
            "relates_to_product_reference": "linux",
            "full_product_name": {"name": "openssl in Linux 9", "product_id": "linux:openssl"},
        }
    ],
    "product_groups": [{"group_id": "g1", "product_ids": ["linux:openssl", "tool"]}],
}


def csaf(*vulnerabilities: Any, tree: Any = TREE, version: str = "2.0", **tracking: Any) -> bytes:
    head = {
        "category": "csaf_vex",
        "csaf_version": version,
        "publisher": {"name": "Example PSIRT"},
        "tracking": {
            "id": "EX-1",
            "current_release_date": "2026-03-01T00:00:00Z",
            "status": "final",
            **tracking,
        },
    }
    return json.dumps(
        {"document": head, "product_tree": tree, "vulnerabilities": list(vulnerabilities)}
    ).encode()


def read(*vulnerabilities: Any, **more: Any) -> VexDocument:
    return read_vex(csaf(*vulnerabilities, **more), "x.json")


def test_a_component_is_named_within_its_product() -> None:
    document = read({"cve": "CVE-2024-1", "product_status": {"fixed": ["linux:openssl"]}})
    assert (document.id, document.author, document.format, document.timestamp) == (
        "EX-1",
        "Example PSIRT",
        "CSAF 2.0",
        "2026-03-01T00:00:00Z",
    )
    (one,) = document.statements
    assert (one.status, one.products) == (
        VexStatus.FIXED,
        (
            VexProduct(
                "cpe:/o:example:linux:9", ("pkg:rpm/example/openssl@3.0.7-27.el9?arch=x86_64",)
            ),
        ),
    )


def test_several_purls_and_a_product_without_any() -> None:
    (one,) = read(
        {"cve": "CVE-2024-1", "product_status": {"known_affected": ["tool", "appliance"]}},
        version="2.1",
    ).statements
    assert one.products == (
        VexProduct("pkg:pypi/tool@1"),
        VexProduct("pkg:npm/tool@1"),
        VexProduct("Appliance 4.2"),
    )


def test_flags_impacts_and_remediations_are_put_together_per_product() -> None:
    document = read(
        {
            "cve": "CVE-2024-1",
            "ids": [{"system_name": "Example", "text": "EXB-7"}],
            "product_status": {
                "known_not_affected": ["linux:openssl", "appliance"],
                "known_affected": ["tool"],
                "recommended": ["tool"],
            },
            "flags": [{"label": "vulnerable_code_not_present", "group_ids": ["g1"]}],
            "threats": [
                {"category": "impact", "details": "not built in", "product_ids": ["appliance"]},
                {"category": "exploit_status", "details": "none"},
            ],
            "remediations": [
                {
                    "category": "vendor_fix",
                    "details": "take 2.0",
                    "url": "https://example.org/2",
                    "group_ids": ["g1"],
                }
            ],
        }
    )
    assert document.problems == ()
    assert [
        (
            one.status,
            one.justification,
            one.note,
            one.action,
            [product.id for product in one.products],
        )
        for one in document.statements
    ] == [
        (
            VexStatus.NOT_AFFECTED,
            Justification.VULNERABLE_CODE_NOT_PRESENT,
            "",
            "",
            ["cpe:/o:example:linux:9"],
        ),
        (VexStatus.NOT_AFFECTED, None, "not built in", "", ["Appliance 4.2"]),
        (
            VexStatus.AFFECTED,
            None,
            "",
            "vendor fix: take 2.0 https://example.org/2",
            ["pkg:pypi/tool@1", "pkg:npm/tool@1"],
        ),
    ]
    assert {one.aliases for one in document.statements} == {("EXB-7",)}


def test_what_names_no_product_is_said_of_all() -> None:
    document = read(
        {
            "cve": "CVE-2024-1",
            "product_status": {"under_investigation": ["tool"]},
            "threats": [{"category": "impact", "details": "being looked at"}],
        }
    )
    assert [(one.status, one.note) for one in document.statements] == [
        (VexStatus.UNDER_INVESTIGATION, "being looked at")
    ]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("first_affected", VexStatus.AFFECTED),
        ("last_affected", VexStatus.AFFECTED),
        ("first_fixed", VexStatus.FIXED),
        ("unknown", VexStatus.UNDER_INVESTIGATION),
    ],
)
def test_each_status_has_its_word(word: str, status: VexStatus) -> None:
    assert (
        read({"cve": "CVE-2024-1", "product_status": {word: ["tool"]}}).statements[0].status
        is status
    )


@pytest.mark.parametrize(
    ("category", "name", "purl", "versions"),
    [
        ("product_version_range", "vers:pypi/<2.6.0", "pkg:pypi/torch", "vers:pypi/<2.6.0"),
        (
            "product_version_range",
            "all before 2.6",
            "pkg:pypi/torch",
            "all before 2.6",
        ),  # holds nothing, as nobody can evaluate it
        ("product_version", "2.5.1", "pkg:pypi/torch", "vers:pypi/2.5.1"),
        ("product_version", "2.5.1", "pkg:pypi/torch@2.5.1", ""),
        ("product_name", "torch", "pkg:pypi/torch", ""),
    ],
)
def test_a_branch_limits_a_purl_without_a_version(
    category: str, name: str, purl: str, versions: str
) -> None:
    product = {
        "product_id": "torch",
        "name": "torch",
        "product_identification_helper": {"purl": purl},
    }
    tree = {
        **TREE,
        "branches": [*TREE["branches"], {"category": category, "name": name, "product": product}],
    }
    related = {
        "product_reference": "torch",
        "relates_to_product_reference": "linux",
        "full_product_name": {"product_id": "in", "name": "in"},
    }
    tree["relationships"] = [related]
    (one,) = read(
        {"cve": "CVE-2024-1", "product_status": {"fixed": ["torch", "in"]}}, tree=tree
    ).statements
    assert one.products == (
        VexProduct(purl, versions=versions),
        VexProduct("cpe:/o:example:linux:9", (purl,), versions),
    )


def test_a_chain_of_relationships_is_followed_to_its_ends() -> None:
    chain = {
        **TREE,
        "relationships": [
            *TREE["relationships"],
            {
                "category": "installed_on",
                "product_reference": "linux:openssl",
                "relates_to_product_reference": "tool",
                "full_product_name": {"name": "openssl in Linux in tool", "product_id": "deep"},
            },
        ],
    }
    (one,) = read(
        {"cve": "CVE-2024-1", "product_status": {"fixed": ["deep"]}}, tree=chain
    ).statements
    openssl = ("pkg:rpm/example/openssl@3.0.7-27.el9?arch=x86_64",)
    assert one.products == (
        VexProduct("pkg:pypi/tool@1", openssl),
        VexProduct("pkg:npm/tool@1", openssl),
    )


def test_relationships_that_go_round_name_nothing() -> None:
    def related(name: str, component: str, within: str) -> dict[str, Any]:
        return {
            "product_reference": component,
            "relates_to_product_reference": within,
            "full_product_name": {"name": name, "product_id": name},
        }

    cyclic = {
        "relationships": [
            related("a", "b", "b"),
            related("b", "a", "a"),
            related("self", "self", "self"),
        ]
    }
    with pytest.raises(
        InputError,
        match=(
            r"states nothing about a product; vulnerabilities\[0\].product_status.fixed: 'a' is not"
            r" in the product tree"
        ),
    ):
        read({"cve": "CVE-2024-1", "product_status": {"fixed": ["a", "b", "self"]}}, tree=cyclic)


def test_a_tree_of_relationships_that_doubles_at_each_step_ends() -> None:
    def related(name: str, component: str) -> dict[str, Any]:
        return {
            "product_reference": component,
            "relates_to_product_reference": "tool",
            "full_product_name": {"name": name, "product_id": name},
        }

    doubling = [related(f"n{step}", f"n{step + 1}{side}") for step in range(40) for side in "ab"]
    doubling += [related(f"n{step}{side}", f"n{step}") for step in range(1, 41) for side in "ab"]
    document = read(
        {"cve": "CVE-2024-1", "product_status": {"fixed": ["tool", "n0"]}},
        tree={**TREE, "relationships": doubling},
    )
    assert document.statements[0].products == (
        VexProduct("pkg:pypi/tool@1"),
        VexProduct("pkg:npm/tool@1"),
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            csaf(status="deleted"),
            "x.json: the publisher has withdrawn 'EX-1' (tracking.status is 'deleted')",
        ),
        (csaf(version="3.0"), "x.json: document.csaf_version: expected '2.0' or '2.1', got '3.0'"),
        (csaf(), "x.json: a CSAF document ('csaf_vex') that states nothing about a product"),
        (
            csaf({"cve": "CVE-1", "product_status": {"fixed": ["ghost"]}}),
            "vulnerabilities[0].product_status.fixed: 'ghost' is not in the product tree",
        ),
        (
            csaf({"product_status": {"fixed": ["tool"]}}),
            "vulnerabilities[0]: has neither a CVE nor another identifier",
        ),
        (
            csaf({"cve": "CVE-1", "product_status": {"mended": ["tool"]}}),
            "vulnerabilities[0].product_status: 'mended' is no status of CSAF",
        ),
        (
            csaf({"cve": "CVE-1", "product_status": [["tool"]]}, tree=[5]),
            "states nothing about a product",
        ),
    ],
)
def test_what_states_nothing_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        read_vex(data, "x.json")
    assert reason in str(caught.value)
