"""Tables from one kind of file to another, by ending."""

from pathlib import Path
from typing import Any

import pyarrow as pa


def work(source: str, target: str, **more: str) -> str:
    table = READ[Path(source).suffix](source)
    WRITE[Path(target).suffix](table, target, **more)
    return f"{table.num_rows} rows, {READ[Path(target).suffix](target).num_rows} again"


def _csv(path: str) -> pa.Table:
    from pyarrow import csv

    return csv.read_csv(path)


def _to_csv(table: pa.Table, path: str) -> None:
    from pyarrow import csv

    csv.write_csv(table, path)


def _json(path: str) -> pa.Table:
    from pyarrow import json

    return json.read_json(path)


def _to_json(table: pa.Table, path: str) -> None:
    table.to_pandas().to_json(path, orient="records", lines=True)


def _parquet(path: str) -> pa.Table:
    from pyarrow import parquet

    return parquet.read_table(path)


def _to_parquet(table: pa.Table, path: str, compression: str = "snappy") -> None:
    from pyarrow import parquet

    parquet.write_table(table, path, compression=compression)


def _orc(path: str) -> pa.Table:
    from pyarrow import orc

    return orc.read_table(path)


def _to_orc(table: pa.Table, path: str, compression: str = "zlib") -> None:
    from pyarrow import orc

    orc.write_table(table, path, compression=compression)


def _feather(path: str) -> pa.Table:
    from pyarrow import feather

    return feather.read_table(path)


def _to_feather(table: pa.Table, path: str, compression: str = "lz4") -> None:
    from pyarrow import feather

    feather.write_feather(table, path, compression=compression)


def _avro(path: str) -> pa.Table:
    import fastavro

    with open(path, "rb") as file:
        return pa.Table.from_pylist(list(fastavro.reader(file)))


def _to_avro(table: pa.Table, path: str, codec: str = "null") -> None:
    import fastavro

    kinds = {"int64": "long", "double": "double"}
    rows = [{key: value if isinstance(value, int | float) else str(value) for key, value in row.items()} for row in table.to_pylist()]
    fields = [{"name": f.name, "type": ["null", kinds.get(str(f.type), "string")]} for f in table.schema]
    with open(path, "wb") as file:
        fastavro.writer(file, {"type": "record", "name": "row", "fields": fields}, rows, codec=codec)


def _duckdb(path: str) -> pa.Table:
    import duckdb

    with duckdb.connect(path, read_only=True) as link:
        return link.sql("from rows").to_arrow_table()


def _to_duckdb(table: pa.Table, path: str) -> None:
    import duckdb

    with duckdb.connect(path) as link:
        given = table  # DuckDB finds it by its name
        link.sql("create or replace table rows as from given")


def _sqlite(path: str) -> pa.Table:
    from adbc_driver_sqlite import dbapi

    with dbapi.connect(path) as link, link.cursor() as cursor:
        cursor.execute("select * from rows")
        return cursor.fetch_arrow_table()


def _to_sqlite(table: pa.Table, path: str) -> None:
    from adbc_driver_sqlite import dbapi

    with dbapi.connect(path) as link, link.cursor() as cursor:
        cursor.adbc_ingest("rows", table, mode="replace")
        link.commit()


READ: dict[str, Any] = {".csv": _csv, ".jsonl": _json, ".parquet": _parquet, ".orc": _orc, ".feather": _feather, ".avro": _avro, ".duckdb": _duckdb, ".sqlite": _sqlite}
WRITE: dict[str, Any] = {".csv": _to_csv, ".jsonl": _to_json, ".parquet": _to_parquet, ".orc": _to_orc, ".feather": _to_feather, ".avro": _to_avro, ".duckdb": _to_duckdb, ".sqlite": _to_sqlite}
