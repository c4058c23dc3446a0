"""Which packages are one entry of the short list, and which are told apart."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from careen.model.findings.advisory import Severity
from careen.model.findings.triage import Priority, Tier, Triaged
from careen.report.scan.short_list import Block, Places, blocks, brief
from tests.support.scan_reports import INVENTORY, LIBSSL, NUMPY, NUMPY_COPY, finding

ONE = finding("CVE-2026-1", LIBSSL, Severity.HIGH, fixed=("2",))


def of(
    name: str,
    *,
    identifier: str = "CVE-2026-1",
    tier: Tier = Tier.PRESENT,
    priority: Priority = Priority.ATTEND,
    fixed: tuple[str, ...] = ("2",),
) -> Triaged:
    """A finding of the binary package `name`, version 1."""
    found = replace(
        ONE, id=identifier, package=f"pkg:deb/debian/{name}@1", name=name, version="1", fixed=fixed
    )
    return Triaged(found, tier, priority, ())


def names(found: Sequence[Block]) -> list[str]:
    return [block.named for block in found]


def test_the_strongest_tier_speaks_for_all() -> None:
    (block,) = blocks([of("doc"), of("lib", tier=Tier.OPENED), of("bin", tier=Tier.EXECUTED)])
    assert (block.named, block.first.tier, block.size, block.count) == (
        "bin, lib, doc 1",
        Tier.EXECUTED,
        "3 packages",
        3,
    )


@pytest.mark.parametrize(
    "other",
    [
        [of("b", identifier="CVE-2026-2")],
        [of("b", fixed=("3",))],
        [of("b", fixed=())],
        [of("b", priority=Priority.ACT)],
        [of("b"), of("b", identifier="CVE-2026-2")],
        [replace(of("b"), finding=replace(of("b").finding, version="1.1"))],
        [replace(of("b"), finding=replace(of("b").finding, package="pkg:pypi/b@1"))],
    ],
    ids=[
        "another finding",
        "another fix",
        "no fix",
        "another priority",
        "one finding more",
        "another version",
        "another ecosystem",
    ],
)
def test_what_differs_is_told_apart(other: list[Triaged]) -> None:
    assert len(blocks([of("a"), *other])) == 2


def test_many_names_are_counted() -> None:
    assert names(blocks([of(f"p{i}") for i in range(8)])) == ["p0, p1, p2, p3, p4 and 3 more 1"]


def test_only_copies_have_places() -> None:
    places = Places(INVENTORY)
    numpy = finding("CVE-2026-3", NUMPY, Severity.LOW)
    assert places.of([numpy]) == "in /usr/lib/python3/site-packages/numpy-1.26.4.dist-info"
    assert places.of([numpy, replace(numpy, package=NUMPY_COPY)]).endswith(
        "numpy-1.26.4.dist-info, /opt/venv/numpy-1.26.4.dist-info"
    )
    assert places.of([ONE]) == ""
    assert places.of([replace(ONE, package="pkg:pypi/unheard-of@1")]) == ""


def test_what_is_said_once_is_not_said_of_each() -> None:
    verdict = "attend: critical, and may run"
    unprofiled = replace(
        of("a"),
        reasons=(
            "no RBOM was given, so it is unknown whether it is used",
            "EPSS unknown",
            verdict,
        ),
    )
    assert brief(unprofiled) == "critical; EPSS unknown"
    lost = replace(
        of("a"),
        reasons=("2 events were lost while watching, so it may have been used unobserved", verdict),
    )
    assert (
        brief(lost)
        == "critical, and may run; 2 events were lost while watching, so it may have been used"
        " unobserved"
    )
