"""Each feed's layout, by hand: what a record says and what is made of it."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from careen.advisories.cvss import read_vector
from careen.advisories.feeds.fields import shortened
from careen.advisories.feeds.head import read_head
from careen.advisories.feeds.port import About, CveScore, Item, NotAboutPackages, Record, Refused
from careen.advisories.feeds.registry import recognise
from careen.errors import InputError
from careen.model.findings.advisory import (
    Advisory,
    EpssScore,
    ImportedCode,
    KevEntry,
    RangeKind,
    Severity,
    VendorStatus,
)
from careen.model.findings.severity import severity_of
from tests.support.feed_layouts import (
    CVSS,
    DEBIAN_ADVISORY,
    EPSS,
    KEV,
    SECDB,
    TRACKER,
    bounds,
    feeds,
    fixed_in,
    lines,
    osv,
    read,
)

pytestmark = pytest.mark.slow


def only(items: list[Item]) -> Advisory:
    [record] = [item for item in items if isinstance(item, Record)]
    [advisory] = record.advisories
    return advisory


def advisories(items: list[Item]) -> list[Advisory]:
    return [advisory for item in items if isinstance(item, Record) for advisory in item.advisories]


def one(tmp_path: Path, content: Any) -> list[Item]:
    return read(feeds(tmp_path, x=content) / "x")


# OSV


def test_osv_ranges_versions_and_links(tmp_path: Path) -> None:
    record = osv(
        aliases=["CVE-2024-1111"],
        related=["CVE-2020-1"],
        upstream=["X-1"],
        summary="a pump",
        withdrawn="2026-08-02T00:00:00Z",
    )
    record["affected"] = [
        {
            "package": {"ecosystem": "PyPI", "name": "pump"},
            "ranges": [
                {
                    "type": "ECOSYSTEM",
                    "events": [
                        {"introduced": "1.0"},
                        {"fixed": "1.5"},
                        {"introduced": "2.0"},
                        {"last_affected": "2.3"},
                    ],
                },
                {
                    "type": "GIT",
                    "repo": "https://example.org/pump",
                    "events": [{"introduced": "0"}, {"limit": "c0ffee"}],
                },
            ],
            "versions": ["1.1", "1.2"],
        }
    ]
    advisory = only(one(tmp_path, record))
    [entry] = advisory.affected
    assert advisory.feed == "osv:PyPI"
    assert (advisory.aliases, advisory.related, advisory.upstream) == (
        ("CVE-2024-1111",),
        ("CVE-2020-1",),
        ("X-1",),
    )
    assert (advisory.summary, advisory.withdrawn, advisory.modified) == (
        "a pump",
        "2026-08-02T00:00:00Z",
        "2026-08-01T00:00:00Z",
    )
    assert bounds(entry)[:4] == [
        ("introduced", "1.0"),
        ("fixed", "1.5"),
        ("introduced", "2.0"),
        ("last_affected", "2.3"),
    ]
    assert (entry.ranges[1].kind, bounds(entry)[5]) == (RangeKind.GIT, ("limit", "c0ffee"))
    assert entry.versions == ("1.1", "1.2")
    assert entry.status is VendorStatus.FIXED


@pytest.mark.parametrize(
    "ecosystem",
    [
        "npm",
        "Go",
        "Maven",
        "crates.io",
        "Alpine:v3.20",
        "Debian:12",
        "Ubuntu:22.04:LTS",
        "Ubuntu:Pro:18.04:LTS",
        "AlmaLinux:9",
        "Rocky Linux:9",
        "Bitnami",
    ],
)
def test_osv_of_any_ecosystem(tmp_path: Path, ecosystem: str) -> None:
    advisory = only(one(tmp_path, osv(ecosystem=ecosystem)))
    assert (advisory.affected[0].ecosystem, advisory.feed) == (
        ecosystem,
        f"osv:{ecosystem.split(':', maxsplit=1)[0]}",
    )


def test_osv_of_red_hat_keeps_the_repository(tmp_path: Path) -> None:
    advisory = only(
        one(
            tmp_path,
            osv(
                "RHSA-2026:1",
                ecosystem="Red Hat:enterprise_linux:9::baseos",
                summary="Red Hat Security Advisory: pump",
            ),
        )
    )
    assert advisory.affected[0].ecosystem == "Red Hat:enterprise_linux:9::baseos"


def test_osv_record_of_two_ecosystems_is_one_advisory_in_each(tmp_path: Path) -> None:
    record = osv()
    record["affected"] += (
        osv(ecosystem="npm")["affected"] + osv(ecosystem="PyPI", name="valve")["affected"]
    )
    [both] = [item for item in one(tmp_path, record) if isinstance(item, Record)]
    assert [
        (advisory.feed, [entry.name for entry in advisory.affected]) for advisory in both.advisories
    ] == [
        ("osv:PyPI", ["pump", "valve"]),
        ("osv:npm", ["pump"]),
    ]


def test_osv_code_of_go_and_rust(tmp_path: Path) -> None:
    go, rust = osv("GO-2024-1", ecosystem="Go"), osv("RUSTSEC-2024-1", ecosystem="crates.io")
    go["affected"][0]["ecosystem_specific"] = {
        "imports": [
            {"path": "example.org/pump/valve", "symbols": ["Open", "Pump.Close"]},
            {"path": "example.org/pump"},
        ]
    }
    rust["affected"][0]["ecosystem_specific"] = {
        "affects": {"arch": [], "os": [], "functions": ["pump::valve::open"]}
    }
    first, second = advisories(one(tmp_path, lines(go, rust)))
    assert first.affected[0].code == (
        ImportedCode("example.org/pump/valve", ("Open", "Pump.Close")),
        ImportedCode("example.org/pump"),
    )
    assert second.affected[0].code == (ImportedCode("pump::valve", ("open",)),)


def test_osv_code_of_python(tmp_path: Path) -> None:
    pypa, github = (
        osv("PYSEC-2024-1", ecosystem="PyPI"),
        osv("GHSA-2222-3333-4444", ecosystem="PyPI"),
    )
    pypa["affected"][0]["ecosystem_specific"] = {
        "imports": [
            {"attribute": "load", "modules": ["pump.valve", "pump.compat"]},
            {"modules": ["pump.old"]},
        ]
    }
    github["affected"][0]["ecosystem_specific"] = {"affected_functions": ["pump.valve.load", 7]}
    first, second = advisories(one(tmp_path, lines(pypa, github)))
    assert first.affected[0].code == (
        ImportedCode("pump.valve", ("load",)),
        ImportedCode("pump.compat", ("load",)),
        ImportedCode("pump.old"),
    )
    assert second.affected[0].code == (ImportedCode("pump.valve.load"),)


def test_osv_severities(tmp_path: Path) -> None:
    record = osv(
        severity=[
            {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
            {
                "type": "CVSS_V4",
                "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            },
            {"type": "CVSS_V3", "score": "CVSS:3.1/nonsense"},
        ],
        database_specific={"severity": "CRITICAL"},
    )
    advisory = only(one(tmp_path, record))
    assert [(score.version, score.score, score.severity) for score in advisory.scores] == [
        ("3.1", 9.8, Severity.CRITICAL),
        ("4.0", 9.3, Severity.CRITICAL),
    ]
    assert advisory.severity == "critical"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"severity": [{"type": "Ubuntu", "score": "medium"}]}, "medium"),
        ({"summary": "Important: kernel security update"}, "important"),
        ({"summary": "Importantly: nothing"}, ""),
        ({"database_specific": {"severity": ["HIGH"]}}, ""),
    ],
)
def test_osv_severity_in_the_words_of_others(
    tmp_path: Path, fields: dict[str, Any], expected: str
) -> None:
    assert only(one(tmp_path, osv(**fields))).severity == expected


@pytest.mark.parametrize("severity", [True, 1, "high", {"type": "Ubuntu"}, [True, None]])
def test_osv_severity_that_is_no_list_of_objects(tmp_path: Path, severity: Any) -> None:
    found = one(tmp_path, {**osv(), "severity": severity})
    assert len(found) == 1
    assert isinstance(found[0], Record | Refused)


def test_osv_debian_urgency(tmp_path: Path) -> None:
    record = osv("DEBIAN-CVE-2024-1", ecosystem="Debian:12")
    record["affected"][0] |= {
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
        "ecosystem_specific": {"urgency": "end-of-life"},
    }
    [entry] = only(one(tmp_path, record)).affected
    assert (entry.status, entry.severity) == (VendorStatus.END_OF_LIFE, "")
    record["affected"][0]["ecosystem_specific"] = {"urgency": "unimportant"}
    [entry] = only(one(tmp_path, record)).affected
    assert (entry.status, entry.severity) == (VendorStatus.AFFECTED, "unimportant")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"affected": "all"}, "affected: expected an array, got 'all'"),
        (
            {"affected": [{"package": {"ecosystem": "PyPI", "name": 7}}]},
            "affected[0].package.name: expected a string, got 7",
        ),
        ({"aliases": [None]}, "aliases[0]: expected a string, got None"),
        ({"withdrawn": 20260801}, "withdrawn: expected a string, got 20260801"),
        (
            {"affected": [{"package": {"ecosystem": "PyPI", "name": "pump"}, "versions": [1.0]}]},
            "affected[0].versions[0]: expected a string, got 1.0",
        ),
    ],
)
def test_osv_record_with_wrong_types_is_refused_and_the_others_go_on(
    tmp_path: Path, fields: dict[str, Any], said: str
) -> None:
    items = one(tmp_path, lines(osv("A-1"), osv("A-2", **fields), osv("A-3")))
    assert [advisory.id for advisory in advisories(items)] == ["A-1", "A-3"]
    [refused] = [item for item in items if isinstance(item, Refused)]
    assert refused == Refused(
        "osv:PyPI" if "PyPI" in json.dumps(osv("A-2", **fields)) else "", "x:2 (A-2)", said
    )


@pytest.mark.parametrize("event", [{"introduced": 0}, {"begun": "1"}, "1.0"])
def test_osv_event_that_is_none_is_refused_rather_than_passed_over(
    tmp_path: Path, event: object
) -> None:
    record = osv()
    record["affected"][0]["ranges"][0]["events"].append(event)
    [refused] = one(tmp_path, record)
    assert isinstance(refused, Refused)
    assert refused.reason.startswith("affected[0].ranges[0].events[2]")


def test_osv_record_of_commits_alone_is_set_aside(tmp_path: Path) -> None:
    record = osv(
        affected=[
            {
                "ranges": [
                    {
                        "type": "GIT",
                        "repo": "https://example.org/pump",
                        "events": [{"introduced": "0"}],
                    }
                ]
            }
        ]
    )
    assert one(tmp_path, record) == [
        NotAboutPackages("that name no package, only commits of a repository")
    ]


# Debian


def test_tracker_statuses(tmp_path: Path) -> None:
    items = one(tmp_path, TRACKER)
    found = {(a.id, e.name, e.ecosystem): e for a in advisories(items) for e in a.affected}
    fixed = found["CVE-2024-1111", "pumpd", "Debian:12"]
    assert (fixed.status, bounds(fixed)) == (
        VendorStatus.FIXED,
        [("introduced", "0"), ("fixed", "1:2.0-3+deb12u1")],
    )
    never = found["CVE-2024-1111", "pumpd", "Debian:13"]
    assert (never.status, never.ranges, never.severity) == (
        VendorStatus.NOT_AFFECTED,
        (),
        "unimportant",
    )
    minor = found["CVE-2024-2222", "pumpd", "Debian:12"]
    assert (minor.status, minor.note, minor.severity, bounds(minor)) == (
        VendorStatus.DEFERRED,
        "Minor issue",
        "low",
        [("introduced", "0")],
    )
    ignored = found["CVE-2024-1111", "libpump", "Debian:12"]
    assert (ignored.status, ignored.severity) == (VendorStatus.WONT_FIX, "medium")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"status": "open"}, VendorStatus.AFFECTED),
        ({"status": "open", "nodsa": "later", "nodsa_reason": "postponed"}, VendorStatus.DEFERRED),
        ({"status": "open", "urgency": "end-of-life"}, VendorStatus.END_OF_LIFE),
        ({"status": "undetermined"}, VendorStatus.UNDETERMINED),
    ],
)
def test_tracker_open(tmp_path: Path, state: dict[str, str], status: VendorStatus) -> None:
    [entry] = only(
        one(tmp_path, {"pumpd": {"CVE-2024-1": {"releases": {"bookworm": state}}}})
    ).affected
    assert (entry.status, bounds(entry)) == (status, [("introduced", "0")])


def test_tracker_that_is_small_says_that_it_is_partial(tmp_path: Path) -> None:
    [about] = [item for item in one(tmp_path, TRACKER) if isinstance(item, About)]
    assert (
        about.partial
        == "it holds 2 source packages, the whole tracker several thousand: a package that is not"
        " in it is unknown"
    )
    assert about.ecosystems == ("Debian:12", "Debian:13")
    whole = {f"source{number}": TRACKER["pumpd"] for number in range(2500)}
    assert [item.partial for item in one(tmp_path, whole) if isinstance(item, About)] == [""]


@pytest.mark.no_cover
def test_tracker_with_a_source_package_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("careen.advisories.feeds.debian_tracker.LONGEST_RECORD", 1_000_000)
    cves = {
        f"CVE-2024-{number}": {"releases": {"bookworm": {"status": "open"}}}
        for number in range(1000, 9000)
    }
    assert (
        len(advisories(one(tmp_path, {f"source{number}": cves for number in range(4)}))) == 32_000
    )  # two megabytes in all, half of one at once
    with pytest.raises(InputError, match="x: more than 1000000 bytes about one source package"):
        one(
            tmp_path,
            {
                "pumpd": {
                    f"CVE-{year}-{number}": {"releases": {}}
                    for year in range(2000, 2010)
                    for number in range(1000, 9000)
                }
            },
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "resolved"},
        {"status": "fixed"},
        {"status": 1},
        [],
        {"status": "open", "nodsa": 1},
    ],
)
def test_tracker_entry_that_is_wrong_is_refused_alone(tmp_path: Path, wrong: object) -> None:
    items = one(
        tmp_path,
        {
            "pumpd": {
                "CVE-2024-1": {"releases": {"bookworm": wrong}},
                "CVE-2024-2": {"releases": {"bookworm": {"status": "open"}}},
            }
        },
    )
    assert [advisory.id for advisory in advisories(items)] == ["CVE-2024-2"]
    assert [item.where for item in items if isinstance(item, Refused)] == ["pumpd CVE-2024-1"]


def test_debian_advisories(tmp_path: Path) -> None:
    items = one(
        tmp_path,
        lines(
            DEBIAN_ADVISORY,
            DEBIAN_ADVISORY
            | {
                "id": "DLA-7-1",
                "date": "2026-08-09",
                "fixed": [["potato", "pumpd", "1"]],
            },
            DEBIAN_ADVISORY | {"fixed": [["bookworm"]]},
        ),
    )
    first, second = advisories(items)
    assert (first.id, first.upstream, first.published) == (
        "DSA-5000-1",
        ("CVE-2024-1111", "CVE-2024-2222"),
        "2026-08-01",
    )
    assert [(entry.ecosystem, entry.name, fixed_in(entry)) for entry in first.affected] == [
        ("Debian:12", "pumpd", ["1:2.0-3+deb12u1"])
    ]
    assert second.affected == ()
    assert [item.reason for item in items if isinstance(item, Refused)] == [
        "fixed[0]: expected codename, source package and version, got ['bookworm']"
    ]
    [about] = [item for item in items if isinstance(item, About)]
    assert about.date == "2026-08-09"
    assert "open" in about.partial


# apk


def test_secdb(tmp_path: Path) -> None:
    items = one(tmp_path, SECDB)
    found = {advisory.id: advisory for advisory in advisories(items)}
    assert set(found) == {"CVE-2024-1111", "CVE-2024-2222", "CVE-2024-3333"}
    assert found["CVE-2024-1111"].aliases == ("GHSA-aaaa-bbbb-cccc",)
    assert fixed_in(found["CVE-2024-3333"].affected[0]) == ["2.0-r3"]
    never = found["CVE-2024-2222"].affected[0]
    assert (never.status, never.ecosystem, never.ranges) == (
        VendorStatus.NOT_AFFECTED,
        "Alpine:v3.20",
        (),
    )
    assert {advisory.feed for advisory in found.values()} == {"secdb:Alpine:v3.20/main"}


@pytest.mark.parametrize(
    ("fields", "ecosystem"),
    [
        ({"distroversion": "edge"}, "Alpine:edge"),
        (
            {"distroversion": "", "reponame": "os", "urlprefix": "https://packages.wolfi.dev"},
            "Wolfi",
        ),
        (
            {
                "distroversion": "",
                "reponame": "chainguard",
                "urlprefix": "https://packages.cgr.dev",
            },
            "Chainguard",
        ),
    ],
)
def test_secdb_of_other_releases_and_families(
    tmp_path: Path, fields: dict[str, str], ecosystem: str
) -> None:
    assert [
        item.ecosystems for item in one(tmp_path, SECDB | fields) if isinstance(item, About)
    ] == [(ecosystem,)]


def test_secdb_without_a_release_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"distroversion: expected a release such as v3\.20, got 'latest'"
    ):
        one(tmp_path, SECDB | {"distroversion": "latest"})


def test_secdb_package_that_is_wrong_is_refused_alone(tmp_path: Path) -> None:
    good = SECDB["packages"][0]
    items = one(
        tmp_path,
        SECDB
        | {"packages": [{"pkg": {"name": "valve", "secfixes": {"1-r0": "CVE-2024-9"}}}, good]},
    )
    assert [item.reason for item in items if isinstance(item, Refused)] == [
        "packages[0].pkg.secfixes[1-r0]: expected an array, got 'CVE-2024-9'"
    ]
    assert len(advisories(items)) == 3


# Red Hat

BASE, EUS, OTHER = "BaseOS-9.4.0.Z.MAIN", "BaseOS-9.0.0.Z.EUS", "9Base-RHOSE-4.16"
STREAM = "AppStream-9.4.0.Z.MAIN:nodejs:20:9040020240101:rhel9"


def product(identifier: str, **helper: str) -> dict[str, Any]:
    return {
        "category": "product_version",
        "name": identifier,
        "product": {
            "name": identifier,
            "product_id": identifier,
            "product_identification_helper": helper,
        },
    }


def relation(part: str, whole: str) -> dict[str, Any]:
    return {
        "category": "default_component_of",
        "full_product_name": {"name": part, "product_id": f"{whole}:{part}"},
        "product_reference": part,
        "relates_to_product_reference": whole,
    }


def redhat(**vulnerability: Any) -> dict[str, Any]:
    packages = [f"pump-1:2.0-3.el9.{arch}" for arch in ("x86_64", "aarch64", "src")]
    tree = {
        "branches": [
            {
                "category": "vendor",
                "name": "Red Hat",
                "branches": [
                    product(BASE, cpe="cpe:/o:redhat:enterprise_linux:9::baseos"),
                    product(EUS, cpe="cpe:/o:redhat:rhel_eus:9.0::baseos"),
                    product(OTHER, cpe="cpe:/a:redhat:openshift:4.16::el9"),
                    product(
                        "AppStream-9.4.0.Z.MAIN", cpe="cpe:/a:redhat:enterprise_linux:9::appstream"
                    ),
                    product("red_hat_enterprise_linux_8", cpe="cpe:/o:redhat:enterprise_linux:8"),
                    *(
                        product(
                            name,
                            purl=f"pkg:rpm/redhat/pump@2.0-3.el9?arch={name.rpartition('.')[2]}&epoch=1",
                        )
                        for name in packages
                    ),
                    product(
                        "pump-debuginfo-1:2.0-3.el9.x86_64",
                        purl="pkg:rpm/redhat/pump-debuginfo@2.0-3.el9?arch=x86_64&epoch=1",
                    ),
                    product("valve", purl="pkg:rpm/redhat/valve?arch=src"),
                    product(
                        "nodejs:20:9040020240101:rhel9",
                        purl="pkg:rpmmod/redhat/nodejs@20:9040020240101:rhel9",
                    ),
                    product(
                        "nodejs-1:20.1-1.module+el9.4.0.x86_64",
                        purl="pkg:rpm/redhat/nodejs@20.1-1.module%2Bel9.4.0?arch=x86_64&epoch=1",
                    ),
                ],
            }
        ],
        "relationships": [
            *(
                relation(name, place)
                for name in (*packages, "pump-debuginfo-1:2.0-3.el9.x86_64")
                for place in (BASE, EUS, OTHER)
            ),
            relation("valve", "red_hat_enterprise_linux_8"),
            relation("nodejs:20:9040020240101:rhel9", "AppStream-9.4.0.Z.MAIN"),
            relation("nodejs-1:20.1-1.module+el9.4.0.x86_64", STREAM),
        ],
    }
    document = {
        "category": "csaf_vex",
        "csaf_version": "2.0",
        "aggregate_severity": {"text": "Important"},
        "publisher": {
            "category": "vendor",
            "name": "Red Hat Product Security",
            "namespace": "https://www.redhat.com",
        },
        "title": "pump: overflow",
        "tracking": {
            "id": "CVE-2024-1111",
            "current_release_date": "2026-08-01T00:00:00+00:00",
            "status": "final",
        },
    }
    return {
        "document": document,
        "product_tree": tree,
        "vulnerabilities": [{"cve": "CVE-2024-1111", "title": "pump: overflow", **vulnerability}],
    }


def test_red_hat_fixed_by_repository_with_epoch_and_architectures(tmp_path: Path) -> None:
    fixed = [
        f"{place}:pump-1:2.0-3.el9.{arch}"
        for place in (BASE, EUS, OTHER)
        for arch in ("x86_64", "aarch64", "src")
    ]
    advisory = only(
        one(
            tmp_path,
            redhat(product_status={"fixed": [*fixed, f"{BASE}:pump-debuginfo-1:2.0-3.el9.x86_64"]}),
        )
    )
    assert (advisory.id, advisory.feed, advisory.severity, advisory.modified) == (
        "CVE-2024-1111",
        "redhat-vex",
        "important",
        "2026-08-01T00:00:00+00:00",
    )
    assert [
        (entry.ecosystem, entry.name, fixed_in(entry), entry.architectures, entry.status)
        for entry in advisory.affected
    ] == [
        (
            "Red Hat:enterprise_linux:9::baseos",
            "pump",
            ["1:2.0-3.el9"],
            ("aarch64", "x86_64"),
            VendorStatus.FIXED,
        ),
        (
            "Red Hat:rhel_eus:9.0::baseos",
            "pump",
            ["1:2.0-3.el9"],
            ("aarch64", "x86_64"),
            VendorStatus.FIXED,
        ),
    ]


def test_red_hat_module(tmp_path: Path) -> None:
    [entry] = only(
        one(
            tmp_path,
            redhat(product_status={"fixed": [f"{STREAM}:nodejs-1:20.1-1.module+el9.4.0.x86_64"]}),
        )
    ).affected
    assert (entry.ecosystem, entry.module, fixed_in(entry)) == (
        "Red Hat:enterprise_linux:9::appstream",
        "nodejs:20",
        ["1:20.1-1.module+el9.4.0"],
    )


@pytest.mark.parametrize(
    ("category", "details", "status"),
    [
        ("no_fix_planned", "Will not fix", VendorStatus.WONT_FIX),
        ("no_fix_planned", "Out of support scope", VendorStatus.END_OF_LIFE),
        ("none_available", "Affected", VendorStatus.AFFECTED),
        ("none_available", "Fix deferred", VendorStatus.DEFERRED),
        ("workaround", "switch it off", VendorStatus.AFFECTED),
    ],
)
def test_red_hat_open_by_remediation(
    tmp_path: Path, category: str, details: str, status: VendorStatus
) -> None:
    there = ["red_hat_enterprise_linux_8:valve"]
    [entry] = only(
        one(
            tmp_path,
            redhat(
                product_status={"known_affected": there},
                remediations=[{"category": category, "details": details, "product_ids": there}],
            ),
        )
    ).affected
    assert (entry.ecosystem, entry.name, entry.status, bounds(entry)) == (
        "Red Hat:enterprise_linux:8",
        "valve",
        status,
        [("introduced", "0")],
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("known_not_affected", VendorStatus.NOT_AFFECTED),
        ("under_investigation", VendorStatus.UNDETERMINED),
    ],
)
def test_red_hat_other_statuses(tmp_path: Path, word: str, status: VendorStatus) -> None:
    [entry] = only(
        one(tmp_path, redhat(product_status={word: ["red_hat_enterprise_linux_8:valve"]}))
    ).affected
    assert entry.status is status


def test_red_hat_says_nothing_of_a_version_that_was_shipped_along(tmp_path: Path) -> None:
    assert one(
        tmp_path, redhat(product_status={"known_not_affected": [f"{BASE}:pump-1:2.0-3.el9.x86_64"]})
    ) == [NotAboutPackages("about products other than Enterprise Linux")]


def test_red_hat_relations_in_a_circle_end(tmp_path: Path) -> None:
    document = redhat(product_status={"fixed": ["a:b"]})
    document["product_tree"]["relationships"] = [
        {
            "full_product_name": {"product_id": "a:b"},
            "product_reference": "a:b",
            "relates_to_product_reference": "a:b",
        },
    ]
    assert one(tmp_path, document) == [
        NotAboutPackages("about products other than Enterprise Linux")
    ]


def test_red_hat_branches_too_deep_are_refused(tmp_path: Path) -> None:
    document = redhat()
    for _ in range(40):
        document["product_tree"] = {"branches": [document["product_tree"]]}
    [refused] = one(tmp_path, document)
    assert refused == Refused(
        "redhat-vex", "x", "product_tree.branches: expected at most 16 levels, got 'more'"
    )


# KEV, EPSS, CVSS


def test_kev(tmp_path: Path) -> None:
    assert one(tmp_path, KEV) == [
        KevEntry(
            "CVE-2024-1111",
            "2026-08-20",
            "2026-09-10",
            "Pump Controller Code Execution",
            ransomware=True,
        ),
        About("kev", date="2026-08-21T17:46:43.6019Z"),
    ]


def test_kev_with_fewer_entries_than_it_says_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="holds 1 entries and says that there are 1674: served half"
    ):
        one(tmp_path, KEV | {"count": 1674})


def test_epss(tmp_path: Path) -> None:
    items = one(tmp_path, EPSS + "CVE-2024-3,2,0.5\nCVE-2024-4,x,0.5\nCVE-2024-5,0.5\n")
    assert items[:2] == [
        EpssScore("CVE-2024-1111", 0.94, 0.999, "2026-08-16"),
        EpssScore("CVE-2024-2222", 0.00042, 0.05, "2026-08-16"),
    ]
    assert [item.where for item in items if isinstance(item, Refused)] == [
        "line 5",
        "line 6",
        "line 7",
    ]
    assert items[-1] == About("epss", date="2026-08-16")


def test_epss_cut_within_a_line_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="x:5: ends within a line: served half"):
        one(tmp_path, EPSS + "CVE-2024-3,0.")


def test_cvss_table(tmp_path: Path) -> None:
    items = one(
        tmp_path,
        CVSS + "CVE-2024-3,nvd,2.0,AV:N/AC:L/Au:N/C:P/I:P/A:P,,\nCVE-2024-4,nvd,3.1,,99,HIGH\n",
    )
    scores = [item for item in items if isinstance(item, CveScore)]
    assert [(one.cve, one.score.source, one.score.score, one.score.severity) for one in scores] == [
        ("CVE-2024-1111", "nvd", 9.8, Severity.CRITICAL),
        ("CVE-2024-1111", "cisa-adp", 7.5, Severity.HIGH),
        ("CVE-2024-3", "nvd", 7.5, Severity.HIGH),
    ]
    assert [item.where for item in items if isinstance(item, Refused)] == ["line 5"]


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", ("3.1", 10.0)),
        ("CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", ("3.0", 1.8)),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", ("4.0", 0.0)),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", ("2.0", 10.0)),
        ("CVSS:3.1/AV:N", None),
        ("CVSS:9.9/AV:N", None),
        ("", None),
        ("A" * 100_000, None),
    ],
)
def test_vectors_as_the_calculators_of_first_have_them(
    vector: str, expected: tuple[str, float] | None
) -> None:
    assert read_vector(vector) == expected


def test_severity_of_scores() -> None:
    assert [
        severity_of(score).word for score in (None, 0.0, 0.1, 3.9, 4.0, 6.9, 7.0, 8.9, 9.0)
    ] == [
        "unknown",
        "negligible",
        "low",
        "low",
        "medium",
        "medium",
        "high",
        "high",
        "critical",
    ]


# recognition


def test_a_record_larger_than_the_head_is_recognised_and_read_whole(tmp_path: Path) -> None:
    big = osv(affected=[osv(name=f"pump{number}")["affected"][0] for number in range(4000)])
    path = feeds(tmp_path, x=gzip.compress(json.dumps(big).encode())) / "x"
    assert len(only(read(path)).affected) == 4000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"[[[",
        b"{}",
        b"null",
        b"\xff\xfe",
        b"id,modified",
        b'{"id": 1}',
        b'{"affected": []}',
        b"{" * 100_000,
        b"[" * 100_000,
    ],
)
def test_nothing_is_recognised_in_what_is_no_feed(data: bytes) -> None:
    assert recognise(read_head(data, complete=True)) is None
    assert recognise(read_head(data, complete=False)) is None


def test_a_summary_that_is_cut_says_so() -> None:
    assert shortened("a" * 300, 300) == "a" * 300
    assert shortened("word " * 100, 300) == "word " * 59 + "word…"
