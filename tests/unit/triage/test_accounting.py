"""Fair counting: what makes a finding leave, and above all what does not."""

from dataclasses import replace

import pytest

from careen.model.comparing.compared import Compared
from careen.model.findings.advisory import Severity
from careen.model.findings.finding import Uncovered
from careen.model.findings.findings_count import FindingsCount
from careen.model.findings.triage import Priority, ScanReport, Tier, Triaged
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.paths import ImagePath
from careen.triage.accounting import after, count
from tests.support.triage import FEEDS, SITE, code, inventory, kev, package, triaged

RECORD = "/var/lib/dpkg/info/curl.list"
DOC = "/usr/share/doc/curl/copyright"
CURL = package("curl", "/usr/bin/curl", "/usr/share/zsh/_curl", metadata=[RECORD], licences=[DOC])
ITEM = triaged(CURL, fixed=("1.1", "1.3"))
NOTHING = Inventory({}, {})
SCANNED = ScanReport(
    "image",
    "",
    inventory(CURL),
    (),
    FEEDS,
    "2026-08-20T00:00:00Z",
    uncovered=(Uncovered("deb", 1, "no feed"),),
)


def left(
    paths: set[str],
    hardened: Inventory = NOTHING,
    item: Triaged = ITEM,
    of: Package = CURL,
    still: list[Triaged] | None = None,
) -> Triaged:
    findings = None if still is None else [one.finding for one in still]
    (out,) = after([item], inventory(of), hardened, {ImagePath(path) for path in paths}, findings)
    return out


def test_a_finding_leaves_when_all_files_of_the_package_are_gone_though_its_record_stays() -> None:
    gone = left({RECORD, DOC, "/usr/bin/other"}, inventory(CURL))
    assert (gone.tier, gone.priority, gone.reasons) == (
        Tier.REMOVED,
        Priority.TRACK,
        ("removed: all 2 files of its code",),
    )


@pytest.mark.parametrize(
    "paths", [{"/usr/bin/curl"}, {"/usr/share/zsh/_curl"}, {"/usr/bin/curl", RECORD}]
)
def test_a_finding_stays_while_any_file_is_there_though_the_record_is_gone(paths: set[str]) -> None:
    assert left(paths, NOTHING) == ITEM


def test_where_the_advisory_names_modules_these_must_be_gone_and_nothing_else() -> None:
    torch = package(
        "torch", f"{SITE}/torch/__init__.py", f"{SITE}/torch/hub.py", ecosystem=Ecosystem.PYPI
    )
    item = triaged(torch, code=code("torch.hub"))
    assert left({f"{SITE}/torch/__init__.py"}, item=item, of=torch).reasons == (
        "removed: the file of its vulnerable code",
    )
    assert left({f"{SITE}/torch/hub.py"}, item=item, of=torch) == item


def test_a_function_that_a_package_offers_is_not_gone_with_the_file_that_offers_it() -> None:
    torch = package(
        "torch",
        f"{SITE}/torch/__init__.py",
        f"{SITE}/torch/serialization.py",
        ecosystem=Ecosystem.PYPI,
    )
    item = triaged(torch, code=code("torch", "load"))
    assert left({f"{SITE}/torch/serialization.py"}, item=item, of=torch) == item


def test_a_package_of_which_no_file_is_known_is_never_gone() -> None:
    bare = package("curl", metadata=[RECORD])
    assert left(set(), item=triaged(bare), of=bare).tier is Tier.EXECUTED


DOCUMENTED = package(
    "git-man", "/usr/share/man/man1/git.1.gz", licences=["/usr/share/doc/git-man/copyright"]
)


