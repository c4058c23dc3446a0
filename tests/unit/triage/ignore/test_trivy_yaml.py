"""`.trivyignore.yaml`: what its entries name, when they end, and what is wrong with a file."""

import datetime as dt

import pytest

from careen.errors import ConfigError
from careen.model.packages.package import Ecosystem
from careen.triage.ignore.apply import apply_ignore_rules
from careen.triage.ignore.rule import UNEXPLAINED
from careen.triage.ignore.trivy_yaml import parse_trivy_yaml
from tests.support.triage import inventory, package, triaged

TODAY = dt.date(2026, 8, 16)
RECORD = "/usr/lib/python3/dist-packages/torch-2.5.1.dist-info/METADATA"
TORCH = package(
    "torch",
    ecosystem=Ecosystem.PYPI,
    purl="pkg:pypi/torch@2.5.1",
    version="2.5.1",
    record=RECORD,
)
PERL = package("perl-base", purl="pkg:deb/debian/perl-base@5.36.0-7?arch=amd64&distro=debian-12")
STOCK = inventory(TORCH, PERL)
BOTH = tuple(triaged(each, identifier="CVE-2025-1") for each in (TORCH, PERL))


def left(entry: str) -> list[str]:
    text = f"vulnerabilities:\n  - id: CVE-2025-1\n{entry}"
    rules = parse_trivy_yaml(text.encode(), "list").rules
    applied = apply_ignore_rules(BOTH, rules, TODAY, STOCK)
    return [item.finding.name for item in applied.findings]


def test_identifiers_ends_and_reasons() -> None:
    found = parse_trivy_yaml(
        b"""# ours
vulnerabilities:
  - id: CVE-2025-1
  # the vendor pinned it
  - id: ghsa-aaaa-bbbb-cccc
    expired_at: 2027-01-31
    statement: |
      Pinned
      by the vendor
  - {id: CVE-2025-2, expired_at: 2027-01-31T12:00:00Z}
  - id: CVE-2025-3
    statement: ours; review by 2027-02-01
misconfigurations:
  - id: AVD-AWS-0031
secrets:
""",
        ".trivyignore.yaml",
    )
    assert [
        (one.identifier, one.reason, str(one.until), str(one.review_by), one.where, one.place)
        for one in found.rules
    ] == [
        ("CVE-2025-1", UNEXPLAINED, "None", "None", ".trivyignore.yaml:3", 0),
        (
            "GHSA-AAAA-BBBB-CCCC",
            "Pinned by the vendor",
            "2027-01-30",
            "None",
            ".trivyignore.yaml:5",
            1,
        ),
        ("CVE-2025-2", UNEXPLAINED, "2027-01-30", "None", ".trivyignore.yaml:10", 2),
        (
            "CVE-2025-3",
            "ours; review by 2027-02-01",
            "None",
            "2027-02-01",
            ".trivyignore.yaml:11",
            3,
        ),
    ]
    assert found.notes == (
        ".trivyignore.yaml: misconfigurations: 1 entry, not about vulnerabilities: not applied",
    )


@pytest.mark.parametrize(
    ("entry", "stays"),
    [
        ("", []),
        ("    purls: [pkg:pypi/torch]", ["perl-base"]),
        ("    purls: [pkg:pypi/torch@2.5.1]", ["perl-base"]),
        ("    purls: [pkg:pypi/torch@2.5.0]", ["torch", "perl-base"]),
        ("    purls: [pkg:pypi/torch, pkg:deb/debian/perl-base]", []),
        ("    purls: ['pkg:deb/debian/perl-base?arch=amd64']", ["torch"]),
        ("    purls: ['pkg:deb/debian/perl-base?arch=arm64']", ["torch", "perl-base"]),
        ("    paths: [usr/lib/python3/**/METADATA]", ["perl-base"]),
        ("    paths: ['**/torch-*/METADATA']", ["perl-base"]),
        ("    paths: [usr/*/METADATA]", ["torch", "perl-base"]),
        ("    paths: [usr/lib/**]\n    purls: [pkg:deb/debian/perl-base]", ["torch", "perl-base"]),
    ],
)
def test_an_entry_names_packages_and_paths(entry: str, stays: list[str]) -> None:
    assert left(entry) == stays


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- id: CVE-1", "list: expected vulnerabilities: with a list"),
        ("vulnerabilities: x", "list: vulnerabilities: expected a list, got str"),
        ("vulnerabilities:\n  - CVE-1", "list:2: expected an entry with named values"),
        ("vulnerabilities:\n  - statement: x", "list:2: an entry needs an id"),
        ("vulnerabilities:\n  - id: 5", "list:2: id: expected a text, got '5'"),
        ("vulnerabilities:\n\n  - id: CVE-1\n    path: x", "list:3: unknown member 'path'"),
        (
            "vulnerabilities:\n  - id: CVE-1\n    purls: x",
            "list:2: purls: expected a list of texts",
        ),
        ("vulnerabilities:\n  - id: CVE-1\n    purls: [x]", "list:2: not a purl: 'x'"),
        ("vulnerabilities:\n  - id: CVE-1\n    paths: ['{a']", "list:2: not a regular expression"),
        (
            "vulnerabilities:\n  - id: CVE-1\n    expired_at: soon",
            "list:2: expired_at: expected a day",
        ),
        (
            "vulnerabilities:\n  - id: CVE-1\n    expired_at: 9999-12-31T23:59:59-01:00",
            "list:2: expired_at: '9999-12-31T23:59:59-01:00' is no time in UTC",
        ),
        ("vulns:\n  - id: CVE-1", "list: unknown member 'vulns'"),
        ("vulnerabilities: [", "list: not valid YAML"),
        ("a: &x [1]\nvulnerabilities: *x", "list: a YAML alias (*x)"),
        ("vulnerabilities:\n  - id: !!python/name:x CVE", "list: a YAML tag"),
        (
            "vulnerabilities:\n  - id: CVE-1\n    id: CVE-2",
            "list: not valid YAML: a key occurs twice",
        ),
        ("[" * 50, "list: YAML nested deeper than 20 levels"),
    ],
)
def test_what_is_not_understood_is_one_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_trivy_yaml(text.encode(), "list")
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
