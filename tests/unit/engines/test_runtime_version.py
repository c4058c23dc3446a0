"""What `careen doctor` says of a container runtime's version."""

import gzip
import json
from pathlib import Path

import pytest

from careen.engines.embedded import runtime_version
from careen.engines.embedded.runtime_version import (
    fixes,
    has_fix,
    lowest_fixed_versions,
    report,
    runtime_reports,
)
from careen.pipeline.doctor import runtime_rows
from careen.report.views.doctor import Health

OF_2025 = ("1.2.8", "1.3.3", "1.4.0-rc.3")


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.1.15", False),
        ("1.2.7", False),
        ("1.2.8", True),
        ("1.2.9", True),
        ("1.3.2", False),
        ("1.3.3", True),
        ("1.3.3+ds1", True),
        ("1.4.0-rc.2", False),
        ("1.4.0-rc.3", True),
        ("1.4.0~rc.2", False),
        ("1.4.0", True),
        ("1.5.0-rc.1", True),
        ("2.0", True),
        ("unknown", False),
        ("", False),
    ],
)
def test_each_branch_has_its_first_good_version(version: str, expected: bool) -> None:
    assert has_fix(version, OF_2025) is expected


def cves(runtime: str, version: str, changelog: str = "") -> set[str]:
    return {cve for fix in report(runtime, version, changelog).open for cve in fix.cves}


def test_old_versions_have_the_escapes_of_2024_and_2025_open() -> None:
    assert cves("runc", "1.1.11") >= {"CVE-2024-21626", "CVE-2025-31133", "CVE-2025-52881"}
    assert "CVE-2024-21626" not in cves("runc", "1.1.12")
    assert cves("runc", "1.1.12") >= {"CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"}
    assert cves("runc", "1.6.0") == set()
    assert cves("crun", "1.30") == set()
    assert "CVE-2026-88264" in cves("crun", "1.29.1")


def test_a_package_that_says_what_it_mends_is_believed() -> None:
    changelog = (
        "runc (1.1.15-2) * Mend CVE-2025-31133, CVE-2025-52565 (Closes: #1)\n CVE-2025-52881"
    )
    assert cves("runc", "1.1.15+ds1", changelog) == {"CVE-2026-41579"}
    (row,) = runtime_rows([report("runc", "1.1.15+ds1", f"{changelog} CVE-2026-41579")])
    assert row.health is Health.GOOD
    assert "CVE-2025-52881" in row.detail


def test_the_row_names_the_least_good_version_and_calls_nothing_vulnerable() -> None:
    (row,) = runtime_rows([report("runc", "1.3.2", "")])
    assert row.health is Health.LIMITED
    assert "CVE-2025-52881" in row.detail
    assert "1.3.6, 1.4.3, 1.5.0-rc.3" in row.remedy
    assert "a distribution may have patched" in row.remedy
    assert "vulnerable" not in row.detail + row.remedy


def test_an_unknown_version_is_not_taken_for_a_good_one() -> None:
    (row,) = runtime_rows([report("runc", "", "")])
    assert row.health is Health.LIMITED
    assert "unknown version" in row.detail


def test_the_least_good_version_of_a_branch_has_all_mends() -> None:
    assert (
        lowest_fixed_versions(fix for fix in fixes() if fix.runtime == "runc")
        == "1.3.6, 1.4.3, 1.5.0-rc.3"
    )
    assert lowest_fixed_versions(fix for fix in fixes() if fix.runtime == "crun") == "1.30"


def program(folder: Path, name: str, output: str) -> None:
    (folder / f"{name}.txt").write_text(output)
    (folder / name).write_text(f"#!/bin/sh\ncat '{folder}/{name}.txt'\n")
    (folder / name).chmod(0o755)


def test_docker_is_asked_for_its_own_runtime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    components = [
        {"Name": "Engine", "Version": "27.0"},
        {"Name": "runc", "Version": "1.1.7"},
        {"Name": "crun", "Version": "1.30\x1b[2J"},
    ]
    program(tmp_path, "docker", json.dumps(components))
    program(tmp_path, "runc", "runc version 1.4.3\ncommit: v1.4.3-0\n")
    program(tmp_path, "podman", f"{tmp_path}/runc\n")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    own, dockers = runtime_reports()
    assert (own.runtime, own.of, own.version, own.open) == ("runc", "", "1.4.3", ())
    assert (dockers.runtime, dockers.of, dockers.version) == ("runc", "docker", "1.1.7")
    program(tmp_path, "docker", json.dumps(components[:1]))
    assert runtime_reports() == (own,)
    program(tmp_path, "docker", "null")
    assert runtime_reports() == (own,)
    (tmp_path / "other").mkdir()
    program(tmp_path / "other", "crun", "crun version 1.21\n")
    program(tmp_path, "podman", f"{tmp_path}/other/crun\n")
    own, podmans = runtime_reports()
    assert (podmans.runtime, podmans.of, podmans.version) == ("crun", "podman", "1.21")
    program(tmp_path, "podman", "/usr/bin/kata-runtime\n")
    assert runtime_reports() == (own,)


def test_the_changelog_is_the_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_version, "DOCUMENTS", tmp_path)
    (tmp_path / "runc").mkdir()
    with gzip.open(tmp_path / "runc" / "changelog.Debian.gz", "wb") as stream:
        stream.write(b"fixes CVE-2025-31133")
    assert "31133" in runtime_version._changelog("runc", Path("/usr/sbin/runc"))
    assert runtime_version._changelog("runc", Path("/usr/local/sbin/runc")) == ""
    (tmp_path / "runc" / "changelog.Debian.gz").write_bytes(b"no gzip")
    assert runtime_version._changelog("runc", Path("/usr/sbin/runc")) == ""
