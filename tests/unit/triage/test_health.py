"""What only the image's HEALTHCHECK was seen to run is marked: in the tier, in the words, in the
counts; gates take it as what it is, executed.
"""

from collections.abc import Iterable

import pytest

from careen.model.findings.advisory import Severity
from careen.model.findings.triage import ScanReport, Tier, Triaged
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, RuntimeBom
from careen.model.runs.trace import Phase, Use
from careen.triage.accounting import after, count
from careen.triage.conditions import parse_conditions
from careen.triage.policy import crossed
from careen.triage.triage import triage
from tests.support.triage import (
    FEEDS,
    IMAGE,
    PROFILED,
    PYTHON,
    bom,
    bound,
    checked,
    embedded,
    finding,
    inventory,
    package,
    use,
)

LIBRARY = "/usr/lib/libcurl.so.4"
LIBCURL = package("libcurl4", LIBRARY, "/usr/share/curl/ca.txt")
SERVING_TOO = FileUse(Use.MAPPED, frozenset({Phase.SERVING, Phase.HEALTH}), "/usr/bin/curl", "web")
SCANNED = ScanReport("image", "", Inventory({}, {}), (), FEEDS, "2026-08-20T00:00:00Z")


def judged(seen: RuntimeBom | None, what: Package = LIBCURL) -> Triaged:
    (item,) = triage([finding(what, severity=Severity.CRITICAL)], inventory(what), seen, IMAGE)
    return item


@pytest.mark.parametrize(
    ("uses", "tier", "only"),
    [
        ([checked(Use.MAPPED)], Tier.EXECUTED, True),
        ([checked(Use.MAPPED), checked(Use.LOOKED_UP)], Tier.EXECUTED, True),
        (
            [checked(Use.MAPPED), use(Use.OPENED, PYTHON)],
            Tier.EXECUTED,
            True,
        ),  # else it were opened
        ([checked(Use.MAPPED), use(Use.MAPPED, PYTHON)], Tier.EXECUTED, False),
        ([checked(Use.MAPPED), use(Use.EXECUTED, PYTHON)], Tier.EXECUTED, False),
        ([SERVING_TOO], Tier.EXECUTED, False),  # a test ran the very same program
        ([checked(Use.OPENED)], Tier.OPENED, True),
        ([use(Use.MAPPED, "/usr/bin/curl")], Tier.EXECUTED, False),  # an RBOM without that phase
    ],
)
def test_a_tier_rests_on_the_health_check_where_nothing_else_shows_it(
    uses: Iterable[FileUse], tier: Tier, only: bool
) -> None:
    item = judged(bom({LIBRARY: tuple(uses)}))
    assert (item.tier, item.health_check_only) == (tier, only)
    assert item.tier_words == tier.value + (" (health check only)" if only else "")


def test_every_file_of_the_package_counts() -> None:
    both = {LIBRARY: checked(Use.MAPPED), "/usr/share/curl/ca.txt": use(Use.MAPPED)}
    assert not judged(bom(both)).health_check_only


def test_nothing_rests_on_the_health_check_where_nothing_was_seen() -> None:
    assert not judged(bom({})).health_check_only
    assert not judged(None).health_check_only


def test_what_is_inside_the_check_s_program_is_loaded_by_it_only() -> None:
    net = embedded("golang.org/x/net", "/usr/bin/probe", ecosystem=Ecosystem.GOLANG)
    item = judged(bom({"/usr/bin/probe": checked(Use.EXECUTED, "")}), net)
    assert (item.tier, item.health_check_only) == (Tier.LOADED, True)


def test_the_reason_names_the_health_check() -> None:
    said = judged(bom({LIBRARY: checked(Use.MAPPED)}, [bound()])).reasons[0]
    assert (
        said
        == "mapped by /usr/bin/curl in the health check of workload 'web'; no program that uses it"
        " listens on a port"
    )


def test_a_witness_beside_the_health_check_comes_first() -> None:
    item = judged(bom({LIBRARY: (checked(Use.MAPPED, "/a"), use(Use.MAPPED, "/usr/bin/z"))}))
    assert item.witnesses[0].executable == "/usr/bin/z"
    assert "health check" not in item.reasons[0]


def test_they_are_counted_apart_and_within_what_is_executed() -> None:
    items = [judged(bom({LIBRARY: checked(Use.MAPPED)})), judged(bom({LIBRARY: use(Use.MAPPED)}))]
    figures = count(items, SCANNED)
    assert (figures.executed, figures.executed_by_health_check_only) == (2, 1)
    opened = count([judged(bom({LIBRARY: checked(Use.OPENED)}))], SCANNED)
    assert (opened.executed, opened.executed_by_health_check_only) == (0, 0)


def test_a_gate_takes_them_as_executed() -> None:
    item = judged(bom({LIBRARY: checked(Use.MAPPED)}))
    (said,) = crossed([item], parse_conditions("executed-critical", "--fail-on"), PROFILED, FEEDS)
    assert said.startswith("executed-critical: 1 finding")


def test_what_is_removed_rests_on_nothing() -> None:
    item = judged(bom({LIBRARY: checked(Use.MAPPED)}))
    (gone,) = after([item], inventory(LIBCURL), inventory(), frozenset[ImagePath]())
    assert (gone.tier, gone.health_check_only) == (Tier.REMOVED, False)
    assert gone.tier_words == "removed"
