"""polars, pyarrow, duckdb, pandas on paths that the service does not take."""
import io
import os
import tempfile
import warnings

warnings.simplefilter("ignore")
os.chdir(tempfile.mkdtemp())


def attempt(name, action):
    try:
        print(name, action())
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:90])


import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

table = pa.table({"n": list(range(50)), "s": [f"w{n % 7}" for n in range(50)], "f": [n / 3 for n in range(50)]})
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.dataset as ds
import pyarrow.feather as feather
import pyarrow.fs as pafs
import pyarrow.json as pajson
import pyarrow.orc as orc
import pyarrow.parquet as pq

for codec in ("snappy", "gzip", "brotli", "zstd", "lz4", "none", "nothing"):
    attempt(f"parquet {codec}", lambda: (pq.write_table(table, f"{codec}.parquet", compression=codec), pq.read_table(f"{codec}.parquet").num_rows)[1])
for codec in ("lz4", "zstd", "uncompressed"):
    attempt(f"feather {codec}", lambda: (feather.write_feather(table, f"{codec}.feather", compression=codec), feather.read_table(f"{codec}.feather").num_rows)[1])
attempt("orc", lambda: (orc.write_table(table, "a.orc", compression="zstd"), orc.read_table("a.orc").num_rows)[1])
attempt("csv", lambda: (pacsv.write_csv(table, "a.csv"), pacsv.read_csv("a.csv").num_rows)[1])
attempt("json", lambda: pajson.read_json(io.BytesIO(b'{"a": 1}\n{"a": 2}\n')).num_rows)
attempt("encrypted", lambda: __import__("pyarrow.parquet.encryption", fromlist=["a"]).CryptoFactory is not None)
attempt("partitions", lambda: (ds.write_dataset(table, "parts", format="parquet", partitioning=["s"], partitioning_flavor="hive"), ds.dataset("parts", partitioning="hive").to_table(filter=ds.field("s") == "w3").num_rows)[1])
attempt("formats", lambda: [ds.dataset(f, format=f.rpartition(".")[2]).count_rows() for f in ("zstd.parquet", "lz4.feather", "a.csv", "a.orc")])
attempt("acero", lambda: table.group_by("s").aggregate([("f", "mean"), ("n", "approximate_median")]).num_rows)
attempt("join", lambda: table.join(table, "n", right_suffix="_r").num_rows)
attempt("substrait", lambda: len(__import__("pyarrow.substrait", fromlist=["a"]).get_supported_functions()) > 10)
attempt("compute", lambda: [pc.mean(table["f"]).as_py() > 8, pc.utf8_upper(table["s"])[0].as_py(), pc.strftime(pa.array([0], pa.timestamp("s", "Asia/Tokyo"))).to_pylist(), len(pc.list_functions()) > 200])
attempt("zones", lambda: pc.assume_timezone(pa.array([0], pa.timestamp("s")), "Europe/Berlin").cast(pa.timestamp("s", "UTC")).to_pylist()[0].isoformat())
attempt("file systems", lambda: [getattr(pafs, name, None) is not None for name in ("LocalFileSystem", "S3FileSystem", "GcsFileSystem", "HadoopFileSystem", "AzureFileSystem")])
attempt("s3", lambda: pafs.S3FileSystem(endpoint_override="localhost:1", access_key="a", secret_key="b", connect_timeout=0.2, request_timeout=0.2, retry_strategy=pafs.AwsStandardS3RetryStrategy(1)).get_file_info("a/b").type)
attempt("hdfs", lambda: pafs.HadoopFileSystem("localhost", 1))
attempt("substrate", lambda: pafs.FileSystem.from_uri("mock:///a")[1])


def flight():
    import pyarrow.flight as f

    class Server(f.FlightServerBase):
        def do_get(self, context, ticket):
            return f.RecordBatchStream(table)

    server = Server("grpc://127.0.0.1:0")
    rows = f.FlightClient(f"grpc://127.0.0.1:{server.port}").do_get(f.Ticket(b"x")).read_all().num_rows
    server.shutdown()
    return rows


attempt("flight", flight)
attempt("cffi", lambda: __import__("pyarrow.cffi", fromlist=["a"]).ffi is not None)
attempt("types", lambda: [str(kind) for kind in (pa.decimal128(5, 2), pa.list_(pa.int8()), pa.dictionary(pa.int8(), pa.string()), pa.uuid(), pa.bool8())])
attempt("tensor", lambda: pa.ipc.read_tensor(pa.BufferReader(pa.ipc.serialize_tensor if False else b"")) if False else pa.Tensor.from_numpy(__import__("numpy").ones((2, 3))).shape)
attempt("codecs", lambda: [pa.compress(b"tea" * 9, codec=name, asbytes=True) != b"" for name in ("gzip", "brotli", "zstd", "lz4", "snappy", "bz2")])
attempt("pandas", lambda: table.to_pandas(types_mapper=pd.ArrowDtype).dtypes.astype(str).tolist())
frame = pl.from_arrow(table)
for name in ("parquet", "csv", "ipc", "ndjson", "json", "avro", "excel", "delta", "database", "iceberg"):
    attempt(f"polars {name}", lambda: getattr(frame, f"write_{name}")(*(("t", "sqlite:///x.db") if name == "database" else (f"p.{name}",))) is None or "written")
for name in ("parquet", "csv", "ipc", "ndjson"):
    attempt(f"scan {name}", lambda: getattr(pl, f"scan_{name}")(f"p.{name}").filter(pl.col("n") > 5).collect(engine="streaming").height)
