"""Run one test command, on the host or in the container, and explain its result."""

import os
import shlex
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ToolError
from careen.model.runs.engine import CommandResult, Container
from careen.model.runs.workload import TestCommand, TestPlace, TestResult
from careen.tools import process
from careen.workload.plain import last_lines
from careen.workload.reports import Reports
from careen.workload.results import count, find_results, window

PATIENCE = 60.0
_SHELL_WORDS = frozenset("|&;<>()$`*?[]{}~!#\n")
_NO_TESTS = 5  # pytest's exit status if no tests were collected


class _Abandoned:
    """Predicate: the test's container has been gone for `patience` seconds.

    For example, it was killed for lack of memory, and the test would wait for it for hours.
    """

    def __init__(self, container: Container, patience: float) -> None:
        self._container = container
        self._patience = patience
        self._gone_since: float | None = None
        self.given_up = False

    def __call__(self) -> bool:
        if self._container.state().running:
            self._gone_since = None
            return False
        now = time.monotonic()
        self._gone_since = self._gone_since or now
        self.given_up = now - self._gone_since >= self._patience
        return self.given_up


def container_argv(command: str) -> tuple[str, ...]:
    """Return the argv of an `--exec` command.

    Plain or quoted words are executed directly. A command with shell syntax (operators, variables,
    globs, leading assignments) is run by `/bin/sh -c`.
    """
    # A hardened image may have no shell.
    try:
        words = tuple(shlex.split(command))
    except ValueError:
        words = ()
    if not words or not _SHELL_WORDS.isdisjoint(command) or "=" in words[0]:
        return ("/bin/sh", "-c", command)
    return words


@dataclass(frozen=True, slots=True)
class TestRun:
    """How to run a test.

    `environment` is for tests on the host. `patience` is how long it may go on after its service
    has ended (None for a batch job). Reports go to a new directory in `scratch`; without it the
    output is parsed instead.
    """

    __test__ = False

    environment: Mapping[str, str]
    limit: float
    patience: float | None = PATIENCE
    scratch: Path | None = None


def run_test(test: TestCommand, container: Container, how: TestRun) -> TestResult:
    """Run a test within its limits; it passes if it exits 0.

    Everything that a test on the host started ends with it, including daemons.
    """
    begun = time.monotonic()
    abandoned = _Abandoned(container, how.patience) if how.patience is not None else None
    try:
        done, documents = (
            (_in_container(test, container, how.limit), ())
            if test.place is TestPlace.CONTAINER
            else _on_host(test, how, abandoned)
        )
    except ToolError as error:
        reason = f"{_option(test)} {test.command!r} could not be run: {last_lines(str(error), 1)}"
        return TestResult(
            test,
            passed=False,
            exit_status=None,
            seconds=time.monotonic() - begun,
            cases=None,
            output=str(error),
            reason=reason,
            begun=begun,
        )
    seconds = time.monotonic() - begun
    reason = _reason(test, done, how.limit)
    if abandoned and abandoned.given_up:
        reason = (
            f"{_option(test)} {test.command!r} was ended: its container had been gone for"
            f" {how.patience:g} s"
        )
    results = find_results(documents, done.output, window(begun))
    return TestResult(
        test,
        not reason,
        done.status,
        seconds,
        count(results, done.output),
        done.output,
        reason,
        begun,
        results,
    )


def _on_host(
    test: TestCommand, how: TestRun, abandoned: _Abandoned | None
) -> tuple[CommandResult, tuple[bytes, ...]]:
    """Run a test on the host and return its result and its reports."""
    environment = {**os.environ, **how.environment}
    if how.scratch is None:
        return _by_shell(test, environment, how.limit, abandoned), ()
    with Reports(
        Path(tempfile.mkdtemp(prefix="test-", dir=how.scratch)), test.command, environment
    ) as reports:
        done = _by_shell(test, {**environment, **reports.environment}, how.limit, abandoned)
    return CommandResult(done.status, reports.without_report_line(done.output)), reports.documents()


def _by_shell(
    test: TestCommand, environment: Mapping[str, str], limit: float, abandoned: _Abandoned | None
) -> CommandResult:
    # A second shell merges both streams without a change to the user's command.
    argv = ["/bin/sh", "-c", 'exec /bin/sh -c "$1" 2>&1', "sh", test.command]
    done = process.run(
        argv, timeout=limit, env=environment, supervision=process.Supervision(abandoned)
    )
    return CommandResult(done.status, done.text)


def _in_container(test: TestCommand, container: Container, limit: float) -> CommandResult:
    return container.exec(container_argv(test.command), limit)


def _option(test: TestCommand) -> str:
    return "--exec" if test.place is TestPlace.CONTAINER else "--test"


def _reason(test: TestCommand, done: CommandResult, limit: float) -> str:
    if done.status == 0:
        return ""
    if done.status is None:
        ending = f"did not finish in {limit:g} s and was ended"
    elif done.status == _NO_TESTS and "no tests ran" in done.output:
        ending = "collected no tests (exit status 5)"
    elif done.status < 0:
        ending = f"was killed by signal {-done.status}"
    else:
        ending = f"failed (exit status {done.status})"
    said = last_lines(done.output, 1)
    return f"{_option(test)} {test.command!r} {ending}" + (f": {said}" if said else "")
