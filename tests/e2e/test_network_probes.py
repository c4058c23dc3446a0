"""Forty ways out of the embedded engine's container, tried by the image's own program on a machine
that the test made: a network namespace without a link.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.careen_command import Careen
from tests.support.vulnerable_python import vulnerable_python

pytestmark = [pytest.mark.root, pytest.mark.runc]

SUPPORT = Path(__file__).parents[1] / "support"
DIRECT = {
    *(
        "tcp-loopback",
        "tcp-loopback-six",
        "tcp-private",
        "tcp-private-six",
        "tcp-link-local",
        "tcp-own-public",
        "tcp-mapped",
    ),
    *("udp-loopback", "udp-loopback-six", "udp-private", "abstract-stream", "abstract-datagram"),
    *(
        "packet-sniff",
        "raw-icmp",
        "netlink-addresses",
        "netlink-route",
        "proc-unix",
        "proc-routes",
        "vsock",
    ),
}
BY_PROXY = {
    *(
        "connect-loopback",
        "connect-loopback-port",
        "connect-localhost",
        "connect-private",
        "connect-own-public",
        "connect-link-local",
    ),
    *(
        "connect-mapped",
        "connect-nat64",
        "connect-number",
        "connect-name-private",
        "connect-name-metadata",
        "connect-mail",
    ),
    *(
        "connect-named-other-port",
        "connect-named-by-address",
        "get-metadata",
        "get-host-header",
        "get-userinfo",
        "get-smuggled",
    ),
    *("get-two-hosts", "post", "get-oversized"),
}


@pytest.fixture(scope="module")
def netprobe(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("netprobe") / "netprobe"
    subprocess.check_call(["gcc", "-O1", "-static", "-o", str(out), str(SUPPORT / "netprobe.c")])
    return out.read_bytes()


@dataclass(frozen=True, slots=True)
class Machine:
    """Runs careen on a machine of its own; `got` is what reached the services there."""

    folder: Path
    command: Careen

    def careen(self, *words: str) -> tuple[int, str, list[str]]:
        got = self.folder / "got"
        machine = [
            "unshare",
            "--net",
            "--mount",
            sys.executable,
            str(SUPPORT / "lone_machine.py"),
            str(got),
        ]
        env = self.command.environment()
        argv = [*machine, sys.executable, "-m", "careen", *words]
        done = subprocess.run(  # noqa: TID251
            argv, cwd=self.folder, env=env, capture_output=True, text=True, timeout=180, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr, got.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path, netprobe: bytes) -> Machine:
    return Machine(tmp_path, vulnerable_python(tmp_path, netprobe))


def tried(got: Sequence[str]) -> dict[str, str]:
    """What the program told the source that the user had named."""
    line = next(each for each in got if "GET /tried?" in each)
    return dict(pair.split("=") for pair in line.partition("/tried?")[2].split(" ")[0].split(","))


def test_a_plan_of_upgrades_reaches_the_named_source_and_nothing_else(machine: Machine) -> None:
    status, said, got = machine.careen(
        *(
            "patch",
            "docker-archive:image.tar",
            "--plan",
            "--engine",
            "embedded",
            "--report-dir",
            "out",
        ),
        *(
            "--patch-env",
            "UV_EXTRA_INDEX_URL=http://mirror.example:8080/",
            "--index-url",
            "http://mirror.example:8080/simple",
        ),
    )
    assert status == 0, said
    assert len(got) == 1, got
    assert tried(got) == dict.fromkeys(DIRECT | BY_PROXY, "refused")
    assert "host-network" not in said


def test_without_a_named_source_the_plan_reaches_nothing_at_all(machine: Machine) -> None:
    status, said, got = machine.careen(
        "patch", "docker-archive:image.tar", "--plan", "--engine", "embedded", "--report-dir", "out"
    )
    assert (status, got) == (0, []), said
    assert "its interpreter does not run" in said


def test_the_hosts_network_is_given_only_when_it_is_asked_for_and_then_announced(
    machine: Machine,
) -> None:
    """The same program reaches what it tries, so the tests above would see it."""
    status, said, got = machine.careen(
        "patch",
        "docker-archive:image.tar",
        "--plan",
        "--engine",
        "embedded",
        "--report-dir",
        "out",
        "--host-network",
    )
    assert status == 0, said
    sent = {each.strip("b'") for each in got}
    assert sent == {each for each in DIRECT if each.startswith(("tcp-", "udp-", "abstract-"))}
    assert "--host-network: programs of the image run as root in this machine's own network" in said


@pytest.mark.parametrize(
    "verb",
    [
        ("profile", "-o", "rbom.json", "--log-dir", "logs"),
        ("harden", "-o", "oci:hardened", "--report-dir", "logs"),
    ],
    ids=lambda verb: verb[0],
)
def test_a_workload_reaches_nothing(machine: Machine, verb: tuple[str, ...]) -> None:
    words = (
        "docker-archive:image.tar",
        "--engine",
        "embedded",
        "--ready",
        "exit",
        "--explore",
        "off",
    )
    status, said, got = machine.careen(verb[0], *words, *verb[1:])
    assert (status, got) == (0, []), said
    logs = [path.read_text() for path in machine.folder.glob("logs/**/*.log")]
    assert logs
    for log in logs:
        lines = [line.split(" ") for line in log.splitlines()]
        assert {name: answer for name, answer, *_ in lines if name != "report"} == dict.fromkeys(
            DIRECT | BY_PROXY, "refused"
        )
