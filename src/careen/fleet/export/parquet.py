"""Tables as Parquet files, by pyarrow (the extra `careen[parquet]`)."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from careen.fleet.export.tables import Kind, Row, Table
from careen.model.rfc3339 import parse_time

AT_ONCE = 50_000
"""Rows of a row group: what is in memory at once."""
_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.NUMBER: pa.int64(),
    Kind.TIME: pa.timestamp("s", tz="UTC"),
    Kind.PORTS: pa.list_(pa.int32()),
}


def write_table(table: Table, rows: Iterable[Row], path: Path, say: Callable[[int], None]) -> int:
    """Write the rows of a table, and return their number. Raises OSError."""
    schema = pa.schema([(name, _TYPES[kind]) for name, kind in table.columns.items()])
    kinds = tuple(table.columns.values())
    waiting = iter(rows)
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while part := list(islice(waiting, AT_ONCE)):
            columns = [
                _column(each, kind)
                for each, kind in zip(zip(*part, strict=True), kinds, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            count += len(part)
            say(count)
    return count


def _column(values: Sequence[Any], kind: Kind) -> Any:
    match kind:
        case Kind.TEXT:
            values = [each or None for each in values]
        case Kind.TIME:
            values = [_time(each) for each in values]
        case _:
            pass
    return pa.array(values, type=_TYPES[kind])


def _time(text: str | None) -> dt.datetime | None:
    return parse_time(text) if text else None
