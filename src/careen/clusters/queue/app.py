"""The application of procrastinate: one task, which brings one image up to date."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from careen.clusters.queue.log import quiet_log
from careen.errors import InputError, ToolError
from careen.formats.postgres_url import name_of_database

if TYPE_CHECKING:
    from procrastinate import App

TASK = "careen.image"
QUEUE = "careen"
ATTEMPTS = 5
_BASE = 6  # seconds; waits are its powers: 6 s, 36 s, 3.6 min, 22 min
_PATIENCE = 10  # seconds
_LOCK = 0x63726E71
_SCHEMES = ("postgresql://", "postgres://")


class TryAgainError(Exception):
    """The try ended with status 1 or by a signal."""


class FinalError(Exception):
    """The same inputs would end the same way."""


def procrastinate() -> Any:
    """Return the library. Raises ToolError if it is not installed."""
    try:
        import procrastinate as library
    except ImportError as error:
        msg = "a queue needs procrastinate: install it with `pip install 'careen[queue]'`"
        raise ToolError(msg) from error
    return library


@contextmanager
def connected(url: str, doing: str) -> Iterator[None]:
    """Turn an error of the database into one line, without the URL: it may hold a password.

    Raises InputError for a URL that is not PostgreSQL's, ToolError.
    """
    if not url.startswith(_SCHEMES):
        msg = "--queue: expected postgresql://[USER@]HOST[:PORT]/DATABASE"
        raise InputError(msg)
    errors = procrastinate().exceptions
    import psycopg

    name_of_database(url)  # what cannot be read is refused here, and not quoted
    quiet_log()
    try:
        # The pool would wait for half a minute.
        psycopg.connect(url, connect_timeout=_PATIENCE).close()
        yield
    except (errors.ConnectorException, psycopg.Error) as error:
        cause = error.__cause__ or error
        words = str(cause).strip().partition("\n")[0] or type(cause).__name__
        if "procrastinate_" in words:
            words = "the database has no queue: run `careen fleet enqueue` first"
        msg = f"queue: {doing}: {words}"
        raise ToolError(msg) from error


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Keep others of careen that use the queue waiting; the lock ends with the connection."""
    import psycopg

    with psycopg.connect(url, autocommit=True, connect_timeout=_PATIENCE) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        yield


def queue_app(connector: Any, perform: Callable[[str, str], int]) -> "App":
    """Return the application; `perform` takes a list and a tag, and returns an exit status."""
    library = procrastinate()
    app = library.App(connector=connector)

    def image(*, images: str, tag: str) -> None:
        status = perform(images, tag)
        if status in (2, 3, 4):
            msg = f"{tag}: status {status}"
            raise FinalError(msg)
        if status != 0:
            msg = f"{tag}: status {status}"
            raise TryAgainError(msg)

    retry = library.RetryStrategy(
        max_attempts=ATTEMPTS - 1, exponential_wait=_BASE, retry_exceptions=[TryAgainError]
    )
    app.task(name=TASK, queue=QUEUE, retry=retry)(image)
    found: App = app
    return found
