"""What is done with a container, on a local process in its place."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from careen.explore.common_requests import common_tries
from careen.explore.drives import (
    STILL_RUNNING,
    ended,
    executed,
    in_turn,
    restarted,
    run_again,
    signalled,
)
from careen.explore.experiment import ReadyContainer
from careen.explore.survey import GONE, SAFE, TOO_SLOW, Survey, _Spoken
from careen.tools.exchange import LATE
from careen.verify.repeated import base_id
from tests.support.local_container import LocalContainer, service_argv

pytestmark = pytest.mark.slow

SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    (
        "import signal, time; signal.signal(signal.SIGHUP, signal.SIG_IGN); print('up',"
        " flush=True); time.sleep(60)"
    ),
]


def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(argv: list[str], ports: dict[int, int] | None = None) -> Iterator[ReadyContainer]:
    with LocalContainer(argv, ports) as container:
        container.start()
        until = time.monotonic() + 20
        while not container.logs() and time.monotonic() < until:
            time.sleep(0.02)
        yield ReadyContainer(container, ports or {})


def test_a_signal_and_how_it_ends() -> None:
    with running(SLEEPS) as live:
        (answer,) = signalled("TERM")(live)
        assert (answer.id, answer.kind, answer.status, answer.note) == (
            "signal TERM",
            "signal",
            143,
            "",
        )
        (after,) = signalled("TERM")(live)
        assert (after.status, after.note) == (None, "the container had ended")


def test_a_signal_that_does_not_end_it() -> None:
    with running(DEAF) as live:
        (answer,) = signalled("HUP", 0.3)(live)
        assert (answer.status, answer.note) == (None, STILL_RUNNING)


def test_a_signal_that_the_kernel_drops_is_not_waited_for() -> None:
    with running(DEAF) as live:
        container = live.container
        assert isinstance(container, LocalContainer)
        container.drops = ("HUP",)
        begun = time.monotonic()
        (answer,) = signalled("HUP", 60.0)(live)
        assert (answer.status, answer.note) == (None, STILL_RUNNING)
        assert time.monotonic() - begun < 30.0
        container.remove()
        (after,) = signalled("HUP", 60.0)(live)
        assert after.note == "the container had ended"  # it is sent all the same


def test_a_command_inside() -> None:
    with running(SLEEPS) as live:
        answers = list(
            in_turn(
                executed("one", (sys.executable, "-c", "print('hello')"), 20),
                executed("two", ("sleep", "9"), 0.2),
            )(live)
        )
    assert [(answer.id, answer.status, answer.body, answer.note) for answer in answers] == [
        ("one", 0, "hello\n", ""),
        ("two", None, "", "not finished in 0.2 s"),
    ]


def test_a_job_and_its_second_run() -> None:
    with running([sys.executable, "-c", "print('x' * 100_000)"]) as live:
        live.container.wait(20)
        first, second = in_turn(ended("run"), run_again(20))(live)
    assert (first.id, first.kind, first.status, first.note, len(first.body)) == (
        "run",
        "run",
        0,
        "",
        64 * 1024,
    )
    assert (second.id, second.status) == ("second run", 0)


def test_a_job_whose_time_is_over() -> None:
    with running(SLEEPS) as live:
        (answer,) = ended("run")(live)
    assert (answer.status, answer.note) == (None, "ended by us: its time was over")


def test_a_restart_tells_why_it_is_not_ready() -> None:
    with running(SLEEPS) as live:
        (answer,) = restarted(
            ReadyContainer(live.container, {}, lambda grace: f"not ready after {grace:g} s")
        )
        (good,) = restarted(ReadyContainer(live.container, {}, lambda _: ""))
    assert (answer.id, answer.kind, answer.status, answer.note) == (
        "restart",
        "run",
        None,
        "not ready after 10 s",
    )
    assert (good.status, good.note) == (0, "")


def test_a_survey_without_a_document_asks_what_any_service_may_be_asked() -> None:
    host = port()
    survey = Survey(SAFE)
    with running(service_argv(host), {8080: host, 9090: port()}) as live:
        time.sleep(0.5)
        answers = {answer.id: answer for answer in survey.settled_and_asked(live)}
        assert survey.operations is None
        assert answers["GET /: the root"].status == 200
        assert answers["BREW /: an unknown method"].status == 501
        again = [answer.id for answer in survey.ask(live)]
        assert again == list(answers)
        assert [answer.id for answer in survey.ask_plain(live, "2")] == ["GET /: the root (2)"]
        nonsense = {answer.id: answer for answer in survey.abuse(live)}
        assert all(
            name.startswith("port 8080: ") for name in nonsense
        )  # nothing listens at the other one
        assert nonsense["port 8080: bytes that mean nothing"].kind == "raw"


def test_when_the_container_has_ended_the_rest_is_named_and_not_asked() -> None:
    host = port()
    survey = Survey(SAFE)
    with running(service_argv(host), {8080: host}) as live:
        time.sleep(0.5)
        before = [answer.id for answer in survey.settled_and_asked(live)]
        live.container.stop(5)
        after = list(survey.ask(live))
    assert [answer.id for answer in after] == before
    assert {answer.status for answer in after} == {None}
    assert {answer.note for answer in after[1:]} == {GONE}


ANSWERS_ONCE = """import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("up", flush=True)
first, _ = server.accept()
first.recv(999)
first.send(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")
held = [server.accept() for _ in range(99)]
"""
HANGS = [sys.executable, "-c", ANSWERS_ONCE]


def test_after_some_answers_that_do_not_come_in_time_no_more_is_asked_here_and_elsewhere() -> None:
    """A count and no clock: the same requests are left out on a fast machine and on a slow one."""
    host = port()
    survey = Survey(replace(SAFE, seconds=0.05, late=3))
    survey._begun, survey._tries, survey._port = True, common_tries(), 8080
    survey._spoken = (_Spoken(8080, "http"),)
    with running([*HANGS, str(host)], {8080: host}) as live:
        first = list(survey.ask(live))
        again = list(survey.ask(live))
    assert [answer.status for answer in first] == [200, None, None, None]
    assert [answer.late for answer in first] == [False, True, True, True]
    assert survey.untried == len(common_tries()) - 4
    assert [answer.note for answer in again] == [LATE, LATE, LATE, TOO_SLOW]


def test_what_is_to_be_seen_several_times_is_asked_several_times() -> None:
    host = port()
    survey = Survey(SAFE)
    with running(service_argv(host), {8080: host}) as live:
        time.sleep(0.5)
        known = [answer.id for answer in survey.settled_and_asked(live)]
        asked = [
            answer.id for answer in survey.ask(replace(live, again=frozenset({"GET /: the root"})))
        ]
    more = [f"GET /: the root ({number})" for number in (11, 12, 13, 14)]
    assert asked == [known[0], *more, *known[1:]]
    assert {base_id(name) for name in more} == {"GET /: the root"}


def test_what_a_time_limit_decided_is_marked() -> None:
    with running(SLEEPS) as live:
        (slow,) = executed("two", ("sleep", "9"), 0.2)(live)
        (job,) = ended("run")(live)
        (signal,) = signalled("USR1", 0.1)(replace(live, container=live.container))
    assert (slow.late, job.late) == (True, True)
    assert not signal.late  # whether it goes on is what is asked


SLOW_TO_END = [
    sys.executable,
    "-c",
    (
        "import signal, time; signal.signal(1, lambda *_: (time.sleep(2.5), exit(5))); print('up',"
        " flush=True); time.sleep(60)"
    ),
]


def test_what_ended_on_the_original_is_waited_for_longer_elsewhere() -> None:
    drive = signalled("HUP", 2.0)
    with running(SLEEPS) as quick:
        (first,) = drive(quick)
    with running(SLOW_TO_END) as slow:
        (second,) = drive(replace(slow, patience=10.0))
    assert (first.note, second.status) == ("", 5)


def test_what_went_on_on_the_original_is_not_waited_for_longer_elsewhere() -> None:
    drive = signalled("HUP", 0.3)
    for patience in (1.0, 20.0):
        with running(SLOW_TO_END) as slow:
            (answer,) = drive(replace(slow, patience=patience))
        assert (answer.status, answer.note) == (None, STILL_RUNNING)


def test_a_command_inside_gets_more_time_on_another_image() -> None:
    with running(SLEEPS) as live:
        (short,) = executed("check", ("sleep", "0.6"), 0.1)(live)
        (longer,) = executed("check", ("sleep", "0.6"), 0.1)(replace(live, patience=100.0))
    assert (short.status, longer.status) == (None, 0)


def test_where_the_time_is_too_short_it_is_known_how_many_tries_were_not_made() -> None:
    host = port()
    survey = Survey(replace(SAFE, total=-1.0))
    with running(service_argv(host), {8080: host}) as live:
        time.sleep(0.5)
        made = [answer.id for answer in survey.settled_and_asked(live)]
        assert (len(made), survey.untried) == (1, len(common_tries()) - 1)
        assert [answer.id for answer in survey.ask(live)] == made


DOCUMENTED = """
import http.server, json, sys
OPENAPI = {"openapi": "3.0.0", "paths": {f"/x{i}": {"get": {}} for i in range(9)}}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(OPENAPI).encode())
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print("up", flush=True)
server.serve_forever()
"""


@pytest.mark.parametrize(("seconds", "cut"), [(-1.0, True), (60.0, False)])
def test_a_document_that_leads_to_more_than_there_is_time_for(seconds: float, cut: bool) -> None:
    host = port()
    survey = Survey(replace(SAFE, making=seconds))
    with running([sys.executable, "-c", DOCUMENTED, str(host)], {8080: host}) as live:
        survey.settle(live)
        answers = list(survey.ask_plain(live))
    assert survey.operations is not None
    assert (len(survey.operations), survey.cut) == (9, cut)
    assert (len(answers) > 9) is not cut
