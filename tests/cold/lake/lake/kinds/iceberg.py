"""A catalogue of Iceberg in SQLite."""

from typing import Any


def work(kind: str = "sql", compression: str = "zstd") -> Any:
    import pyarrow as pa
    from pyiceberg.catalog import load_catalog

    catalog = load_catalog("lake", **{"type": kind, "uri": "sqlite:////tmp/catalog.db", "warehouse": "file:///tmp/warehouse"})
    catalog.create_namespace_if_not_exists("cups")
    rows = pa.table({"id": [1, 2, 3], "what": ["tea", "coffee", "milk"]})
    table = catalog.create_table_if_not_exists("cups.all", rows.schema, properties={"write.parquet.compression-codec": compression})
    table.append(rows)
    table.delete("id = 2")
    with table.update_schema() as change:
        change.add_column("size", __import__("pyiceberg.types").types.DoubleType())
    return sorted(table.scan(row_filter="what like 't%'", selected_fields=("id", "size")).to_arrow().to_pylist(), key=str)
