"""Write the store as Parquet files, all of one moment, named together at the end."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from careen.errors import InputError, ToolError
from careen.fleet.export.tables import TABLES
from careen.fleet.store.place import opened
from careen.model.fleet.exported import ExportedFleet, ExportedTable
from careen.pipeline.run.outputs import PARTIAL, remove_partial
from careen.pipeline.run.session import Session
from careen.pipeline.run.timestamp import now
from careen.tools.workspace import Leftover

SUFFIX = ".parquet"
_NAMES = frozenset(f"{table.name}{SUFFIX}" for table in TABLES)


def export(place: str, directory: Path, session: Session) -> ExportedFleet:
    """Write each table of a store into a directory, which is new, empty or an earlier export.

    Raises InputError (pyarrow is missing, another directory), StoreError, or ToolError if it cannot
    be written.
    """
    write_table = _writer()
    _check(directory)
    made: list[ExportedTable] = []
    with opened(place, write=False) as database, _staged(directory, session) as partial:
        with database.reading():
            until = now()
            for table in TABLES:
                path = partial / f"{table.name}{SUFFIX}"
                said = f"{table.name}: "
                rows = write_table(
                    table,
                    table.rows(database, until),
                    path,
                    lambda count, said=said: session.say(f"{said}{count:,} rows"),
                )
                made.append(ExportedTable(path.name, rows, path.stat().st_size))
        return ExportedFleet(database.name, directory, tuple(made))


def _writer() -> Callable[..., int]:
    try:
        from careen.fleet.export.parquet import write_table
    except ImportError as error:
        msg = "an export needs pyarrow, which is not installed: `pip install 'careen[parquet]'`"
        raise InputError(msg) from error
    return write_table


def _check(directory: Path) -> None:
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        msg = f"{str(directory)!r}: not a directory; name another place for the export"
        raise InputError(msg)
    if not directory.absolute().parent.is_dir():
        msg = f"{str(directory)!r}: its parent directory does not exist; make it first"
        raise InputError(msg)
    names = {path.name for path in directory.iterdir()} if directory.is_dir() else set()
    if strange := sorted(names - _NAMES):
        msg = (
            f"{str(directory)!r}: has {strange[0]!r}, which is no table of an export; name another"
            " directory"
        )
        raise InputError(msg)


@contextmanager
def _staged(directory: Path, session: Session) -> Iterator[Path]:
    """Yield a directory to write in; its files are moved where they belong after the block."""
    parent = directory.absolute().parent
    partial = parent / f".{directory.name}.{secrets.token_hex(4)}.partial"
    leftover = Leftover(PARTIAL, str(partial))
    session.space.record(leftover)
    try:
        partial.mkdir(mode=0o755)
        yield partial
        if not directory.exists():
            partial.rename(directory)
        else:
            for path in sorted(partial.iterdir()):
                path.replace(directory / path.name)
    except OSError as error:
        msg = f"writing {str(directory)!r}: {error.strerror or error}"
        raise ToolError(msg) from error
    finally:
        remove_partial(str(partial))
    session.space.forget(leftover)
