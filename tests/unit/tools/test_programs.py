"""Programs that careen feeds or whose output it merges: status, limits, and what is left."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from careen.errors import ToolError
from careen.tools.feed import feed
from careen.tools.interleaved import interleaved
from careen.tools.process import Finished, Program, check, run

SH = ("sh", "-c")


def test_the_program_reads_what_is_written_to_it() -> None:
    done = feed(("cat",), lambda out: out.write(b"one\ntwo\n"), timeout=30, doing="copying")
    assert (done.status, done.stdout) == (0, b"one\ntwo\n")


def test_output_does_not_stop_a_program_that_is_still_read_from() -> None:
    """A megabyte in and out at once: a full pipe on one side must not block the other."""
    data = b"x" * (1 << 20)
    done = feed(("cat",), lambda out: out.write(data), timeout=60, doing="copying")
    assert done.stdout == data


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("cat >/dev/null; echo broken >&2; exit 3", "loading: sh failed (3): broken"),
        ("cat >/dev/null; echo told; exit 1", "loading: sh failed (1): told"),
        ("cat >/dev/null; exit 1", "loading: sh failed (1): no output"),
        ("exit 7", "loading: sh failed (7): no output"),  # while it is written to
        ("kill -9 $$", "loading: sh failed (-9): no output"),
    ],
)
def test_a_program_that_fails_is_named_with_its_last_line(script: str, message: str) -> None:
    with pytest.raises(ToolError) as caught:
        feed((*SH, script), lambda out: out.write(b"x" * 1_000_000), timeout=30, doing="loading")
    assert str(caught.value) == message


def test_a_program_that_needs_no_more_and_succeeds_is_no_error() -> None:
    done = feed(
        ("head", "-c", "3"), lambda out: out.write(b"x" * 1_000_000), timeout=30, doing="reading"
    )
    assert done.stdout == b"xxx"


def test_a_program_that_hangs_is_ended_also_while_it_is_written_to() -> None:
    begun = time.monotonic()
    with pytest.raises(ToolError, match=r"loading: sleep did not finish in 0\.2 s and was ended"):
        feed(("sleep", "60"), lambda out: out.write(b"x" * 1_000_000), timeout=0.2, doing="loading")
    assert time.monotonic() - begun < 20


def test_an_error_of_the_writer_ends_the_program(tmp_path: Path) -> None:
    mark = tmp_path / "pid"

    def failing(_: BinaryIO) -> None:
        while not mark.exists() or not mark.read_text():
            time.sleep(0.01)
        msg = "the layer is damaged"
        raise ValueError(msg)

    with pytest.raises(ValueError, match="the layer is damaged"):
        feed((*SH, f"echo $$ > {mark}; exec sleep 60"), failing, timeout=30, doing="loading")
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


@pytest.mark.parametrize(
    "start",
    [
        lambda: feed(("/none/program",), lambda _: None, timeout=1, doing="loading"),
        lambda: interleaved(("/none/program",), timeout=1),
        lambda: run(("/none/program",), timeout=1),
    ],
)
def test_a_program_that_cannot_be_started_is_named(start: Callable[[], object]) -> None:
    with pytest.raises(ToolError, match="/none/program: cannot be started: No such file"):
        start()


def test_both_outputs_come_in_the_order_of_writing() -> None:
    done = interleaved((*SH, "echo a; echo b >&2; echo c; exit 4"), timeout=30)
    assert (done.status, done.output) == (4, "a\nb\nc\n")


def test_output_that_is_no_text_is_replaced() -> None:
    assert interleaved((*SH, r"printf '\377x'"), timeout=30).output == "\ufffdx"


def test_output_before_the_limit_is_kept() -> None:
    done = interleaved((*SH, "echo before; exec sleep 60"), timeout=0.5)
    assert (done.status, done.output) == (None, "before\n")


def test_a_program_has_no_input_and_only_the_descriptors_that_it_is_given() -> None:
    reading, writing = os.pipe()
    other, beside = os.pipe()
    try:
        code = (
            "import os, sys\n"
            "print(repr(sys.stdin.read()), sorted(set(map(int, os.listdir('/proc/self/fd')))"
            f" & {{{reading}, {other}}}))"
        )
        done = interleaved((sys.executable, "-c", code), timeout=30, descriptors=(reading,))
    finally:
        for each in (reading, writing, other, beside):
            os.close(each)
    assert done.output == f"'' [{reading}]\n"


def test_check_says_what_careen_was_doing() -> None:
    assert check(("true",), timeout=30, doing="testing").status == 0
    with pytest.raises(ToolError, match=r"testing: sh failed \(2\): last words"):
        check((*SH, "echo first; echo last words >&2; exit 2"), timeout=30, doing="testing")
    with pytest.raises(ToolError, match=r"testing: sleep did not finish in 0\.1 s and was ended"):
        check(("sleep", "60"), timeout=0.1, doing="testing")


@pytest.mark.parametrize(
    ("out", "err", "complaint"),
    [
        (b"", b"", "no output"),
        (b" \n\n", b"\n", "no output"),
        (b"out", b"", "out"),
        (b"out", b"one\n two \n\n", "two"),
        (b"", b"\xff" + b"x" * 1000, "\ufffd" + "x" * 499),
    ],
)
def test_the_complaint_is_the_last_line_with_text(out: bytes, err: bytes, complaint: str) -> None:
    assert Finished(1, out, err).complaint == complaint


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program(("careen-none", "careen-never"), "a-package")
    assert program.path() is None
    with pytest.raises(ToolError, match=r"careen-none: not found .*`apt-get install a-package`"):
        program.require()
    monkeypatch.setenv("PATH", "")
    assert Program(("careen-none", "ldconfig"), "libc-bin").path() in (
        None,
        "/sbin/ldconfig",
        "/usr/sbin/ldconfig",
    )


def test_the_first_of_several_names_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("second", "first"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "plain").write_text("not executable")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Program(("plain", "first", "second"), "x").path() == str(tmp_path / "first")


def test_an_interrupt_ends_the_program(tmp_path: Path) -> None:
    """As Ctrl-C does while careen waits."""
    mark = tmp_path / "pid"

    def interrupt(_: BinaryIO) -> None:
        while not mark.exists() or not mark.read_text():
            time.sleep(0.01)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        feed((*SH, f"echo $$ > {mark}; exec sleep 60"), interrupt, timeout=30, doing="loading")
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