@pytest.mark.parametrize(
    ("paths", "hardened", "gone"),
    [
        ({"/usr/share/doc/git-man/copyright"}, NOTHING, True),
        ({"/usr/share/doc/git-man/copyright"}, inventory(DOCUMENTED), False),
        ({"/usr/share/man/man1/git.1.gz"}, NOTHING, False),
    ],
)
def test_a_package_without_code_is_gone_with_its_record_and_all_but_its_licence(
    paths: set[str], hardened: Inventory, gone: bool
) -> None:
    found = left(paths, hardened, triaged(DOCUMENTED), DOCUMENTED)
    assert (found.reasons == ("removed: it had no code, and no other file of it is left",)) is gone
    assert (found.tier is Tier.REMOVED) is gone


def test_a_finding_of_a_package_that_the_inventory_does_not_have_stays() -> None:
    assert left(set(), item=triaged("other")).tier is Tier.EXECUTED


def test_what_is_inside_a_binary_leaves_with_the_binary() -> None:
    net = package(
        "golang.org/x/net", "/usr/bin/caddy", ecosystem=Ecosystem.GOLANG, presence=Presence.EMBEDDED
    )
    assert left(set(), item=triaged(net), of=net).tier is Tier.REMOVED
    assert left({"/usr/bin/caddy"}, item=triaged(net), of=net).tier is Tier.EXECUTED


def upgraded(version: str, *more: str) -> Inventory:
    return inventory(
        *(replace(CURL, version=one, purl=f"pkg:deb/curl@{one}") for one in (version, *more))
    )


FILES = {"/usr/bin/curl"}


def test_a_fixed_version_that_was_read_back_fixes() -> None:
    assert left(FILES, upgraded("1.1")).reasons == ("fixed: version 1.1 read back",)
    assert left(FILES, upgraded("1.1")).tier is Tier.REMOVED


@pytest.mark.parametrize(
    "hardened",
    [
        NOTHING,
        upgraded("1.0"),
        upgraded("1.2"),
        upgraded("1.1", "1.0"),
        inventory(package("curl-ng")),
    ],
)
def test_any_other_version_fixes_nothing_unless_matching_says_so(hardened: Inventory) -> None:
    assert left(FILES, hardened) == ITEM


def test_what_matching_finds_in_the_hardened_image_decides_about_other_versions() -> None:
    new = replace(CURL, version="1.2", purl="pkg:deb/curl@1.2")
    assert left(FILES, inventory(new), still=[]).reasons == (
        "fixed: version 1.2 read back, which is not affected",
    )
    assert left(FILES, inventory(new), still=[triaged(new)]) == ITEM
    by_alias = triaged(new, identifier="GHSA-1", aliases=(ITEM.finding.id,))
    assert left(FILES, inventory(new), still=[by_alias]) == ITEM
    assert (
        left(FILES, NOTHING, still=[]) == ITEM
    )  # its record is gone and its files are not: the worst habit of the field
    assert left(FILES, inventory(CURL), still=[]) == ITEM


def test_a_copy_that_stays_vulnerable_does_not_hold_the_one_that_was_upgraded() -> None:
    vendored = replace(
        CURL, version="0.9", purl="pkg:deb/curl@0.9", files=(ImagePath("/opt/curl"),)
    )
    new = replace(CURL, version="1.2", purl="pkg:deb/curl@1.2")
    paths = {ImagePath("/usr/bin/curl"), ImagePath("/opt/curl")}
    known = [ITEM, triaged(vendored)]
    gone, held = sorted(
        after(
            known,
            inventory(CURL, vendored),
            inventory(new, vendored),
            paths,
            [triaged(vendored).finding],
        ),
        key=lambda item: item.finding.version,
        reverse=True,
    )
    assert (gone.tier, gone.reasons) == (
        Tier.REMOVED,
        ("fixed: version 1.2 read back, which is not affected",),
    )
    assert held.tier is not Tier.REMOVED
    assert all(
        item.tier is not Tier.REMOVED
        for item in after(known, inventory(CURL, vendored), inventory(CURL, vendored), paths, [])
    )


