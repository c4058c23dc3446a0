"""The measure of patching: each finding that is left has its reason."""

from typing import Any

from tests.patching.measure import measured, with_reason


def finding(
    name: str, version: str, identifier: str, *, fixed: bool = True, where: str = ""
) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}{where}"
    return {
        "name": name,
        "installed": version,
        "package": purl,
        "id": identifier,
        "aliases": [],
        "fixed": ["9"] if fixed else [],
        "severity": "low",
    }


def upgrade(name: str, installed: str, target: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{installed or target}"
    return {"purl": purl, "name": name, "installed": installed, "target": target}


BLOCKED = [
    {
        "purl": "pkg:pypi/held@1",
        "name": "held",
        "installed": "1",
        "findings": ["CVE-1"],
        "barrier": "excluded",
        "detail": "--exclude held",
    }
]
ORIGINAL = [
    finding("held", "1", "CVE-1"),
    finding("lost", "1", "CVE-2"),
    finding("dead", "1", "CVE-3", fixed=False),
    finding("pump", "1", "CVE-4"),
]


def test_every_finding_that_is_left_has_its_reason() -> None:
    left = [
        *ORIGINAL[:3],
        finding("pump", "2", "CVE-5"),
        finding("copy", "3", "CVE-6", where="?location=%2Flib%2Fpip%2F_vendor%2Fcopy"),
        finding("fresh", "1", "CVE-7"),
        finding("odd", "1", "CVE-8"),
    ]
    upgrades = [upgrade("pump", "1", "2"), upgrade("pip", "23", "26"), upgrade("fresh", "", "1")]
    said = [(reason, why) for reason, why, _ in with_reason(left, BLOCKED, upgrades, ORIGINAL)]
    assert said == [
        ("excluded", "--exclude held"),
        ("unexplained", ""),
        ("no fix", "no fixed version is known"),
        ("raised", "raised by pump 1 to 2"),
        ("raised", "raised by pip 23 to 26"),
        ("raised", "raised by fresh 1, which is new"),
        ("raised", "raised by an upgrade that brings odd 1"),
    ]


def test_of_two_packages_of_one_name_each_has_its_own_reason() -> None:
    def stays(version: str, barrier: str) -> dict[str, Any]:
        return {
            "purl": f"pkg:pypi/pump@{version}",
            "name": "pump",
            "installed": version,
            "findings": ["CVE-1"],
            "barrier": barrier,
            "detail": "",
        }

    blocked = [stays("1.0", "major only"), stays("1.5", "owned elsewhere")]
    upgrades = [upgrade("pump", "1.0", "1.9"), upgrade("pump", "1.5", "1.6")]
    original = [finding("pump", "1.0", "CVE-1"), finding("pump", "1.5", "CVE-1")]
    left = [finding("pump", "1.9", "CVE-1"), finding("pump", "1.6", "CVE-1")]
    found = with_reason(left, blocked, upgrades, original)
    assert [reason for reason, _, _ in found] == ["major only", "owned elsewhere"]


def test_reasons_are_counted() -> None:
    found = {
        "findings": [finding("pump", "2", "CVE-5")],
        "blocked": BLOCKED,
        "upgrades": [upgrade("pump", "1", "2")],
        "seconds": {},
    }
    out = measured(found, ORIGINAL)
    assert (out["findings"], out["fixable"], out["left"]) == (1, 1, {"raised": 1})
