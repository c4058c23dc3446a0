"""`ignore:` of Grype's configuration: what its entries name, and which are not applied."""

import datetime as dt
from dataclasses import replace

import pytest

from careen.errors import ConfigError
from careen.model.findings.advisory import VendorStatus
from careen.model.packages.package import Ecosystem
from careen.triage.ignore.apply import apply_ignore_rules
from careen.triage.ignore.grype_yaml import parse_grype_yaml
from tests.support.triage import inventory, package, triaged

TODAY = dt.date(2026, 8, 16)
LOG4J = package(
    "org.apache.logging.log4j:log4j-core",
    ecosystem=Ecosystem.MAVEN,
    purl="pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
    version="2.14.1",
    record="/app/lib/log4j-core-2.14.1.jar",
)
PERL = package("perl-base", source="perl", purl="pkg:deb/debian/perl-base@5.36.0-7")
STOCK = inventory(LOG4J, PERL)
BOTH = (
    triaged(LOG4J, identifier="CVE-2025-1", fixed=("2.17.1",)),
    triaged(PERL, identifier="CVE-2025-1", status=VendorStatus.WONT_FIX),
)


def applied(entry: str) -> tuple[list[str], tuple[str, ...]]:
    rules = parse_grype_yaml(f"ignore:\n  - {entry}".encode(), "list").rules
    done = apply_ignore_rules(BOTH, rules, TODAY, STOCK)
    return [item.finding.name.rpartition(":")[2] for item in done.findings], done.warnings


@pytest.mark.parametrize(
    ("entry", "stays"),
    [
        ("vulnerability: CVE-2025-1", []),
        ("{vulnerability: CVE-2025-1, package: {name: log4j-core}}", ["perl-base"]),
        ("{vulnerability: CVE-2025-1, package: {name: 'log4j.*'}}", ["perl-base"]),
        ("{vulnerability: CVE-2025-1, package: {name: 'log4j'}}", ["log4j-core", "perl-base"]),
        ("package: {type: java-archive, version: 2.14.1}", ["perl-base"]),
        ("package: {type: java-archive, version: 2.14.0}", ["log4j-core", "perl-base"]),
        ("package: {type: deb}", ["log4j-core"]),
        ("package: {language: java}", ["perl-base"]),
        ("package: {upstream-name: perl}", ["log4j-core"]),
        ("package: {location: '/app/**/*.jar'}", ["perl-base"]),
        ("package: {location: '/app/*.jar'}", ["log4j-core", "perl-base"]),
        ("fix-state: fixed", ["perl-base"]),
        ("fix-state: wont-fix", ["log4j-core"]),
        ("fix-state: not-fixed", ["log4j-core", "perl-base"]),
        ("{vulnerability: CVE-2025-1, fix-state: fixed}", ["perl-base"]),
    ],
)
def test_all_conditions_of_an_entry_must_hold(entry: str, stays: list[str]) -> None:
    assert applied(entry)[0] == stays


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("vex-status: not_affected", "vex-status: careen takes VEX documents with --vex"),
        ("{vulnerability: CVE-2025-1, namespace: 'debian:12'}", "namespace: careen has no"),
        (
            "{vulnerability: CVE-2025-1, match-type: exact-direct-match}",
            "match-type: careen has no",
        ),
        ("package: {type: gem}", "type: careen finds no packages of type 'gem'"),
        ("package: {language: ruby}", "language: careen finds no packages of language 'ruby'"),
        ("{reason: nothing else}", "it names no vulnerability and no package"),
        ("package: {type: deb, language: java}", "no package has both"),
    ],
)
def test_what_careen_cannot_evaluate_hides_nothing_and_is_said(entry: str, why: str) -> None:
    stays, (warning,) = applied(entry)
    assert stays == ["log4j-core", "perl-base"]
    assert ": not applied: " in warning
    assert why in warning


def test_other_settings_are_left_alone_and_a_review_is_read_from_the_reason() -> None:
    text = b"""fail-on-severity: high
ignore:
  - vulnerability: CVE-2025-1
    include-aliases: true
    reason: ours since review by 2020-01-01; review by 2027-03-01
exclude: ['/x']
"""
    (rule,) = parse_grype_yaml(text, ".grype.yaml").rules
    assert (rule.review_by, rule.where) == (dt.date(2027, 3, 1), ".grype.yaml:3")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ignore: {a: b}", "list: ignore: expected a list, got dict"),
        ("ignore:\n  - vulnerabilty: CVE-1", "list:2: unknown member 'vulnerabilty'"),
        ("ignore:\n  - package: {nam: x}", "list:2: unknown member 'nam'"),
        ("ignore:\n  - package: x", "list:2: package: expected named values"),
        ("ignore:\n  - package: {name: '(x'}", "list:2: not a regular expression"),
        ("ignore:\n  - fix-state: maybe", "list:2: fix-state: expected one of fixed"),
        ("- x", "list: expected ignore: with a list"),
    ],
)
def test_what_is_not_understood_is_one_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_grype_yaml(text.encode(), "list")
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_a_hostile_name_costs_no_time() -> None:
    long = replace(BOTH[0], finding=replace(BOTH[0].finding, name="a" * 100_000))
    rules = parse_grype_yaml(b"ignore:\n  - package: {name: '(a*)*b'}", "list").rules
    assert apply_ignore_rules([long], rules, TODAY, STOCK).findings == (long,)