def test_of_two_copies_of_one_version_the_one_that_was_upgraded_is_fixed() -> None:
    """As a distribution in site-packages and the copy that pip holds: the purl tells them apart,
    the version does not.
    """
    vendored = replace(
        CURL,
        purl="pkg:deb/curl@1.0#vendored",
        record=ImagePath("/opt/vendor.txt"),
        files=(ImagePath("/opt/curl"),),
    )
    new = replace(CURL, version="1.2", purl="pkg:deb/curl@1.2", record=ImagePath("/new/record"))
    paths = {ImagePath("/usr/bin/curl"), ImagePath("/opt/curl")}
    known = [ITEM, replace(ITEM, finding=replace(ITEM.finding, package=vendored.purl))]
    still = [known[1].finding]
    out = {
        item.finding.package: item.tier
        for item in after(known, inventory(CURL, vendored), inventory(new, vendored), paths, still)
    }
    assert out[CURL.purl] is Tier.REMOVED
    assert out[vendored.purl] is not Tier.REMOVED
    held = replace(
        vendored, version="0.9", purl="pkg:deb/curl@0.9", presence=Presence.EMBEDDED
    )  # a copy that somebody else brought with its own upgrade
    first = replace(vendored, presence=Presence.EMBEDDED)
    left = triaged(held).finding
    out = {
        item.finding.package: item.tier
        for item in after(known, inventory(CURL, first), inventory(new, held), paths, [left])
    }
    assert (out[CURL.purl], out[vendored.purl]) == (Tier.REMOVED, ITEM.tier)
    elsewhere = replace(
        new, files=(ImagePath("/srv/curl"),)
    )  # another one came, and this one's files are there still
    out = {
        item.finding.package: item.tier
        for item in after(
            known, inventory(CURL, vendored), inventory(elsewhere, vendored), paths, still
        )
    }
    assert out[CURL.purl] is not Tier.REMOVED


def test_what_stays_keeps_its_place_before_what_is_gone() -> None:
    other = package("other", "/usr/bin/other")
    gone = triaged(other, priority=Priority.ACT, identifier="CVE-2024-0002")
    out = after([gone, ITEM], inventory(CURL, other), NOTHING, {ImagePath("/usr/bin/curl")})
    assert [item.finding.id for item in out] == [ITEM.finding.id, "CVE-2024-0002"]


def test_the_figures() -> None:
    items = [
        triaged("a", severity=Severity.CRITICAL, fixed=("2",)),
        triaged("b", Tier.LOADED, severity=Severity.HIGH, kev=kev()),
        triaged("c", Tier.NOT_PROFILED, severity=Severity.UNKNOWN),
        triaged("d", Tier.REMOVED, severity=Severity.CRITICAL, kev=kev(), fixed=("2",)),
    ]
    assert count(items, SCANNED) == FindingsCount(
        total=3,
        critical=1,
        high=1,
        executed=1,
        loaded=1,
        kev=1,
        fixable=1,
        database={"debian-tracker": "2026-08-16", "epss": "2026-08-16", "kev": "2026-08-16"},
        compared=Compared(1, 0),
        counted="2026-08-20T00:00:00Z",
    )


def test_without_a_kev_feed_the_exploited_are_unknown() -> None:
    bare = replace(SCANNED, feeds=tuple(feed for feed in FEEDS if feed.name != "kev"))
    assert count([triaged("a")], bare).kev is None
    assert count([triaged("a")], SCANNED).kev == 0


def test_an_entry_that_a_scanner_reports_needs_no_feed() -> None:
    listed, other = triaged("a", kev=kev()), triaged("b")
    report = replace(SCANNED, feeds=(), findings=(listed, other))
    assert count([listed, other], report).kev == 1
    assert count([other], report).kev == 0


def test_a_feed_without_a_date_of_its_own_is_dated_by_its_import() -> None:
    assert count([], replace(SCANNED, feeds=(replace(FEEDS[0], date=""),))).database == {
        "debian-tracker": "2026-08-17T00:00:00Z"
    }
