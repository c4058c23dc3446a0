"""Settings of apt and dnf in all their spellings, and programs that are the workload."""

from pathlib import Path

import pytest

from careen.model.compliance.result import Result
from tests.support.compliance import STATUS, package, results, subject
from tests.support.images import Item, file, symlink

FAIL, MANUAL, PASS = Result.FAIL, Result.MANUAL, Result.PASS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('APT::Get::AllowUnauthenticated "enable";', FAIL),
        ("APT::Get::AllowUnauthenticated 'with';", FAIL),
        ('APT { Get { AllowUnauthenticated   "1"; }; };', FAIL),
        ('APT::Get::AllowUnauthenticated\n  "true";', FAIL),
        ('Acquire::https::example.com::Verify-Peer "disable";', FAIL),
        ('Acquire::AllowWeakRepositories "on"; # why', FAIL),
        (f'{"// " + "x" * 10}\nX "{"y" * 3000}"; Acquire::AllowInsecureRepositories "yes";', FAIL),
        ('APT::Get::AllowUnauthenticated "false";', PASS),
        ('// APT::Get::AllowUnauthenticated "true";', PASS),
        ('Acquire::https::Verify-Peer "true";', PASS),
    ],
)
def test_a_setting_of_apt(tmp_path: Path, text: str, expected: Result) -> None:
    with subject(tmp_path, file("etc/apt/apt.conf.d/99", text)) as image:
        assert results(image)["apt-verifies-signatures"].result is expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("x.sources", "Types: deb\nURIs: https://x\nTrusted: true\n", FAIL),
        ("x.sources", "Types: deb\nURIs: https://x\nTrusted:  yes\n", FAIL),
        ("x.sources", "Types: deb\nURIs: https://x\nTrusted:\n yes\n", FAIL),
        ("x.sources", "Types: deb\nURIs: https://x\nAllow-Insecure: on\n", FAIL),
        ("x.sources", "Types: deb\nURIs: https://x\nTrusted: no\n", PASS),
        ("x.list", "deb [trusted=1] https://x a main\n", FAIL),
        ("x.list", "deb [ arch=amd64 trusted=enable ] https://x a main\n", FAIL),
        ("x.list", "deb [trusted=no] https://x/trusted/yes a main\n", PASS),
    ],
)
def test_a_source_of_apt(tmp_path: Path, path: str, text: str, expected: Result) -> None:
    with subject(tmp_path, file(f"etc/apt/sources.list.d/{path}", text)) as image:
        assert results(image)["apt-verifies-signatures"].result is expected


MAIN = file("etc/dnf/dnf.conf", "[main]\ngpgcheck=True\n")


@pytest.mark.parametrize(
    ("text", "more", "expected"),
    [
        ("[a]\ngpgcheck=off\n", (), FAIL),
        ("[a]\ngpgcheck  =  0\n", (), FAIL),
        ("[a]\nGPGCHECK = No\n", (MAIN,), FAIL),
        ("[a]\nname=a\n", (), FAIL),
        ("[a]\ngpgcheck=1\n[b]\nname=b\n", (), FAIL),
        ("[a]\nname=a\nenabled=0\n", (), Result.NOT_APPLICABLE),
        ("[a]\nname=a\n", (MAIN,), PASS),
        ("[a]\ngpgcheck = 1\n", (), PASS),
        ("# gpgcheck=0\n[a]\ngpgcheck=yes\n", (), PASS),
    ],
)
def test_a_repository_of_rpm_packages(
    tmp_path: Path, text: str, more: tuple[Item, ...], expected: Result
) -> None:
    with subject(tmp_path, file("etc/yum.repos.d/x.repo", text), *more) as image:
        assert results(image)["rpm-verifies-signatures"].result is expected


def test_zypper_checks_unless_it_is_told_not_to(tmp_path: Path) -> None:
    with subject(tmp_path, file("etc/zypp/repos.d/x.repo", "[a]\nname=a\n")) as image:
        assert results(image)["rpm-verifies-signatures"].result is PASS


def programs(*names: str) -> tuple[Item, ...]:
    return tuple(file(f"usr/bin/{name}", b"x", mode=0o755) for name in names)


@pytest.mark.parametrize(
    ("check", "there", "entrypoint", "cmd", "expected"),
    [
        ("no-network-tools", ("curl",), ["/usr/bin/service"], ["curl"], FAIL),
        ("no-network-tools", ("curl",), [], ["curl"], MANUAL),
        ("no-network-tools", ("curl",), ["/usr/bin/curl"], ["wget"], MANUAL),
        ("no-network-tools", ("curl", "nc"), [], ["curl"], FAIL),
        ("no-development-tools", ("git", "gcc"), [], ["git"], FAIL),
        ("no-development-tools", ("git",), [], ["git"], MANUAL),
        ("no-ssh-server", ("sshd",), ["/usr/bin/sshd"], [], FAIL),
        ("no-dnsmasq", ("dnsmasq",), ["dnsmasq"], [], MANUAL),
        ("no-dnsmasq", (), ["dnsmasq"], [], PASS),
    ],
)
def test_only_the_program_that_is_started_is_the_workload(
    tmp_path: Path,
    check: str,
    there: tuple[str, ...],
    entrypoint: list[str],
    cmd: list[str],
    expected: Result,
) -> None:
    config = {"Entrypoint": entrypoint, "Cmd": cmd}
    with subject(tmp_path, *programs(*there), config=config) as image:
        assert results(image)[check].result is expected


@pytest.mark.parametrize(("source", "expected"), [("", FAIL), ("Source: dnsmasq-base\n", MANUAL)])
def test_the_packages_of_the_started_programs_source_are_the_workload(
    tmp_path: Path, source: str, expected: Result
) -> None:
    other = package("dnsmasq").replace("Version:", f"{source}Version:")
    records = (
        file("var/lib/dpkg/status", STATUS + other + package("dnsmasq-base")),
        file("var/lib/dpkg/info/dnsmasq.list", "/.\n"),
        file("var/lib/dpkg/info/dnsmasq-base.list", "/.\n/usr/bin/dnsmasq\n"),
    )
    config = {"Entrypoint": ["dnsmasq"]}
    with subject(tmp_path, *records, *programs("dnsmasq"), config=config) as image:
        assert results(image)["no-dnsmasq"].result is expected


@pytest.mark.parametrize(("started", "expected"), [("sh", MANUAL), ("bash", FAIL)])
def test_another_name_of_the_started_program_is_the_workload(
    tmp_path: Path, started: str, expected: Result
) -> None:
    there = (symlink("usr/bin/sh", "dash"), *programs("dash"))
    more = programs("bash") if started == "bash" else ()
    with subject(tmp_path, *there, *more, config={"Entrypoint": [started]}) as image:
        assert results(image)["no-shells"].result is expected
