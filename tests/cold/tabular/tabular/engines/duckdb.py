import duckdb


def total(numbers):
    return duckdb.sql(f"select sum(x) from (values {', '.join(f'({n})' for n in numbers)}) t(x)").fetchall()[0][0]
