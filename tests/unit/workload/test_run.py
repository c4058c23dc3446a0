"""A workload from start to stop, on real processes."""

import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.errors import InputError, ToolError
from careen.model.image import ImageConfig
from careen.model.runs.engine import ContainerState, Listening
from careen.model.runs.trace import Phase
from careen.model.runs.workload import (
    HealthResult,
    Limits,
    Ready,
    ReadyCommand,
    ReadyDefault,
    ReadyExit,
    ReadyLog,
    ReadyTcp,
    ReadyUrl,
    RunOptions,
    TestCommand,
    TestPlace,
    Workload,
)
from careen.workload.context import RunContext
from careen.workload.health import health_words
from careen.workload.run import run_workload
from careen.workload.stopping import learned
from tests.support.local_container import LocalContainer, service_argv

pytestmark = pytest.mark.slow

PYTHON = shlex.quote(sys.executable)


def config(**run: Any) -> ImageConfig:
    return ImageConfig({"os": "linux", "architecture": "amd64", "config": run})


EXPOSED = config(ExposedPorts={"8080/tcp": {}})


def on_host(command: str) -> TestCommand:
    return TestCommand(TestPlace.HOST, command)


def inside(command: str) -> TestCommand:
    return TestCommand(TestPlace.CONTAINER, command)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


@pytest.fixture
def port() -> int:
    return free_port()


class Watched:
    """A context that remembers what it was told, and when."""

    def __init__(
        self, image_config: ImageConfig = EXPOSED, log_directory: Path | None = None
    ) -> None:
        self.phases: list[Phase] = []
        self.lines: list[str] = []
        self.context = RunContext(
            "wl/x:hardened", image_config, log_directory, self.phases.append, self.lines.append
        )


QUICK = Limits(ready=10, test=10, stop=5)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ended(pid: int, within: float = 3.0) -> bool:
    until = time.monotonic() + within
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)


def test_a_service_is_tested_once_it_is_ready_and_stopped_gracefully(
    port: int, tmp_path: Path
) -> None:
    names = '"CAREEN_IMAGE", "CAREEN_CONTAINER", "CAREEN_PORT_8080"'
    fetch = f"""{PYTHON} -c 'import os, urllib.request as u
print(u.urlopen(os.environ["BASE_URL"]).read().decode(), *(os.environ[name] for name in ({names})))'"""
    watched = Watched(log_directory=tmp_path / "logs")
    with LocalContainer(service_argv(port, delay=0.4), {8080: port}) as container:
        result = run_workload(
            container, Workload(tests=(on_host(fetch),), limits=QUICK), watched.context
        )
    assert result.passed, result.reason
    relay = int(result.environment["CAREEN_PORT_8080"])
    assert result.tests[0].output.strip() == f"ok wl/x:hardened {'ab' * 32} {relay}"
    assert relay != port  # the tests' requests are seen on their way
    assert result.checked == "tests"
    assert watched.phases == [Phase.START, Phase.SERVING]
    assert result.ready_seconds is not None
    assert result.ready_seconds >= 0.4
    assert result.exit_code == 0
    assert "bye" in result.logs  # its way out is seen
    assert (
        watched.lines[-1] == "workload default: stopping (up to 5 s)"
    )  # the wait is not taken for the test's
    assert (tmp_path / "logs" / "default.log").read_text() == result.logs
    assert (tmp_path / "logs" / "default.test-1.log").read_text() == result.tests[0].output
    assert result.environment == {
        "CAREEN_IMAGE": "wl/x:hardened",
        "CAREEN_CONTAINER": "ab" * 32,
        "BASE_URL": f"http://127.0.0.1:{relay}",
        "CAREEN_PORT_8080": str(relay),
    }
    assert [(seen.port, seen.method, seen.path, seen.status) for seen in result.exchanges] == [
        (8080, "GET", "/", 200)
    ]
    assert result.connections == {8080: 1}  # readiness was asked directly
    assert (
        result.begun
        <= result.tests[0].begun
        <= result.exchanges[0].begun
        <= result.begun + result.seconds
    )
    assert result.memory_peak is not None
    assert result.memory_peak > 1_000_000
    assert result.ready_seconds is not None
    assert result.held_up is not None
    assert 0.0 <= result.held_up < result.ready_seconds + 1.0


def healthcheck(command: str) -> ImageConfig:
    return config(Healthcheck={"Test": ["CMD-SHELL", command], "Interval": 3_600_000_000_000})


class Checked:
    """A context in which each run of the health check leaves a mark."""

    def __init__(self, image_config: ImageConfig, test: Path) -> None:
        self.blocks: list[bool] = []
        self.phases: list[Phase] = []
        self._test = test
        say = self.phases.append
        self.context = RunContext("wl/x:1", image_config, on_phase=say, checking=self.checking)

    @contextmanager
    def checking(self) -> Iterator[None]:
        self.blocks.append(self._test.exists())
        yield


