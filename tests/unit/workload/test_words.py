"""The small languages of the command line: durations, readiness, ports; and what test output
says.
"""

import pytest

from careen.engines.network.portproxy import Published
from careen.engines.network.publish import published
from careen.errors import InputError
from careen.model.image import ImageConfig
from careen.model.runs.workload import (
    Ready,
    ReadyCommand,
    ReadyDefault,
    ReadyExit,
    ReadyLog,
    ReadyTcp,
    ReadyUrl,
    RunOptions,
    Workload,
)
from careen.tools.durations import parse_duration
from careen.workload.cases import count_cases
from careen.workload.plain import last_lines
from careen.workload.ports import all_ports, parse_publish, wanted_ports
from careen.workload.ready import parse_ready
from careen.workload.testing import container_argv


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60), ("2m", 120), ("1.5h", 5400), ("90", 90), ("250ms", 0.25), (" 5 s ", 5), ("0", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "s", "-1s", "1d", "nan", "inf", "1e3", "1,5s", "٣s", "60s\nx", "8" * 40, "169h"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(InputError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "ready"),
    [
        ("/health", ReadyUrl("/health")),
        ("http://localhost:8080/h?x=1", ReadyUrl("http://localhost:8080/h?x=1")),
        ("https://[::1]:8443/", ReadyUrl("https://[::1]:8443/")),
        ("tcp:5432", ReadyTcp(5432)),
        ("log:ready in \\d+", ReadyLog("ready in \\d+")),
        ("log:a:b", ReadyLog("a:b")),
        ("cmd:curl -f $BASE_URL", ReadyCommand("curl -f $BASE_URL")),
        ("exit", ReadyExit()),
    ],
)
def test_readiness(text: str, ready: Ready) -> None:
    assert parse_ready(text) == ready


@pytest.mark.parametrize(
    "text",
    ["", "healthy", "tcp", "tcp:", "tcp:0", "tcp:65536", "tcp:80/udp", "tcp:٨٠", "log:", "log:[", "cmd:", "cmd: ", "exit:0", "ftp://localhost/", "http://",
     "http://localhost:99999/", "http://localhost:x/", "http://10.0.0.1/", "http://localhost /", "http://[::1/", "http://local\nhost/"],
)  # fmt: skip
def test_what_is_no_readiness(text: str) -> None:
    with pytest.raises(InputError) as error:
        parse_ready(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("80", (80,)),
        ("8080:80", (80,)),
        ("127.0.0.1:8080:80/tcp", (80,)),
        ("127.0.0.1::80", (80,)),
        ("[::1]:8080:80", (80,)),
        ("53:53/udp", ()),
        ("8000-8002:9000-9002", (9000, 9001, 9002)),
        ("8000-8010:80", (80,)),
    ],
)
def test_published_ports(text: str, ports: tuple[int, ...]) -> None:
    assert parse_publish(text) == ports


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "a:80",
        "80:",
        "80/http",
        "1:2:3:4",
        "0",
        "65536",
        "9-8",
        "99999999999999999999",
        "8000-8001:80-85",
    ],
)
def test_what_is_no_port(text: str) -> None:
    with pytest.raises(InputError):
        parse_publish(text)


def exposing(*ports: str) -> ImageConfig:
    return ImageConfig({"config": {"ExposedPorts": {port: {} for port in ports}}})


def test_ports_that_are_none_do_not_stand_in_the_way_of_those_that_are() -> None:
    """int() takes no superscript, though str.isdigit() does, nor thousands of digits."""
    odd = ("443/tcp", "²/tcp", "9" * 5000, "80", "x/udp")
    assert exposing(*odd).exposed_ports[-2:] == ("80", "443/tcp")
    assert all_ports(exposing(*odd), Workload()) == (80, 443)


def test_ports_that_the_engine_must_publish() -> None:
    config = exposing("8080/tcp", "443", "53/udp", "bad/tcp", "99999/tcp")
    workload = Workload(
        ready=ReadyUrl("http://localhost:9090/x"), run=RunOptions(ports=("18080:8080", "7000"))
    )
    assert wanted_ports(config, workload) == (9090, 443)
    assert all_ports(config, workload) == (
        8080,
        7000,
        9090,
        443,
    )  # the order in which one of them is "the first"
    assert wanted_ports(exposing(), Workload(ready=ReadyTcp(5))) == (5,)
    assert wanted_ports(exposing(), Workload(ready=ReadyDefault())) == ()


def test_an_image_that_exposes_every_port_does_not_take_the_hosts() -> None:
    assert wanted_ports(
        exposing(*(f"{port}/tcp" for port in range(1, 65536))), Workload()
    ) == tuple(range(1, 65))


@pytest.mark.parametrize(
    ("output", "cases"),
    [
        ("....\n15 passed, 1 skipped in 2.31s\n", 15),
        ("\x1b[31m===== \x1b[1m2 failed\x1b[0m, \x1b[32m13 passed\x1b[0m, 1 xfailed, 3 warnings in 75.31s (0:01:15) =====\x1b[0m\n", 16),
        ("= 1 error in 0.12s =", 1),
        ("3 skipped in 0.10s", 0),
        ("no tests ran in 0.01s", 0),
        ("2 passed in 0.1s\nthen\n3 passed, 1 deselected in 0.2s", 5),
        (".....\n----\nRan 5 tests in 0.001s\n\nOK\n", 5),
        ("Ran 5 tests in 0.001s\n\nOK (skipped=2)\n", 3),
        ("Ran 1 test in 1.000s\n\nFAILED (failures=1)\n", 1),
        ("TAP version 13\n1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no gpu\n", 2),
        ("=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- FAIL: TestA/x (0.00s)\n--- SKIP: TestB\nPASS\n", 2),
        ("all good\n", None),
        ("ok\n", None),
        ("uploaded 3 files in 2.0s\n", None),
        ("", None),
    ],
)  # fmt: skip
def test_cases_that_were_run(output: str, cases: int | None) -> None:
    assert count_cases(output) == cases


def test_counting_is_linear_in_what_a_test_prints() -> None:
    assert count_cases("1 a, " * 200_000) is None
    assert count_cases("\n" * 1_000_000 + "1 passed in 1s\n") == 1


def test_words_of_a_container_command() -> None:
    assert container_argv("python -c 'import torch'") == ("python", "-c", "import torch")
    for shell in ("a | b", "echo $HOME", "cd /x && y", "A=1 env", "ls *.py", "echo 'unclosed"):
        assert container_argv(shell) == ("/bin/sh", "-c", shell)


def test_output_of_others_cannot_steer_the_terminal() -> None:
    assert last_lines("one\n\n\x1b]0;owned\x07two\r\nthree\u202e\n", 2) == "]0;owned two | three"


def test_one_reading_of_publications_for_every_engine() -> None:
    """Port 0 of the host is a free one, as with docker; one container port behind a range of the
    host's is docker's business alone.
    """
    assert parse_publish("0:80") == (80,)
    assert published("0:80") == (Published("127.0.0.1", 0, 80),)
    assert parse_publish("8000-8010:80") == (80,)
    with pytest.raises(
        InputError, match="11 host ports for one container port; the embedded engine needs one"
    ):
        published("8000-8010:80")
    for text in ("80/http", "9-8", "8000-8001:80-85"):
        for read in (parse_publish, published):
            with pytest.raises(InputError, match="port"):
                read(text)
