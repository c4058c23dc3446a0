"""What careen prints when a command fails, and the exit status."""

import errno
import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import click
import pytest

from careen.cli import main as cli
from careen.errors import (
    CareenError,
    ConfigError,
    EvidenceError,
    ImageError,
    InputError,
    PolicyError,
    ToolError,
    VerificationError,
    WorkloadError,
)


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Put back what `main` sets for the whole process."""
    before = {number: signal.getsignal(number) for number in cli._SIGNALS}
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def failing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[object, str]]:
    """Return a function that lets a command end so, and returns the status and standard error."""

    def end(how: object, *words: str) -> tuple[object, str]:
        def command(**_: object) -> object:
            if isinstance(how, BaseException):
                raise how
            if callable(how):
                return how()
            return how

        monkeypatch.setattr(cli, "group", SimpleNamespace(main=command))
        monkeypatch.setattr(sys, "argv", ["careen", *words])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        captured = capsys.readouterr()
        assert captured.out == ""
        return caught.value.code, captured.err

    return end


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CareenError, 1),
        (InputError, 1),
        (ImageError, 1),
        (ConfigError, 1),
        (ToolError, 1),
        (WorkloadError, 1),
        (EvidenceError, 1),
        (PolicyError, 2),
        (VerificationError, 3),
    ],
)
def test_each_kind_of_failure_has_its_status_and_one_line(
    error: type[CareenError], status: int, failing: Callable[..., tuple[object, str]]
) -> None:
    assert failing(error("x: not good; do y")) == (status, "careen: x: not good; do y\n")


@pytest.mark.parametrize(("value", "status"), [(None, 0), (0, 0), (2, 2), ("text", 0)])
def test_the_status_of_a_command_is_careen_s(
    value: object, status: int, failing: Callable[..., tuple[object, str]]
) -> None:
    assert failing(value) == (status, "")


def test_a_message_stays_one_line_and_cannot_steer_the_terminal(
    failing: Callable[..., tuple[object, str]],
) -> None:
    status, said = failing(ImageError("a\x1b[31m\x07b\r\nc\u202ed\udcffe\u2028f"))
    assert status == 1
    assert said == "careen: a\\x1b[31m\\x07b c\\u202ed\\udcffe f\n"


def test_a_message_of_a_megabyte_is_cut(failing: Callable[..., tuple[object, str]]) -> None:
    _, said = failing(ImageError("x" * 1_000_000))
    assert len(said) < 5000
    assert said.endswith("x…\n")


def test_notes_of_an_error_are_in_the_line(failing: Callable[..., tuple[object, str]]) -> None:
    error = ToolError("the container failed")
    error.add_note("removing it: busy\nafter 10 s")
    assert failing(error)[1] == (
        "careen: the container failed (also: removing it: busy) (also: after 10 s)\n"
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/var/tmp/x"),
            (
                "No space left on device: /var/tmp/x; free some room, or name another work"
                " directory with --work-dir"
            ),
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "Permission denied: /x"),
        (OSError("without a number"), "without a number"),
    ],
)
def test_an_error_of_the_system_is_named_with_its_file(
    error: OSError, said: str, failing: Callable[..., tuple[object, str]]
) -> None:
    assert failing(error) == (1, f"careen: {said}\n")


def test_an_unexpected_error_says_how_to_report_it(
    failing: Callable[..., tuple[object, str]],
) -> None:
    status, said = failing(KeyError("x"))
    assert status == 1
    assert said == (
        "careen: internal error: KeyError: 'x'; run again as `careen -vv …` and report what it"
        " shows\n"
    )


def test_a_traceback_comes_only_with_two_v(failing: Callable[..., tuple[object, str]]) -> None:
    assert "Traceback" not in failing(ToolError("x"), "-v", "harden")[1]
    said = failing(ToolError("x"), "-vv", "harden")[1]
    assert "Traceback" in said
    assert said.endswith("careen: x\n")


def test_a_usage_error_names_the_help_of_its_command(
    failing: Callable[..., tuple[object, str]],
) -> None:
    context = click.Context(click.Command("harden"), info_name="careen harden")
    status, said = failing(click.UsageError("No such option: --tga.", context))
    assert (status, said) == (
        1,
        "careen: No such option: --tga; see `careen harden --help`\n",
    )
    assert failing(click.FileError("x", "gone"))[1] == "careen: Could not open file 'x': gone\n"


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (signal.SIGINT, "interrupted"),
        (signal.SIGTERM, "terminated"),
        (signal.SIGHUP, "terminated"),
    ],
)
def test_a_signal_ends_the_command_after_its_clean_up(
    number: signal.Signals, word: str, failing: Callable[..., tuple[object, str]]
) -> None:
    cleaned: list[str] = []

    def interrupted() -> None:
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)  # a second one must not interrupt the clean-up
            cleaned.append("all")

    status, said = failing(interrupted)
    assert cleaned == ["all"]
    assert status == 128 + number
    assert said == f"careen: {word}; what was not finished is removed\n"


def test_a_signal_that_nohup_ignores_stays_ignored(
    failing: Callable[..., tuple[object, str]],
) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert failing(lambda: signal.raise_signal(signal.SIGHUP)) == (0, "")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "red"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_an_error_is_red_on_a_terminal_that_has_colours(
    environment: dict[str, str],
    red: bool,
    failing: Callable[..., tuple[object, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    failing(ToolError("x"))
    assert terminal.getvalue() == ("\x1b[31mcareen: x\x1b[0m\n" if red else "careen: x\n")