def checked_config(count: Path, script: str, **more: Any) -> ImageConfig:
    """A check that counts its runs, then runs the script."""
    check = {"Test": ["CMD-SHELL", f"echo run >> {shlex.quote(str(count))}; {script}"], **more}
    return config(ExposedPorts={"8080/tcp": {}}, Healthcheck=check)


@pytest.mark.parametrize(
    ("ready", "script", "expected"),
    [
        (ReadyUrl("/"), "exit 0", (1, 0)),
        (ReadyDefault(), "exit 0", (2, 0)),  # it is how readiness is seen, too
        (ReadyUrl("/"), "exit 4", (3, 4)),  # docker's three times, then it is unhealthy
        (ReadyUrl("/"), "[ $(wc -l < {count}) = 2 ]", (2, 0)),
    ],
)
@pytest.mark.parametrize("seconds", [0.0, 1.5])
def test_the_health_check_runs_once_before_the_tests_however_long_they_take(
    ready: Ready, script: str, expected: tuple[int, int], seconds: float, tmp_path: Path
) -> None:
    port, (runs, status) = free_port(), expected
    count, begun = tmp_path / "count", tmp_path / "begun"
    image_config = checked_config(count, script.format(count=count), Interval=1_000_000_000)
    checked = Checked(image_config, begun)
    test = on_host(f"touch {begun}; sleep {seconds}")
    with LocalContainer(service_argv(port), {8080: port}) as container:
        workload = Workload(ready=ready, tests=(test,), limits=QUICK)
        result = run_workload(container, workload, checked.context)
    assert result.passed, result.reason  # what the check says is no test
    assert len(count.read_text().splitlines()) == runs
    assert checked.blocks == [False] * runs  # each is marked, and none is during the tests
    assert result.health is not None
    assert result.health.status == status


