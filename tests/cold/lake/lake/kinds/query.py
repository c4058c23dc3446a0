"""Questions, by several engines."""

from typing import Any


def work(sql: str) -> Any:
    import duckdb

    return duckdb.sql(sql).fetchall()


def frames(expression: str = "count", backend: str = "duckdb") -> Any:
    import ibis

    link = getattr(ibis, backend).connect()
    table = link.read_csv("/srv/lake/dbt/seeds/cups.csv") if backend == "duckdb" else ibis.memtable({"id": [1, 2]})
    return link.execute(getattr(table, expression)())


def written(sql: str, to: str, by: str = "duckdb") -> str:
    import sqlglot

    return sqlglot.transpile(sql, read=by, write=to)[0]


def plan(sql: str) -> str:
    from sqlglot import optimizer, parse_one
    from sqlglot.executor import execute

    tables = {"cups": [{"id": 1, "what": "tea"}]}
    return f"{optimizer.optimize(parse_one(sql), schema={'cups': {'id': 'int', 'what': 'text'}}).sql()} {execute(sql, tables=tables).rows}"


def shown(sql: str, to: str) -> str:
    import ibis

    table = ibis.table({"id": "int64", "when": "timestamp", "what": "string"}, name="cups")
    return ibis.to_sql(table.filter(table.what.re_search(sql)).mutate(y=table.when.year()), dialect=to)