attempt("read avro", lambda: pl.read_avro("p.avro").height)
attempt("read excel", lambda: pl.read_excel("p.excel").height)
attempt("database", lambda: pl.read_database_uri("select 1", "sqlite:///x.db"))
attempt("sql", lambda: pl.SQLContext(f=frame).execute("select s, sum(n) from f group by s order by s").collect().height)
attempt("lazy", lambda: len(frame.lazy().group_by("s").agg(pl.col("f").mean()).explain()) > 10)
attempt("windows", lambda: frame.with_columns(pl.col("n").rolling_mean(3), pl.col("n").rank().over("s")).width)
attempt("dates", lambda: frame.select(pl.datetime(2026, 1, 1, time_zone="Asia/Kathmandu").dt.to_string("%A")).item(0, 0))
attempt("strings", lambda: frame.select(pl.col("s").str.replace_all("w", "v"), h=pl.col("s").hash()).width)
attempt("plot", lambda: frame.plot)
attempt("styled", lambda: frame.style)
attempt("numpy", lambda: frame.to_numpy().shape)
attempt("to pandas", lambda: frame.to_pandas().shape)
attempt("torch", lambda: frame.to_torch())
attempt("jax", lambda: frame.to_jax())
attempt("gpu", lambda: frame.lazy().collect(engine="gpu").height)
attempt("graph", lambda: frame.lazy().show_graph(show=False))
attempt("selectors", lambda: frame.select(pl.selectors.numeric()).width)
attempt("udf", lambda: frame.select(pl.col("n").map_elements(lambda x: x + 1, return_dtype=pl.Int64)).height)
attempt("testing", lambda: __import__("polars.testing", fromlist=["a"]).assert_frame_equal(frame, frame))
attempt("cloud", lambda: pl.read_parquet("s3://a/b", storage_options={"aws_endpoint_url": "http://localhost:1", "aws_access_key_id": "a", "aws_secret_access_key": "b", "aws_region": "x", "max_retries": "0"}))
attempt("versions", lambda: pl.show_versions())
db = duckdb.connect()
for text in ("select count(*) from table_", "select * from 'zstd.parquet' limit 1", "select * from read_csv('a.csv') limit 1", "copy (select 1 a) to 'd.json'", "select * from 'd.json'", "install spatial", "load httpfs", "select * from 'https://localhost:1/a.parquet'", "pragma version", "select strftime(timestamptz '2026-01-01 00:00:00+00' at time zone 'Asia/Tokyo', '%H')", "set timezone = 'Europe/Berlin'; select current_setting('timezone')", "select 'ä' collate de < 'z'", "explain analyze select 1", "attach 'x.db' (type sqlite)", "create table t (a int); insert into t values (1); export database 'out' (format parquet)", "select count(*) > 50 from duckdb_functions()", "select extension_name from duckdb_extensions() where loaded order by 1", "select uuid() is not null, md5('a')", "select list_transform([1,2], lambda x: x + 1)"):
    attempt(text[:30], lambda: str(db.sql(text).fetchall() if db.sql(text) is not None else None)[:100] if "version" not in text and "analyze" not in text else len(db.sql(text).fetchall()) > 0)
attempt("relations", lambda: (db.sql("select 1 a").df().shape, db.sql("select 1 a").pl().shape, db.sql("select 1 a").to_arrow_table().num_rows, db.sql("select 1 a").fetchnumpy()["a"].shape))
attempt("functions", lambda: (db.create_function("twice", lambda x: x * 2, ["bigint"], "bigint"), db.sql("select twice(4)").fetchone())[1])
attempt("spark", lambda: __import__("duckdb.experimental.spark.sql", fromlist=["SparkSession"]).SparkSession.builder.getOrCreate().sql("select 1 a").collect()[0].a)
attempt("duckdb file systems", lambda: (db.register_filesystem(__import__("fsspec").filesystem("memory")), db.list_filesystems())[1])
attempt("torch of duckdb", lambda: db.sql("select 1 a").torch())
for name, options in (("parquet", {}), ("feather", {}), ("orc", {}), ("pickle", {}), ("html", {}), ("xml", {}), ("markdown", {}), ("latex", {}), ("stata", {}), ("hdf", {"key": "a"}), ("excel", {}), ("json", {"orient": "table"}), ("csv", {"compression": "zstd"}), ("clipboard", {})):
    attempt(f"pandas {name}", lambda: type(getattr(table.to_pandas(), f"to_{name}")(*(() if name == "clipboard" else (f"q.{name}",)), **options)).__name__)
for name in ("parquet", "feather", "orc", "pickle", "html", "xml", "stata", "excel"):
    attempt(f"pandas reads {name}", lambda: len(getattr(pd, f"read_{name}")(f"q.{name}")))
attempt("query", lambda: table.to_pandas().query("n > 4 and s == 'w1'").shape)
attempt("pandas sql", lambda: table.to_pandas().to_sql("a", "sqlite:///y.db"))
attempt("pandas plot", lambda: table.to_pandas().plot())
attempt("pandas style", lambda: table.to_pandas().style)
attempt("resample", lambda: pd.Series(range(9), pd.date_range("2026", periods=9, tz="Asia/Tokyo")).resample("2D").sum().shape)
attempt("offsets", lambda: pd.Timestamp("2026-01-01") + pd.tseries.offsets.BMonthEnd())
attempt("scipy", lambda: [__import__(f"scipy.{name}", fromlist=["a"]).__name__ for name in ("sparse", "spatial", "stats", "optimize", "signal", "cluster", "linalg", "special", "interpolate", "integrate", "ndimage", "fft", "io", "odr" if False else "constants", "datasets", "differentiate")])
attempt("interpolated", lambda: table.to_pandas()[["n"]].interpolate("cubic").shape)
attempt("numba engine", lambda: table.to_pandas()["n"].rolling(3).mean(engine="numba"))
