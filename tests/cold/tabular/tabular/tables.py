"""Tables of many formats."""
import io
import tempfile

import pandas as pd


def read(data, form, **options):
    encoding = options.get("encoding", "utf-8")
    match form:
        case "csv":
            return pd.read_csv(io.BytesIO(data), encoding=encoding, engine=options.get("reader"))
        case "json":
            return pd.read_json(io.BytesIO(data))
        case "xlsx":
            return pd.read_excel(io.BytesIO(data))
        case "fixed":
            return pd.read_fwf(io.BytesIO(data), encoding=encoding)
        case _:
            return getattr(pd, f"read_{form}")(io.BytesIO(data))


def write(frame, form, **options):
    target = io.BytesIO()
    match form:
        case "csv":
            frame.to_csv(target, index=False, encoding=options.get("encoding", "utf-8"))
        case "parquet":
            frame.to_parquet(target, index=False, compression=options.get("compression", "snappy"))
        case "xlsx":
            frame.to_excel(target, index=False, engine=options.get("writer", "openpyxl"))
        case "hdf":
            with tempfile.NamedTemporaryFile(suffix=".h5") as file:
                frame.to_hdf(file.name, key="table", complib=options.get("compression", "blosc:lz4"), complevel=5)
                return file.read()
        case "latex" | "markdown" | "html" | "json" | "xml":
            return getattr(frame, f"to_{form}")().encode()
        case _:
            getattr(frame, f"to_{form}")(target)
    return target.getvalue()
