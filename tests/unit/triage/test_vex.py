"""What VEX statements of vendors and users do to a list: settled findings leave it with the reason,
doubts are noted, other products' statements do nothing.
"""

from typing import Any

import pytest

from careen.model.findings.triage import Triaged
from careen.model.findings.vex import Justification, VexProduct, VexStatement, VexStatus
from careen.triage.applied import Applied
from careen.triage.vex_apply import apply_vex
from tests.support.triage import inventory, package, triaged

LIBSSL = package(
    "libssl3",
    "/usr/lib/libssl.so.3",
    purl="pkg:deb/debian/libssl3@3.0.15-1?arch=amd64&distro=debian-12",
    source="openssl@3.0.15-1",
)
IMAGE = "pkg:oci/app@sha256:1111?repository_url=registry.example/app"
ITEM = triaged(LIBSSL, identifier="CVE-2024-5535", aliases=("GHSA-x",))


def state(
    status: VexStatus, *products: VexProduct, vulnerability: str = "CVE-2024-5535", **more: Any
) -> VexStatement:
    return VexStatement(
        vulnerability,
        status,
        products or (VexProduct("pkg:deb/debian/libssl3"),),
        **{"document": "https://vendor.example/vex-1", **more},
    )


def apply(*statements: VexStatement, item: Triaged = ITEM) -> Applied:
    return apply_vex([item], statements, inventory(LIBSSL), {IMAGE})


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            state(
                VexStatus.NOT_AFFECTED,
                justification=Justification.VULNERABLE_CODE_NOT_PRESENT,
                note="built without NPN",
            ),
            "not affected: vulnerable code not present; built without NPN",
        ),
        (state(VexStatus.FIXED, note="backported"), "fixed: backported"),
        (state(VexStatus.NOT_AFFECTED), "not affected, without a justification"),
        (
            state(VexStatus.NOT_AFFECTED, vulnerability="GHSA-x"),
            "not affected, without a justification",
        ),
        (
            state(VexStatus.FIXED, VexProduct(IMAGE, ("pkg:deb/debian/libssl3",))),
            "fixed, without a justification",
        ),
        (
            state(VexStatus.FIXED, VexProduct("pkg:deb/debian/openssl?arch=source")),
            "fixed, without a justification",
        ),
    ],
)
def test_who_is_not_affected_leaves_the_list_with_the_reason(
    statement: VexStatement, reason: str
) -> None:
    found = apply(statement)
    assert found.findings == ()
    assert [(item.triaged, item.by, item.reason) for item in found.suppressed] == [
        (ITEM, "https://vendor.example/vex-1", reason)
    ]


@pytest.mark.parametrize(
    "statement",
    [
        state(VexStatus.NOT_AFFECTED, VexProduct("pkg:rpm/redhat/openssl")),
        state(VexStatus.NOT_AFFECTED, VexProduct("pkg:deb/ubuntu/libssl3")),
        state(VexStatus.NOT_AFFECTED, VexProduct("pkg:deb/debian/libssl3@3.0.16-1")),
        state(
            VexStatus.NOT_AFFECTED,
            VexProduct("pkg:oci/other@sha256:2222", ("pkg:deb/debian/libssl3",)),
        ),
        state(VexStatus.NOT_AFFECTED, VexProduct(IMAGE, ("pkg:deb/debian/perl",))),
        state(VexStatus.NOT_AFFECTED, vulnerability="CVE-2024-553"),
    ],
)
def test_a_word_about_another_product_is_never_applied(statement: VexStatement) -> None:
    assert apply(statement) == Applied((ITEM,))


@pytest.mark.parametrize(
    ("status", "word"),
    [(VexStatus.AFFECTED, "affected"), (VexStatus.UNDER_INVESTIGATION, "under investigation")],
)
def test_a_doubt_is_a_note_before_the_verdict(status: VexStatus, word: str) -> None:
    found = apply(state(status, note="we look at it", action="update soon"))
    assert found.suppressed == ()
    assert found.findings[0].reasons == (
        "a reason",
        f"https://vendor.example/vex-1 says {word}: we look at it; update soon",
        "a verdict",
    )
    assert found.findings[0].priority is ITEM.priority


def test_the_latest_word_counts() -> None:
    cleared = state(VexStatus.NOT_AFFECTED, timestamp="2026-01-01T00:00:00Z")
    affected = state(VexStatus.AFFECTED, timestamp="2026-02-01T00:00:00Z")
    assert apply(affected, cleared).suppressed == ()
    assert (
        apply(cleared, state(VexStatus.AFFECTED, timestamp="2025-02-01T00:00:00Z")).findings == ()
    )


def test_a_document_without_a_name_is_called_by_its_author() -> None:
    assert apply(state(VexStatus.FIXED, document="", author="Vendor")).suppressed[0].by == "Vendor"
    assert apply(state(VexStatus.FIXED, document="")).suppressed[0].by == "an unnamed VEX document"
