"""The allow-list that is read and changed."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError
from careen.pipeline.run.timestamp import now
from careen.report.output_file import write_output
from careen.tools.read_file import read_file
from careen.triage.ignore.load import read_entries
from careen.triage.ignore.rule import MAX_FILE, Rule
from careen.triage.ignore.shape import Shape


@dataclass(frozen=True, slots=True)
class AllowList:
    """An allow-list as read; `path` is None for none."""

    path: Path | None
    data: bytes
    shape: Shape
    rules: tuple[Rule, ...]

    @property
    def name(self) -> str:
        """Its path as text, "" for none."""
        return "" if self.path is None else str(self.path)


def read_list(path: Path | None, *, must_exist: bool) -> AllowList:
    """Read a list. Raises InputError or ConfigError."""
    data = b""
    if path is not None and (must_exist or path.exists()):
        data = read_file(path, MAX_FILE)
    name = "" if path is None else path.name
    shape, entries = read_entries(name, data, str(path))
    return AllowList(path, data, shape, entries.rules)


def essence(rules: Iterable[Rule], *, reasons: bool = False) -> list[tuple[object, ...]]:
    """Return what entries name and when they end, without their places, which move.

    With `reasons`, these too; where entries go, a comment can become the reason of the next one.
    """
    return [
        (rule.identifier, rule.package, rule.scope, rule.until, rule.reason if reasons else "")
        for rule in rules
    ]


def unchangeable(listed: AllowList) -> InputError:
    """Return the error for a list that did not come out as meant."""
    return InputError(
        f"{listed.name}: it is written in a way that careen cannot change safely; nothing was"
        " written: change it by hand"
    )


def write_list(path: Path, data: bytes) -> None:
    """Write a list as a whole. Raises InputError."""
    # A link to the list stays one; a device is written to under its own name.
    write_output(path.resolve() if path.is_symlink() and path.is_file() else path, data)


def today() -> dt.date:
    """Return the day of this run, in UTC."""
    return dt.date.fromisoformat(now()[:10])
