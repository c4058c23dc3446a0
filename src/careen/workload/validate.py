"""Checks that a workload tests something."""

import shlex

from careen.errors import InputError
from careen.model.runs.workload import ReadyExit, TestCommand, TestPlace, Workload
from careen.model.sizes import size_in_bytes
from careen.workload.ports import published_ports

EXPLORATION = "explore:"


def validate_workload(workload: Workload) -> None:
    """Raise InputError for a workload that tests nothing or has contradictory options.

    A service needs tests or an observation time. A test runs something. A batch job is tested by
    its exit status, and no command can run in it after its end.
    """
    where = f"workload {workload.name!r}"
    if workload.name.startswith(EXPLORATION):
        msg = (
            f"{where}: names that begin with {EXPLORATION!r} are those of careen's own experiments;"
            " give it another one"
        )
        raise InputError(msg)
    for held_out, tests in ((False, workload.tests), (True, workload.held_out)):
        for test in tests:
            if _is_blank(test):
                option = "exec" if test.place is TestPlace.CONTAINER else "test"
                msg = (
                    f"{where}: --{'verify-' if held_out else ''}{option} {test.command!r} runs"
                    " nothing, and so would always pass; name a command, or leave it out"
                )
                raise InputError(msg)
    published_ports(workload.run)
    if workload.run.shm_size is not None:
        size_in_bytes(workload.run.shm_size, "--shm-size")
    if isinstance(workload.ready, ReadyExit):
        inside = next(
            (
                test
                for test in (*workload.tests, *workload.held_out)
                if test.place is TestPlace.CONTAINER
            ),
            None,
        )
        if inside is not None:
            msg = (
                f"{where}: --exec {inside.command!r} cannot run in a batch job, which has ended by"
                " then; use --test"
            )
            raise InputError(msg)
        if workload.observe:
            msg = (
                f"{where}: --observe is for services; a batch job (--ready exit) is watched until"
                " it ends"
            )
            raise InputError(msg)
    elif not workload.tests and workload.observe <= 0:
        msg = f"{where}: no tests: give --test or --exec, or --observe 60s to check readiness only"
        raise InputError(msg)


def _is_blank(test: TestCommand) -> bool:
    """Return whether a command is empty, as of a variable that is not set, or a comment alone."""
    try:
        return not shlex.split(test.command, comments=True)
    except ValueError:  # a quotation mark that is not closed: the shell says so
        return False
