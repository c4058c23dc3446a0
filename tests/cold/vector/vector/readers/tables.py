import io


def read_csv(data: bytes) -> str:
    import polars

    return str(polars.read_csv(data).to_dicts())


def read_parquet(data: bytes) -> str:
    import pyarrow.parquet

    return str(pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist())


def read_json(data: bytes) -> str:
    import pandas

    return pandas.read_json(io.BytesIO(data), lines=True).to_string()