@pytest.mark.parametrize(
    ("retries", "runs"),
    [(2, 2), (1, 1), (10**9, 10)],
)
def test_a_check_is_tried_as_often_as_the_image_says_within_reason(
    retries: int, runs: int, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("careen.workload.health.PAUSE", 0.01)
    count = tmp_path / "count"
    image_config = checked_config(count, "echo it is broken; exit 1", Retries=retries)
    with LocalContainer(service_argv(port), {8080: port}) as container:
        workload = Workload(ready=ReadyUrl("/"), tests=(on_host("true"),), limits=QUICK)
        result = run_workload(container, workload, RunContext("wl/x:1", image_config))
    assert len(count.read_text().splitlines()) == runs
    assert result.health == HealthResult(1, "it is broken\n", runs)
    assert health_words(result.health) == "fails (1): it is broken"


@pytest.mark.parametrize("image_config", [EXPOSED, config(Healthcheck={"Test": ["NONE"]})])
def test_without_a_health_check_there_is_nothing_to_tell(
    image_config: ImageConfig, port: int
) -> None:
    with LocalContainer(service_argv(port), {8080: port}) as container:
        workload = Workload(ready=ReadyTcp(8080), tests=(on_host("true"),), limits=QUICK)
        result = run_workload(container, workload, RunContext("wl/x:1", image_config))
    assert result.passed, result.reason
    assert result.health is None


@pytest.mark.parametrize(
    "ready",
    [
        ReadyUrl("/health"),
        ReadyUrl("http://localhost:8080/health"),
        ReadyUrl("http://0.0.0.0/x"),
        ReadyTcp(8080),
        ReadyLog("^listening on [0-9]+$"),
        ReadyDefault(),
    ],
    ids=lambda ready: f"{type(ready).__name__}-{getattr(ready, 'url', '')}",
)
def test_each_kind_of_readiness_waits_until_the_service_listens(ready: Ready, port: int) -> None:
    with LocalContainer(service_argv(port, delay=0.5), {8080: port}) as container:
        result = run_workload(
            container,
            Workload(ready=ready, tests=(on_host("true"),), limits=QUICK),
            Watched().context,
        )
    assert result.passed, result.reason
    assert result.ready_seconds is not None
    assert result.ready_seconds >= 0.4


@pytest.mark.parametrize("ready", [ReadyUrl("/"), ReadyDefault()], ids=["URL", "default"])
@pytest.mark.parametrize("answering", [8080, 9090])
def test_any_exposed_port_may_be_the_one_that_answers(
    ready: Ready, answering: int, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests are told that one, whichever it is; nobody listens at the other."""
    monkeypatch.setattr("careen.workload.probe.GRACE_TCP", 0.4)
    monkeypatch.setattr("careen.workload.probe.GRACE_URL", 0.4)
    exposed = config(ExposedPorts={"8080/tcp": {}, "9090/tcp": {}})
    test = on_host(
        f"{PYTHON} -c 'import os, urllib.request as u; u.urlopen(os.environ[\"BASE_URL\"])'"
    )
    with LocalContainer(
        service_argv(port, delay=0.3), {answering: port, 17170 - answering: 1}
    ) as container:
        result = run_workload(
            container, Workload(ready=ready, tests=(test,), limits=QUICK), Watched(exposed).context
        )
    assert result.passed, result.reason
    assert (
        result.environment["BASE_URL"].rpartition(":")[2]
        == result.environment[f"CAREEN_PORT_{answering}"]
    )
    assert result.connections == {answering: 1, 17170 - answering: 0}


def test_the_first_port_is_preferred_when_both_answer(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one for metrics is there long before the service: it must not be taken for it."""
    monkeypatch.setattr("careen.workload.probe.GRACE_TCP", 8.0)
    exposed = config(ExposedPorts={"8080/tcp": {}, "9090/tcp": {}})
    with (
        socket.create_server(("127.0.0.1", 0)) as metrics,
        LocalContainer(
            service_argv(port, delay=0.8), {8080: port, 9090: metrics.getsockname()[1]}
        ) as container,
    ):
        result = run_workload(
            container, Workload(tests=(on_host("true"),), limits=QUICK), Watched(exposed).context
        )
    assert result.passed, result.reason
    assert (
        result.environment["BASE_URL"].rpartition(":")[2] == result.environment["CAREEN_PORT_8080"]
    )
    assert result.ready_seconds is not None
    assert result.ready_seconds >= 0.6


def test_no_port_that_answers_is_said_of_all(port: int) -> None:
    exposed = config(ExposedPorts={"8080/tcp": {}, "9090/tcp": {}})
    with LocalContainer(["/bin/sleep", "60"], {8080: port, 9090: 1}) as container:
        result = run_workload(
            container,
            Workload(ready=ReadyUrl("/up"), tests=(on_host("true"),), limits=Limits(0.5, 5, 5)),
            Watched(exposed).context,
        )
    assert result.reason.startswith(
        f"not ready after 0.5 s: port 8080: GET http://127.0.0.1:{port}/up: "
    )
    assert "; port 9090: GET http://127.0.0.1:1/up: " in result.reason


@pytest.mark.parametrize(
    ("listens", "said"),
    [
        ((), "; the container listens on no port, 8080 is waited for"),
        (
            (Listening(8000, False), Listening(9000, True)),
            "; the container listens on port 8000, 9000 (loopback), not on 8080",
        ),
        (
            (Listening(8080, True),),
            "; the container listens on port 8080 of its own loopback only, not on 0.0.0.0",
        ),
        ((Listening(8000, False), Listening(8080, False)), ""),
        (None, ""),
    ],
)
def test_a_port_that_does_not_answer_is_said_with_those_that_are_open(
    listens: tuple[Listening, ...] | None, said: str
) -> None:
    with LocalContainer(["/bin/sleep", "60"], {8080: 1}) as container:
        container.listens = listens
        result = run_workload(
            container,
            Workload(ready=ReadyTcp(8080), tests=(on_host("true"),), limits=Limits(0.3, 5, 5)),
            Watched(config()).context,
        )
    assert (
        result.reason == "not ready after 0.3 s: port 8080: [Errno 111] Connection refused" + said
    )


def test_a_port_that_the_user_publishes_is_the_only_one_that_is_asked(port: int) -> None:
    exposed = config(ExposedPorts={"9090/tcp": {}})
    workload = Workload(
        ready=ReadyUrl("/"), tests=(on_host("true"),), run=RunOptions(ports=("8080",)), limits=QUICK
    )
    with LocalContainer(service_argv(port, delay=0.3), {8080: port, 9090: 1}) as container:
        result = run_workload(container, workload, Watched(exposed).context)
    assert result.passed, result.reason


def test_a_port_of_the_host_that_the_user_chose_stays_direct(port: int) -> None:
    test = on_host(
        f"{PYTHON} -c 'import os, urllib.request as u; u.urlopen(os.environ[\"BASE_URL\"])'"
    )
    workload = Workload(tests=(test,), run=RunOptions(ports=(f"{port}:8080",)), limits=QUICK)
    with LocalContainer(service_argv(port, delay=0.3), {8080: port}) as container:
        result = run_workload(container, workload, Watched().context)
    assert result.passed, result.reason
    assert result.environment["CAREEN_PORT_8080"] == str(port)
    assert (result.exchanges, result.connections) == ((), None)


def test_a_ready_command_sees_the_test_environment_and_the_callers_own(port: int) -> None:
    command = (
        'test -n "$PATH" && '
        f"{PYTHON} -c 'import os, urllib.request as u; u.urlopen(os.environ[\"BASE_URL\"])'"
    )
    with LocalContainer(service_argv(port, delay=0.3), {8080: port}) as container:
        result = run_workload(
            container,
            Workload(ready=ReadyCommand(command), tests=(on_host("true"),), limits=QUICK),
            Watched().context,
        )
    assert result.passed, result.reason


def test_the_healthcheck_is_run_at_once_and_not_at_its_interval(port: int, tmp_path: Path) -> None:
    """An interval of an hour must not become an hour of waiting."""
    flag = tmp_path / "healthy"
    script = f"sleep 0.5; touch {flag}; sleep 60"
    with LocalContainer(["/bin/sh", "-c", script]) as container:
        result = run_workload(
            container,
            Workload(tests=(on_host("true"),), limits=QUICK),
            Watched(healthcheck(f"test -e {flag}")).context,
        )
    assert result.passed, result.reason
    assert result.ready_seconds is not None
    assert result.ready_seconds >= 0.4


def test_an_unhealthy_container_is_given_up_with_what_the_healthcheck_said() -> None:
    watched = Watched(healthcheck("echo model is missing; exit 1"))
    with LocalContainer(["/bin/sleep", "60"]) as container:
        result = run_workload(
            container, Workload(tests=(on_host("true"),), limits=Limits(1.2, 5, 5)), watched.context
        )
    assert result.reason == "not ready after 1.2 s: HEALTHCHECK fails (1): model is missing"
    assert watched.phases == [Phase.START]
    assert result.tests == ()
    assert container.stopped_with == 5


def test_a_healthcheck_that_hangs_is_held_to_its_own_timeout() -> None:
    hanging = config(Healthcheck={"Test": ["CMD", "/bin/sleep", "60"], "Timeout": 300_000_000})
    with LocalContainer(["/bin/sleep", "60"]) as container:
        result = run_workload(
            container,
            Workload(tests=(on_host("true"),), limits=Limits(1, 5, 5)),
            Watched(hanging).context,
        )
    assert result.reason == "not ready after 1 s: HEALTHCHECK did not finish in time: no output"
    assert result.seconds < 60  # what the check would have slept


def test_death_before_readiness_names_exit_status_memory_and_last_output(port: int) -> None:
    script = (
        "echo one; echo 'Traceback (most recent call last):'; printf 'No module named"
        " \\033[31mtorch\\n' >&2; exit 3"
    )
    limits = Limits(ready=100, test=10, stop=5)
    with LocalContainer(["/bin/sh", "-c", script], {8080: port}, oom_killed=True) as container:
        result = run_workload(
            container, Workload(tests=(on_host("true"),), limits=limits), Watched().context
        )
    assert not result.passed
    assert (
        result.reason
        == "the container ended before it was ready (exit status 3, killed because it ran out of"
        " memory, last output: one | Traceback (most recent call last): | No module named "
        " [31mtorch)"
    )
    assert result.exit_code == 3
    assert result.seconds < limits.ready


def test_a_death_by_a_signal_is_named() -> None:
    """A hardened image that misses a plugin often crashes rather than complains."""
    with LocalContainer(["/bin/sh", "-c", "kill -SEGV $$"]) as container:
        result = run_workload(
            container, Workload(ready=ReadyLog("up"), observe=5, limits=QUICK), Watched().context
        )
    assert (
        result.reason
        == "the container ended before it was ready (exit status 139 by SIGSEGV, it printed"
        " nothing)"
    )


def test_a_service_that_never_listens_is_given_up_at_the_limit(port: int) -> None:
    with LocalContainer(service_argv(port, delay=60), {8080: port}) as container:
        result = run_workload(
            container,
            Workload(ready=ReadyUrl("/health"), tests=(on_host("true"),), limits=Limits(0.6, 5, 5)),
            Watched().context,
        )
    assert result.reason.startswith(f"not ready after 0.6 s: GET http://127.0.0.1:{port}/health: ")
    assert result.reason.endswith("; last output: loading model")


def test_a_url_that_answers_an_error_is_not_ready(port: int) -> None:
    with LocalContainer(service_argv(port, status=503), {8080: port}) as container:
        result = run_workload(
            container,
            Workload(ready=ReadyUrl("/health"), tests=(on_host("true"),), limits=Limits(0.8, 5, 5)),
            Watched().context,
        )
    assert f"GET http://127.0.0.1:{port}/health answers 503" in result.reason


def test_a_redirect_is_ready(port: int) -> None:
    with LocalContainer(service_argv(port, status=307), {8080: port}) as container:
        assert run_workload(
            container,
            Workload(ready=ReadyUrl("/login"), tests=(on_host("true"),), limits=QUICK),
            Watched().context,
        ).passed


DRIPPING = """
import socket, sys, threading, time
def drip(link):
    with link:
        link.recv(4096)
        try:
            for byte in b"HTTP/1.1 200 OK\\r\\nX: " + b"a" * 200:
                link.sendall(bytes([byte]))
                time.sleep(0.25)
        except OSError:
            pass
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=drip, args=(server.accept()[0],), daemon=True).start()
"""


def test_a_head_that_comes_byte_by_byte_does_not_outlast_the_limit(port: int) -> None:
    argv = [sys.executable, "-c", DRIPPING, str(port)]
    limits = Limits(1.5, 5, 5)
    begun = time.monotonic()
    with LocalContainer(argv, {8080: port}) as container:
        workload = Workload(ready=ReadyUrl("/up"), tests=(on_host("true"),), limits=limits)
        result = run_workload(container, workload, Watched().context)
    assert time.monotonic() - begun < 20
    assert result.reason.startswith("not ready after 1.5 s: GET http://127.0.0.1:")
    assert "/up: no answer in time" in result.reason


STREAMING = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    link, _ = server.accept()
    said = link.recv(4096)
    good = said.startswith(b"GET /pr%C3%BCfe/a%20b?q=%C3%BC HTTP/1.1")
    link.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n" if good else b"HTTP/1.1 404 No\\r\\n\\r\\n")
    time.sleep(0.1 if not good else 60)
"""


def test_the_head_of_an_answer_is_enough_to_be_ready(port: int) -> None:
    argv = [sys.executable, "-c", STREAMING, str(port)]
    begun = time.monotonic()
    with LocalContainer(argv, {8080: port}) as container:
        ready = ReadyUrl("/prüfe/a%20b?q=ü")
        workload = Workload(ready=ready, tests=(on_host("true"),), limits=Limits(30, 5, 5))
        assert run_workload(container, workload, Watched().context).passed
    assert time.monotonic() - begun < 20


def test_a_proxy_of_the_environment_does_not_stand_between(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with LocalContainer(service_argv(port), {8080: port}) as container:
        assert run_workload(
            container,
            Workload(ready=ReadyUrl("/health"), tests=(on_host("true"),), limits=QUICK),
            Watched().context,
        ).passed


PROXY = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
opened = time.monotonic() + 1.0
held = []
while True:
    link, _ = server.accept()
    if time.monotonic() < opened:
        link.close()
    else:
        held.append(link)
"""


def test_a_proxy_that_accepts_and_closes_is_not_ready(port: int) -> None:
    """A port published by docker accepts before anything listens behind it."""
    with LocalContainer([sys.executable, "-c", PROXY, str(port)], {8080: port}) as container:
        result = run_workload(
            container,
            Workload(ready=ReadyTcp(8080), tests=(on_host("true"),), limits=QUICK),
            Watched().context,
        )
    assert result.passed, result.reason
    assert result.ready_seconds is not None
    assert result.ready_seconds >= 0.9


def test_a_failing_test_names_itself_its_status_and_its_last_line(port: int) -> None:
    tests = (
        on_host("echo first; exit 0"),
        on_host("echo '2 failed, 13 passed in 4.02s' >&2; exit 1"),
        on_host("echo third"),
    )
    with LocalContainer(service_argv(port), {8080: port}) as container:
        result = run_workload(container, Workload(tests=tests, limits=QUICK), Watched().context)
    assert not result.passed
    assert (
        result.reason
        == "--test \"echo '2 failed, 13 passed in 4.02s' >&2; exit 1\" failed (exit status 1): 2"
        " failed, 13 passed in 4.02s"
    )
    assert [test.passed for test in result.tests] == [True, False, True]
    assert result.tests[1].cases == 15


def test_a_test_that_hangs_ends_with_its_grandchildren(port: int, tmp_path: Path) -> None:
    """The shell ignores the polite signal and has put a grandchild into the background."""
    command = (
        f"trap '' TERM; (trap '' TERM; echo $$ > {tmp_path}/parent; sleep 300 & echo $! >"
        f" {tmp_path}/child; wait) & echo hanging; wait"
    )
    with LocalContainer(service_argv(port), {8080: port}) as container:
        result = run_workload(
            container,
            Workload(tests=(on_host(command),), limits=Limits(10, 1, 5)),
            Watched().context,
        )
    assert result.tests[0].exit_status is None
    assert result.reason.endswith("did not finish in 1 s and was ended: hanging")
    assert ended(int((tmp_path / "parent").read_text()))
    assert ended(int((tmp_path / "child").read_text()))
    assert result.seconds < 300  # what the grandchild would have slept


def test_a_test_that_forgets_its_background_child_does_not_hold_the_run(
    port: int, tmp_path: Path
) -> None:
    command = f"sleep 300 & echo $! > {tmp_path}/child; echo done"
    with LocalContainer(service_argv(port), {8080: port}) as container:
        result = run_workload(
            container, Workload(tests=(on_host(command),), limits=QUICK), Watched().context
        )
    assert result.passed, result.reason
    assert ended(int((tmp_path / "child").read_text()))


def test_a_daemon_that_left_the_process_group_ends_too(port: int, tmp_path: Path) -> None:
    """It is found by what it inherited, and it holds neither the output nor the run."""
    command = (
        f"setsid sh -c 'trap \"\" TERM HUP; echo $$ > {tmp_path}/daemon; sleep 300; sleep 300' &"
        " sleep 0.3; echo done"
    )
    with LocalContainer(service_argv(port), {8080: port}) as container:
        result = run_workload(
            container, Workload(tests=(on_host(command),), limits=QUICK), Watched().context
        )
    assert result.passed, result.reason
    assert result.tests[0].output == "done\n"
    assert ended(int((tmp_path / "daemon").read_text()))


def test_an_interrupt_ends_the_test_that_runs(port: int, tmp_path: Path) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with LocalContainer(service_argv(port), {8080: port}) as container:
            workload = Workload(
                tests=(on_host(f"echo $$ > {tmp_path}/pid; sleep 300"),), limits=QUICK
            )
            signal.setitimer(signal.ITIMER_REAL, 1.5)
            with pytest.raises(KeyboardInterrupt):
                run_workload(container, workload, Watched().context)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert ended(int((tmp_path / "pid").read_text()))


def test_pytest_without_cases_is_a_failure(port: int, tmp_path: Path) -> None:
    command = f"cd {tmp_path} && {PYTHON} -m pytest -q -p no:cacheprovider"
    with LocalContainer(service_argv(port), {8080: port}) as container:
        result = run_workload(
            container,
            Workload(tests=(on_host(command),), limits=Limits(10, 60, 5)),
            Watched().context,
        )
    assert not result.passed
    assert "collected no tests (exit status 5)" in result.reason
    assert result.tests[0].cases == 0


def test_exec_runs_in_the_container_and_names_its_option(port: int) -> None:
    tests = (
        inside("/bin/echo 'two words'"),
        inside("echo $((40 + 2)) | cat"),
        inside("/no/such/program"),
    )
    with LocalContainer(service_argv(port), {8080: port}) as container:
        result = run_workload(container, Workload(tests=tests, limits=QUICK), Watched().context)
    assert [test.output.strip() for test in result.tests[:2]] == ["two words", "42"]
    assert result.reason.startswith(
        "--exec '/no/such/program' could not be run: /no/such/program: cannot be started"
    )


def test_a_crash_that_a_test_noticed_before_the_engine_did_is_told(port: int) -> None:
    class Late(LocalContainer):
        """Its engine learns of its end only when it is asked to wait."""

        waited = False

        def state(self) -> ContainerState:
            return super().state() if self.waited else ContainerState(running=True, exit_code=None)

        def wait(self, timeout: float) -> int | None:
            self.waited = True
            return super().wait(timeout)

    command = (
        f'{PYTHON} -c \'import os, urllib.request as u; u.urlopen(os.environ["BASE_URL"] +'
        ' "/crash")\' 2>/dev/null'
    )
    with Late(service_argv(port), {8080: port}) as container:
        result = run_workload(
            container, Workload(tests=(on_host(command),), limits=QUICK), Watched().context
        )
    assert "failed (exit status 1)" in result.reason
    assert "the container ended during the tests (exit status 9, last output: " in result.reason


def test_a_crash_that_tests_do_not_notice_is_a_failure(port: int) -> None:
    command = (
        f'{PYTHON} -c \'import os, urllib.request as u; u.urlopen(os.environ["BASE_URL"] +'
        ' "/crash")\' 2>/dev/null; sleep 0.5; true'
    )
    with LocalContainer(service_argv(port), {8080: port}) as container:
        result = run_workload(
            container, Workload(tests=(on_host(command),), limits=QUICK), Watched().context
        )
    assert result.tests[0].passed
    assert not result.passed
    assert result.reason.startswith(
        "the container ended during the tests (exit status 9, last output: "
    )
    assert "going down" in result.reason


def test_a_service_without_tests_is_observed_and_says_so(port: int) -> None:
    with LocalContainer(service_argv(port), {8080: port}) as container:
        result = run_workload(container, Workload(observe=0.7, limits=QUICK), Watched().context)
    assert result.passed, result.reason
    assert result.checked == "readiness only"
    assert result.seconds >= 0.7


def test_a_line_that_was_made_to_hold_up_a_pattern_does_not() -> None:
    """The user writes the pattern, and the container the line: with backtracking these 60 letters
    take years.
    """
    script = f"echo {'a' * 60}!; echo up; sleep 30"
    with LocalContainer(["/bin/sh", "-c", script]) as container:
        result = run_workload(
            container,
            Workload(ready=ReadyLog("(a+)+$|^up$"), observe=0.2, limits=QUICK),
            Watched().context,
        )
    assert result.passed, result.reason


def test_a_service_that_ends_while_observed_fails() -> None:
    script = "echo up; sleep 0.6; echo out of cheese; exit 4"
    with LocalContainer(["/bin/sh", "-c", script]) as container:
        result = run_workload(
            container, Workload(ready=ReadyLog("up"), observe=5, limits=QUICK), Watched().context
        )
    assert (
        result.reason
        == "the container ended while it was observed (exit status 4, last output: up | out of"
        " cheese)"
    )


def test_a_batch_job_is_judged_by_its_exit_status(tmp_path: Path) -> None:
    script = f"echo working; echo result > {tmp_path}/out"
    watched = Watched(config())
    with LocalContainer(["/bin/sh", "-c", script]) as container:
        result = run_workload(
            container,
            Workload(
                ready=ReadyExit(), tests=(on_host(f"grep -q result {tmp_path}/out"),), limits=QUICK
            ),
            watched.context,
        )
    assert result.passed, result.reason
    assert watched.phases == [Phase.START]  # a batch job has only its start
    assert result.ready_seconds is None
    with LocalContainer(["/bin/sh", "-c", "echo working; exit 7"]) as container:
        result = run_workload(
            container,
            Workload(ready=ReadyExit(), tests=(on_host("true"),), limits=QUICK),
            watched.context,
        )
    assert result.reason == "the batch job failed (exit status 7, last output: working)"
    assert result.tests == ()
    assert result.checked == "tests"


def test_a_batch_job_without_tests_checks_its_exit_status_and_has_a_limit() -> None:
    with LocalContainer(["/bin/sh", "-c", "exit 0"]) as container:
        assert (
            run_workload(
                container, Workload(ready=ReadyExit(), limits=QUICK), Watched(config()).context
            ).checked
            == "exit status"
        )
    with LocalContainer(["/bin/sh", "-c", "echo epoch 1; sleep 60"]) as container:
        result = run_workload(
            container,
            Workload(ready=ReadyExit(), limits=Limits(10, 0.5, 1)),
            Watched(config()).context,
        )
    assert result.reason == "the batch job did not end in 0.5 s; last output: epoch 1"


def test_a_container_that_cannot_be_started_is_the_images_failure() -> None:
    with LocalContainer(["/no/entrypoint.sh"]) as container:
        result = run_workload(
            container, Workload(ready=ReadyLog("x"), observe=1, limits=QUICK), Watched().context
        )
    assert not result.passed
    assert (
        result.reason
        == "the container cannot be started: starting the container: exec: '/no/entrypoint.sh': No"
        " such file or directory"
    )


class DeadEngine(LocalContainer):
    """An engine whose daemon has gone."""

    def start(self) -> None:
        msg = "starting the container: the daemon does not answer"
        raise ToolError(msg)

    def state(self) -> ContainerState:
        msg = "inspecting the container: the daemon does not answer"
        raise ToolError(msg)


def test_an_engine_that_does_not_answer_is_not_the_images_failure() -> None:
    with (
        DeadEngine(["/bin/true"]) as container,
        pytest.raises(ToolError, match="the daemon does not answer"),
    ):
        run_workload(
            container, Workload(ready=ReadyLog("x"), observe=1, limits=QUICK), Watched().context
        )


@pytest.mark.parametrize(
    ("workload", "image", "expected"),
    [
        (
            Workload("explore:x", observe=1),
            EXPOSED,
            (
                "workload 'explore:x': names that begin with 'explore:' are those of careen's own"
                " experiments"
            ),
        ),
        (
            Workload(),
            EXPOSED,
            (
                "workload 'default': no tests: give --test or --exec, or --observe 60s to check"
                " readiness only"
            ),
        ),
        (
            Workload(tests=(on_host("true"),)),
            config(),
            "no HEALTHCHECK and exposes no port: say when the workload is ready with --ready",
        ),
        (
            Workload(ready=ReadyUrl("/x"), observe=1),
            config(),
            "readiness URL '/x': the image exposes no port",
        ),
        (
            Workload(ready=ReadyExit(), tests=(inside("true"),)),
            EXPOSED,
            "--exec 'true' cannot run in a batch job",
        ),
        (Workload(ready=ReadyExit(), observe=1), EXPOSED, "--observe is for services"),
        (
            Workload(ready=ReadyExit(), tests=(on_host("true"), on_host(""))),
            EXPOSED,
            "workload 'default': --test '' runs nothing, and so would always pass",
        ),
        (Workload(tests=(inside(" \n"),)), EXPOSED, "--exec ' \\n' runs nothing"),
        (
            Workload(tests=(on_host("true"),), held_out=(on_host("# later"),)),
            EXPOSED,
            "--verify-test '# later' runs nothing",
        ),
        (
            Workload(observe=1, run=RunOptions(ports=("80:x",))),
            EXPOSED,
            "not a port to publish: '80:x'",
        ),
    ],
)
def test_what_cannot_be_checked_is_refused_before_anything_starts(
    workload: Workload, image: ImageConfig, expected: str
) -> None:
    with LocalContainer(["/bin/sleep", "60"]) as container:
        with pytest.raises(InputError) as error:
            run_workload(container, workload, Watched(image).context)
        assert expected in str(error.value)
        assert not container.state().running


def test_a_container_that_ignores_its_stop_signal_is_waited_for_once() -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf',"
        " flush=True); time.sleep(600)"
    )
    limits = Limits(ready=30, test=30, stop=3)
    workload = Workload(ready=ReadyLog("deaf"), tests=(on_host("true"),), limits=limits)
    watched = Watched()
    with LocalContainer([sys.executable, "-c", deaf]) as container:
        result = run_workload(container, workload, watched.context)
    assert (result.passed, result.killed_after) == (True, 3)
    assert learned(workload, result).limits == Limits(ready=30, test=30, stop=2)
    said = (
        "workload 'default' did not end on SIGTERM within 3 s and was killed; later stops of this"
        " run wait 2 s: handle SIGTERM, or give --stop-timeout"
    )
    assert said in watched.lines


def test_a_container_that_no_stop_signal_reaches_is_not_waited_for() -> None:
    workload = Workload(
        ready=ReadyLog("up"), tests=(on_host("true"),), limits=Limits(ready=30, test=30, stop=30)
    )
    watched = Watched()
    deaf = "trap '' TERM; echo up; while :; do sleep 0.1; done"
    with LocalContainer(["/bin/sh", "-c", deaf]) as container:
        container.drops = ("SIGTERM",)
        result = run_workload(container, workload, watched.context)
    assert result.killed_after == 0
    assert learned(workload, result) is workload
    said = (
        "workload 'default' has no handler for SIGTERM in its first process, and was killed at"
        " once: handle SIGTERM, or start the program below an init"
    )
    assert said in watched.lines


def test_a_container_that_ends_by_itself_or_on_its_signal_is_not_called_killed() -> None:
    workload = Workload(
        ready=ReadyLog("up"), tests=(on_host("true"),), limits=Limits(ready=30, test=30, stop=30)
    )
    loop = "while :; do sleep 0.1; done"
    # a status of 137 of its own; ended by SIGTERM; SIGTERM answered with 137
    for after in ("sleep 0.2; exit 137", "exec sleep 600", f"trap 'exit 137' TERM; {loop}"):
        with LocalContainer(["/bin/sh", "-c", f"echo up; {after}"]) as container:
            result = run_workload(
                container, replace(workload, tests=(on_host("sleep 1"),)), Watched().context
            )
        assert result.killed_after is None
        assert learned(workload, result) is workload


def test_a_port_that_is_not_published_is_said() -> None:
    with (
        LocalContainer(["/bin/sleep", "60"]) as container,
        pytest.raises(
            InputError, match=r"container port 9000 is not published; publish it with -p 9000"
        ),
    ):
        run_workload(
            container, Workload(ready=ReadyTcp(9000), observe=1, limits=QUICK), Watched().context
        )


@pytest.mark.parametrize("ready", [ReadyTcp(8080), ReadyUrl("/health"), None])
def test_a_container_that_dies_at_once_is_reported_with_its_last_words(ready: Ready | None) -> None:
    class Dies(LocalContainer):
        """Docker maps no port of a container that has ended."""

        def host_port(self, port: int) -> None:
            assert self.wait(30) == 3
            assert port == 8080

    workload = (
        Workload(observe=1, limits=QUICK)
        if ready is None
        else Workload(ready=ready, observe=1, limits=QUICK)
    )
    with Dies(["/bin/sh", "-c", "echo boom: no model; exit 3"]) as container:
        result = run_workload(container, workload, Watched(EXPOSED).context)
    assert (
        result.reason
        == "the container ended before it was ready (exit status 3, last output: boom: no model)"
    )


def test_the_callers_directory_is_where_tests_run(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with LocalContainer(service_argv(port), {8080: port}) as container:
        result = run_workload(
            container, Workload(tests=(on_host("pwd -P"),), limits=QUICK), Watched().context
        )
    assert result.tests[0].output.strip() == os.path.realpath(tmp_path)


@pytest.mark.parametrize("status", [200, 500])
def test_the_end_of_the_tests_is_told_before_the_stop(
    status: int, port: int, tmp_path: Path
) -> None:
    ended = tmp_path / "ended"
    tested: list[tuple[bool, bool]] = []
    with LocalContainer(service_argv(port, status=status), {8080: port}) as container:

        def tell() -> None:
            tested.append((container.state().running, ended.exists()))

        ready = status == 200
        limits = QUICK if ready else replace(QUICK, ready=1.0)
        workload = Workload(
            ready=ReadyUrl("/health"), tests=(on_host(f"touch {ended}"),), limits=limits
        )
        result = run_workload(container, workload, replace(Watched().context, on_tested=tell))
    assert result.passed is ready
    assert tested == ([(True, True)] if ready else [])  # not of one that was never ready
