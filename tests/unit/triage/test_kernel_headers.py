"""What is known against a kernel and found in its headers stands last, and is still counted."""

from dataclasses import replace
from typing import Any

import pytest

from careen.model.findings.advisory import Severity
from careen.model.findings.triage import Priority, Tier
from careen.model.packages.package import Ecosystem, Package
from careen.model.runs.trace import Use
from careen.triage.conditions import parse_conditions
from careen.triage.kernel_headers import is_kernel_headers
from careen.triage.policy import crossed
from careen.triage.triage import triage
from tests.support.triage import IMAGE, bom, bound, epss, finding, inventory, kev, package, use

VERSION = "/usr/include/linux/version.h"
HEADERS: dict[str, Package] = {
    "debian": package(
        "linux-libc-dev",
        VERSION,
        "/usr/include/asm-generic/errno.h",
        "/usr/share/doc/linux-libc-dev/copyright",
    ),
    "debian-cross": package(
        "linux-libc-dev-arm64-cross", "/usr/aarch64-linux-gnu/include/linux/version.h"
    ),
    "fedora": package("kernel-headers", VERSION, ecosystem=Ecosystem.RPM),
    "alpine": package("linux-headers", VERSION, ecosystem=Ecosystem.APK),
    "another name": package("uapi", VERSION, "/usr/include/linux/fs.h"),
    "to build modules": package(
        "linux-headers-6.12.1-amd64",
        "/usr/src/linux-headers-6.12.1/include/linux/kernel.h",
        "/usr/src/linux-headers-6.12.1/scripts/basic/fixdep",
        "/lib/modules/6.12.1-amd64/build",
    ),
    "metapackage": package("linux-headers-amd64", "/usr/share/doc/linux-headers-amd64/copyright"),
    "of an SBOM": package("linux-aws-headers-6.8.0", ecosystem=Ecosystem.DEB),
}
OTHERS: dict[str, Package] = {
    "a library's headers": package("linux-pam-dev", "/usr/include/security/pam_appl.h"),
    "with a program": package("linux-tools", VERSION, "/usr/bin/perf"),
    "with a module": package("linux-image", VERSION, "/lib/modules/6.12.1/kernel/fs/xfs.ko"),
    "with a library": package("sysroot", VERSION, "/usr/lib/libc.so.6"),
    "a kernel": package("linux-image-6.12.1-amd64", "/boot/vmlinuz-6.12.1-amd64"),
    "known by name only": package("linux-perf"),
    "of Python": package("linux-headers", VERSION, ecosystem=Ecosystem.PYPI),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_are_told_by_their_files(name: str) -> None:
    assert is_kernel_headers(HEADERS[name])


@pytest.mark.parametrize("name", OTHERS)
def test_what_has_more_than_headers_is_none(name: str) -> None:
    assert not is_kernel_headers(OTHERS[name])


@pytest.mark.parametrize(
    "more",
    [
        {"severity": Severity.UNKNOWN},
        {"severity": Severity.CRITICAL, "fixed": ("2",)},
        {"kev": kev(), "epss": epss(0.9)},
    ],
)
def test_they_never_head_the_list(more: dict[str, Any]) -> None:
    headers, other = HEADERS["debian"], package("app", "/usr/bin/app")
    found = [
        finding(headers, "CVE-2026-0001", **more),
        finding(other, "CVE-2026-0002", Severity.LOW),
    ]
    first, last = triage(found, inventory(headers, other), None, IMAGE)
    assert first.finding.name == "app"
    assert (last.finding.name, last.priority, last.kernel_headers) == (
        "linux-libc-dev",
        Priority.TRACK,
        True,
    )
    assert last.reasons[-1] == "track: kernel headers: no kernel code runs from them"


def test_they_stay_in_counts_and_gates() -> None:
    headers = HEADERS["debian"]
    (item,) = triage(
        [finding(headers, severity=Severity.CRITICAL)], inventory(headers), None, IMAGE
    )
    assert crossed((item,), parse_conditions("critical", "--fail-on"), None, None)


def test_what_was_seen_to_run_is_judged_like_anything_else() -> None:
    headers = HEADERS["to build modules"]
    ran = bom(
        {"/usr/src/linux-headers-6.12.1/scripts/basic/fixdep": use(Use.EXECUTED, origin="serve")},
        [bound()],
    )
    about = replace(finding(headers, severity=Severity.CRITICAL), kev=kev())
    (item,) = triage([about], inventory(headers), ran, IMAGE)
    assert (item.tier, item.priority, item.kernel_headers) == (Tier.EXECUTED, Priority.ACT, False)
