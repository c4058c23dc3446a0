"""Checks that a workload tests something."""

from careen.errors import InputError
from careen.model.runs.workload import ReadyExit, TestPlace, Workload
from careen.model.sizes import size_in_bytes
from careen.workload.ports import published_ports

EXPLORATION = "explore:"


def validate_workload(workload: Workload) -> None:
    """Raise InputError for a workload that tests nothing or has contradictory options.

    A service needs tests or an observation time. A batch job is tested by its exit status, and no
    command can run in it after its end.
    """
    where = f"workload {workload.name!r}"
    if workload.name.startswith(EXPLORATION):
        msg = (
            f"{where}: names that begin with {EXPLORATION!r} are those of careen's own experiments;"
            " give it another one"
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
