"""Run one test command, on the host or in the container, and say plainly how it ended."""

import os
import shlex
import time
from collections.abc import Mapping

from careen.errors import ToolError
from careen.model.engine import CommandResult, Container
from careen.model.workload import TestCommand, TestPlace, TestResult
from careen.tools import process
from careen.workload.cases import count_cases
from careen.workload.plain import last_lines

_SHELL_WORDS = frozenset("|&;<>()$`*?[]{}~!#\n")
_NO_TESTS = 5  # pytest's exit status when nothing was collected


def container_argv(command: str) -> tuple[str, ...]:
    """The argv of an `--exec` command.

    A hardened image may have no shell, so a command of plain (or quoted) words is executed directly; only one with shell syntax
    (operators, variables, globs, leading assignments) is handed to `/bin/sh -c`.
    """
    try:
        words = tuple(shlex.split(command))
    except ValueError:
        words = ()
    if not words or not _SHELL_WORDS.isdisjoint(command) or "=" in words[0]:
        return ("/bin/sh", "-c", command)
    return words


def run_test(test: TestCommand, container: Container, environment: Mapping[str, str], limit: float) -> TestResult:
    """Run a test for at most `limit` seconds; it passes when it exits 0. Everything that it started ends with it (its process group)."""
    begun = time.monotonic()
    try:
        done = _in_container(test, container, limit) if test.place is TestPlace.CONTAINER else _on_host(test, environment, limit)
    except ToolError as error:
        reason = f"{_option(test)} {test.command!r} could not be run: {last_lines(str(error), 1)}"
        return TestResult(test, passed=False, exit_status=None, seconds=time.monotonic() - begun, cases=None, output=str(error), reason=reason)
    seconds = time.monotonic() - begun
    reason = _reason(test, done, limit)
    return TestResult(test, not reason, done.status, seconds, count_cases(done.output), done.output, reason)


def _on_host(test: TestCommand, environment: Mapping[str, str], limit: float) -> CommandResult:
    # A second shell, so that both streams arrive interleaved without a change to the user's text.
    argv = ["/bin/sh", "-c", 'exec /bin/sh -c "$1" 2>&1', "sh", test.command]
    done = process.run(argv, timeout=limit, env={**os.environ, **environment}, end_stragglers=True)
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
