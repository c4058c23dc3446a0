import io

import pandas

MEDIA = "application/vnd.apache.parquet"


def read(body):
    return pandas.read_parquet(io.BytesIO(body), engine="fastparquet").to_numpy()


def write(values):
    return pandas.DataFrame(values).rename(columns=str).to_parquet(engine="pyarrow", compression="brotli", index=False)
