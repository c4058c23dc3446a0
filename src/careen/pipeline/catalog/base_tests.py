"""The tests of an entry, each in a container of its own, without a network."""

from collections.abc import Iterator
from contextlib import contextmanager

from careen.catalog.recipe import Recipe
from careen.errors import ToolError, VerificationError
from careen.model.catalog.entry import BaseTest
from careen.model.runs.engine import PreparedImage
from careen.model.runs.workload import RunOptions
from careen.pipeline.profiling.profile import runnable
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined

_SECONDS = 600.0
_SHOWN = 300


def run_tests(
    wanted: Recipe, examined: Examined, session: Session, ready: PreparedImage | None = None
) -> int | None:
    """Return how many tests passed; None without an engine, which is a note.

    `ready` is the image in the engine, if it is there already. Raises VerificationError for the
    first one that fails.
    """
    if not wanted.tests:
        return 0
    try:
        _ = session.engine
    except ToolError as error:
        session.progress.note(f"the entry's tests did not run: {error}")
        return None
    with session.stage("test"), made_ready(examined, session, ready) as prepared:
        for test in wanted.tests:
            session.say(f"running {test.argv[0]}")
            _run(test, prepared, session)
    return len(wanted.tests)


@contextmanager
def made_ready(
    examined: Examined, session: Session, ready: PreparedImage | None
) -> Iterator[PreparedImage]:
    """Yield the image in the engine: `ready`, which stays there, or a copy that is removed."""
    if ready is not None:
        yield ready
        return
    with runnable(examined, session) as prepared:
        yield prepared


def _run(test: BaseTest, prepared: PreparedImage, session: Session) -> None:
    program, *args = test.argv
    options = RunOptions(entrypoint=program, args=tuple(args), network="none")
    container = session.engine.create(prepared, options, ())
    try:
        container.start()
        status = container.wait(_SECONDS)
        output = container.logs()
    finally:
        container.remove()
    if status != 0 or test.contains not in output:
        ended = "did not end" if status is None else f"ended with {status}"
        said = output.strip()[-_SHOWN:]
        msg = (
            f"the entry's test {' '.join(test.argv)[:_SHOWN]!r} {ended}, and its output should"
            f" contain {test.contains!r}: {said!r}; nothing was promoted"
        )
        raise VerificationError(msg)
