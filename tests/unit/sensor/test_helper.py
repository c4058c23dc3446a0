"""The helper process: its answers, its refusals, and what happens when it dies or hangs."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.sensor import helper as helper_module
from careen.sensor import helpers as helpers_module
from careen.sensor import select
from careen.sensor.helper import Helper, HelperError
from careen.sensor.helpers import Helpers
from careen.sensor.recording import Recording

Program = Callable[[str], Path]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Return a function that makes a script the helper."""

    def make(script: str) -> Path:
        path = tmp_path / "careen-sensor"
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)
        for module in (helper_module, select):
            monkeypatch.setattr(module, "helper_path", lambda: path)
        return path

    return make


ECHO = """\
echo "ready ring"
while read -r line; do
  case "$line" in
    refuse) echo "error watching: 1 Operation not permitted";;
    die) exit 7;;
    hang) sleep 30;;
    write) echo trace >&"$2"; echo ok;;
    *) echo "ok got $line";;
  esac
done
"""


@pytest.fixture
def helper(program: Program) -> Iterator[Helper]:
    program(ECHO)
    made = Helper()
    yield made
    made.close()


def test_a_helper_says_what_it_is_and_answers_commands(helper: Helper) -> None:
    assert helper.variant == "ring"
    assert helper.command("watch 1") == "got watch 1"
    assert helper.pid > 0


def test_a_refusal_has_the_kernel_s_reason(helper: Helper) -> None:
    with pytest.raises(HelperError) as caught:
        helper.command("refuse")
    assert str(caught.value) == "sensor: watching: Operation not permitted"
    assert caught.value.errno == errno.EPERM
    assert helper.command("next") == "got next"  # and it goes on


def test_a_helper_that_dies_is_an_error_each_time(helper: Helper) -> None:
    with pytest.raises(HelperError, match=r"the helper ended at 'die' \(status 7\)"):
        helper.command("die")
    with pytest.raises(HelperError, match=r"the helper ended (before|at) 'more' \(status 7\)"):
        helper.command("more")


def test_a_helper_that_hangs_is_given_up_and_killed(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("trap '' TERM\n" + ECHO.replace("sleep 30", "while :; do :; done"))
    made = Helper()
    monkeypatch.setattr(helper_module, "ANSWER_LIMIT", 0.2)
    with pytest.raises(HelperError, match=r"no answer to 'hang' in 0\.2 s"):
        made.command("hang")
    wait = made._process.wait
    monkeypatch.setattr(made._process, "wait", lambda _=None: wait(0.2 if _ else None))
    made.close()
    made.close()
    assert made._process.returncode == -9


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 3", r"the helper ended at 'start' \(status 3\)"),
        ("echo 'error loading: 12 Cannot allocate memory'", "loading: Cannot allocate memory"),
        ("printf 'ready without an end of line'; exit 0", "the helper ended at 'start'"),
    ],
)
def test_a_helper_that_does_not_start_is_an_error(
    script: str, message: str, program: Program
) -> None:
    program(script)
    with pytest.raises(HelperError, match=message):
        Helper()


def test_a_helper_that_is_not_there_is_named(program: Program) -> None:
    path = program("")
    path.unlink()
    with pytest.raises(
        HelperError, match="careen-sensor: cannot be started: No such file"
    ) as caught:
        Helper()
    assert caught.value.errno == errno.ENOENT


def test_the_trace_is_read_from_its_beginning_and_emptied(helper: Helper) -> None:
    helper.command("write")
    for _ in range(2):
        with helper.trace() as stream:
            assert stream.read() == b"trace\n"
    helper.again()
    with helper.trace() as stream:
        assert stream.read() == b""
    helper.command("write")
    with helper.trace() as stream:
        assert stream.read() == b"trace\n"  # without a hole before it


# The pool.


@pytest.fixture
def pool(program: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[Helpers]:
    program(ECHO)
    empty = Recording.__new__(Recording)
    monkeypatch.setattr(helpers_module, "read_recording", lambda _: empty)
    made = Helpers(("--option",), keep=1)
    yield made
    made.close()


def test_a_helper_is_used_again(pool: Helpers) -> None:
    first = pool.take()
    pool.finish(first)
    second = pool.take()
    assert second is first
    pool.finish(second)


def test_no_more_than_the_stated_number_stay_loaded(pool: Helpers) -> None:
    both = [pool.take(), pool.take()]
    for each in both:
        pool.finish(each)
    assert both[1]._process.poll() is not None
    assert pool.take() is both[0]
    both[0].close()


def test_an_idle_helper_that_died_is_replaced(pool: Helpers) -> None:
    first = pool.take()
    pool.finish(first)
    first._process.kill()
    first._process.wait()
    second = pool.take()
    assert second is not first
    assert second.command("x") == "got x"
    second.close()


def test_a_recording_that_cannot_be_read_ends_the_helper(
    pool: Helpers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> Recording:
        msg = "the trace is cut off"
        raise ToolError(msg)

    monkeypatch.setattr(helpers_module, "read_recording", broken)
    first = pool.take()
    with pytest.raises(ToolError, match="cut off"):
        pool.finish(first)
    assert first._process.poll() is not None
    second = pool.take()
    assert second is not first
    second.close()


def test_a_closed_pool_keeps_nothing(pool: Helpers) -> None:
    first = pool.take()
    second = pool.take()
    pool.finish(first)
    pool.close()
    pool.finish(second)
    pool.close()
    assert first._process.poll() is not None
    assert second._process.poll() is not None


# What a probe makes of a refusal.


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("error loading: 1 Operation not permitted", "container limit: bpf() is refused"),
        ("error loading: 13 Permission denied", "container limit: bpf() is refused"),
        ("error loading: 38 Function not implemented", "kernel: it has no bpf() system call"),
        ("error loading: 12 Cannot allocate memory", "memory: the maps need about 150 MiB"),
        ("error loading: 22 Invalid argument", "load: sensor: loading: Invalid argument"),
    ],
)
def test_a_refused_load_says_what_is_missing_and_how_to_get_it(
    said: str, missing: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(f"echo '{said}'")
    monkeypatch.setattr(select, "ebpf_lacks", lambda **_: [])
    probe = select.probe_ebpf()
    assert not probe.usable
    assert probe.missing[0].startswith(missing)
    assert len(probe.remedy) == 1


def test_the_fallback_s_refusal_is_the_kernel_s(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(select, "effective_capabilities", lambda _: 1 << select.CAP_SYS_ADMIN)
    program("echo 'error fanotify_init: 38 Function not implemented'")
    probe = select.probe_fanotify()
    assert probe.missing == ("kernel: sensor: fanotify_init: Function not implemented",)
    program(ECHO)
    assert select.probe_fanotify().usable
    monkeypatch.setattr(select, "effective_capabilities", lambda _: 0)
    assert select.probe_fanotify().missing == ("capability: CAP_SYS_ADMIN",)
    program(ECHO).unlink()
    assert select.probe_fanotify().missing[0].startswith("compiled sensor: ")
