"""Tables of pandas in all forms that people save and read; Arrow beside them."""
import io, os, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
import pandas as pd
os.makedirs("/tmp/t", exist_ok=True); os.chdir("/tmp/t")


def tried(name, work):
    try:
        got = work()
    except BaseException as error:
        got = f"{type(error).__name__}: {str(error).splitlines()[0][:140] if str(error) else ''}"
    print(name, got, flush=True)


frame = pd.DataFrame({"i": [1, 2, 3], "f": [0.5, np.nan, 2], "s": ["tea", "größer", None], "d": pd.date_range("2026-01-01", periods=3), "c": pd.Categorical(["a", "b", "a"]), "b": [True, False, True]})
for form, options in (("csv", {}), ("json", {"orient": "table", "index": True}), ("html", {}), ("xml", {}), ("xml", {"parser": "etree"}), ("parquet", {}), ("feather", {}), ("orc", {}), ("pickle", {}), ("stata", {}), ("excel", {}), ("latex", {}), ("markdown", {}), ("string", {}), ("hdf", {"key": "k"}), ("clipboard", {}), ("gbq", {"destination_table": "a.b"}), ("iceberg", {"table_identifier": "a"})):
    def turn():
        data = frame if form not in ("orc", "stata") else frame[["i", "f"]]
        if form in ("clipboard", "gbq", "iceberg"):
            return getattr(data, f"to_{form}")(**options)
        if form in ("latex", "markdown", "string", "html"):
            return len(getattr(data, f"to_{form}")())
        path = f"x.{'xlsx' if form == 'excel' else form}"
        getattr(data, f"to_{form}")(path, **options)
        return getattr(pd, f"read_{form}")(path, **({"orient": "table"} if form == "json" else {"parser": "etree"} if options.get("parser") else {})).shape
    tried(f"{form} {sorted(options)}", turn)
for engine in ("openpyxl", "xlsxwriter", "odf", "calamine", "xlrd", "pyxlsb"):
    tried(f"excel write {engine}", lambda: frame.to_excel("e.xlsx", engine=engine))
    tried(f"excel read {engine}", lambda: pd.read_excel("x.xlsx", engine=engine).shape)
tried("styled excel", lambda: frame.style.background_gradient(subset=["i"]).highlight_max(subset=["i"]).to_excel("s.xlsx"))
tried("styled html", lambda: len(frame.style.bar(subset=["i"]).format(precision=1).set_caption("c").to_html()) > 500)
tried("styled others", lambda: (len(frame.style.to_latex()) > 50, len(frame.style.to_string()) > 20))
for parser in ("lxml", "bs4", "html5lib"):
    tried(f"read html {parser}", lambda: pd.read_html(io.StringIO("<table><tr><th>a<td>1</table>"), flavor=parser)[0].shape)
tried("xslt", lambda: pd.read_xml(io.BytesIO(b"<a><b><c>1</c></b></a>"), stylesheet=io.BytesIO(b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><r><x><y>2</y></x></r></xsl:template></xsl:stylesheet>')).shape)
for how in ("gzip", "bz2", "zip", "xz", "tar", "zstd"):
    tried(f"compressed {how}", lambda: (frame.to_csv("c.x", compression=how), pd.read_csv("c.x", compression=how).shape)[1])
for engine in ("c", "python", "pyarrow", "python-fwf"):
    tried(f"csv by {engine}", lambda: pd.read_csv(io.StringIO("a,b\n1,2\n"), engine=engine).shape)
for encoding in ("latin-1", "utf-16", "cp1252", "shift_jis", "gb18030", "cp037", "nothing"):
    tried(f"csv in {encoding}", lambda: (pd.DataFrame({"a": ["abc"]}).to_csv("l.csv", encoding=encoding), pd.read_csv("l.csv", encoding=encoding).shape)[1])
for how in ("snappy", "gzip", "brotli", "zstd", "lz4", "lzo", None):
    tried(f"parquet {how}", lambda: (frame.to_parquet("p", compression=how), pd.read_parquet("p", filters=[("i", ">", 1)]).shape)[1])
tried("parquet parts", lambda: (frame.to_parquet("parts", partition_cols=["b"]), pd.read_parquet("parts").shape)[1])
tried("fastparquet", lambda: frame.to_parquet("p", engine="fastparquet"))
for place in ("s3://bucket/x.csv", "gs://bucket/x", "http://127.0.0.1:9/x.csv", "memory://x.csv", "abfs://x/y"):
    tried(f"read {place}", lambda: pd.read_csv(place))
import sqlite3, sqlalchemy
tried("sql", lambda: (frame.to_sql("t", sqlite3.connect("a.db"), index=False), pd.read_sql("select sum(i) from t", sqlite3.connect("a.db")).iloc[0, 0]))
tried("alchemy", lambda: (frame.to_sql("u", sqlalchemy.create_engine("sqlite:///a.db")), pd.read_sql_table("u", "sqlite:///a.db").shape)[1])
for url in ("postgresql://u@127.0.0.1/x", "mysql+pymysql://u@127.0.0.1/x", "duckdb:///x", "oracle://x", "mssql+pyodbc://x", "nothing://x"):
    tried(f"alchemy {url}", lambda: sqlalchemy.create_engine(url).dialect.name)
tried("eval", lambda: [frame.eval("i * 2 + f", engine=engine).sum() for engine in ("numexpr", "python")])
tried("query", lambda: frame.query("i > 1 and s == 'größer'").shape)
tried("numba", lambda: (frame.i.astype(float).rolling(2).mean(engine="numba").iloc[-1], frame.groupby("c").i.mean(engine="numba").iloc[0]))
tried("interpolate", lambda: [round(float(pd.Series([1, np.nan, 4, 9.0, 16, 25, 36]).interpolate(how).iloc[1]), 3) for how in ("linear", "cubic", "pchip", "akima", "nearest", "spline", "barycentric", "krogh") if how != "spline"])
tried("windows", lambda: [round(float(pd.Series(range(5)).rolling(3, win_type=kind).sum().iloc[-1]), 3) for kind in ("hann", "triang", "blackman", "bartlett")])
tried("correlation", lambda: [round(pd.Series([1, 2, 3]).corr(pd.Series([1, 3, 2]), method=how), 3) for how in ("pearson", "kendall", "spearman")])
tried("zones", lambda: [str(pd.Timestamp("2026-07-01", tz=zone).utcoffset()) for zone in ("Europe/Berlin", "US/Pacific", "Asia/Kolkata", "dateutil/America/New_York", "UTC")])
tried("pytz", lambda: str(pd.Timestamp("2026-07-01", tz=__import__("pytz").timezone("Asia/Tokyo"))))
tried("no zone", lambda: pd.Timestamp("2026-07-01", tz="Nowhere/City"))
tried("names", lambda: (pd.Timestamp("2026-07-01").day_name("de_DE.UTF-8"), pd.Timestamp("2026-07-01").month_name("fr_FR.UTF-8")))
from pandas.tseries.holiday import USFederalHolidayCalendar
tried("holidays", lambda: len(USFederalHolidayCalendar().holidays("2026-01-01", "2026-12-31")))
tried("offsets", lambda: [str(pd.Timestamp("2026-01-01") + pd.tseries.frequencies.to_offset(code))[:10] for code in ("B", "ME", "QE", "YE", "W-MON", "BME", "SME", "C", "5min")])
tried("arrow strings", lambda: (pd.Series(["a", None], dtype="string[pyarrow]").str.upper().tolist(), pd.Series([1, 2], dtype="int64[pyarrow]").sum(), str(frame.convert_dtypes(dtype_backend="pyarrow").dtypes.iloc[0])))
tried("sparse", lambda: pd.DataFrame.sparse.from_spmatrix(__import__("scipy.sparse").sparse.eye(3)).sparse.density)
for back in ("matplotlib", "plotly", "nothing"):
    tried(f"plot {back}", lambda: type(frame[["i", "f"]].plot(backend=back)).__name__)
import matplotlib; matplotlib.use("agg")
for kind in ("line", "bar", "barh", "hist", "box", "kde", "area", "pie", "scatter", "hexbin"):
    tried(f"plot {kind}", lambda: type(frame.plot(kind=kind, x="i", y="f") if kind != "pie" else frame.plot.pie(y="i")).__name__)
tried("scatter matrix", lambda: pd.plotting.scatter_matrix(frame[["i", "i"]]).shape)
tried("versions", lambda: (pd.show_versions(), "shown")[1] if False else (__import__("contextlib").redirect_stdout(io.StringIO()).__enter__(), pd.show_versions(), setattr(sys, "stdout", sys.__stdout__), "shown")[3])
tried("xarray", lambda: frame.to_xarray())
tried("options", lambda: (pd.describe_option("display.max_rows", _print_desc=False)[:20], pd.get_option("mode.copy_on_write")))
tried("table schema", lambda: (pd.set_option("display.html.table_schema", True), sorted(frame._repr_data_resource_())[:2])[1])
tried("interchange", lambda: pd.api.interchange.from_dataframe(frame.__dataframe__()).shape)
tried("sas, spss", lambda: pd.read_spss("x.sav"))
tried("sas", lambda: pd.read_sas(io.BytesIO(b"0" * 2000), format="xport"))
tried("tests", lambda: pd.testing.assert_frame_equal(frame, frame.assign(i=0)))

import pyarrow as pa, pyarrow.compute as pc, pyarrow.csv, pyarrow.json, pyarrow.parquet as pq, pyarrow.feather, pyarrow.orc, pyarrow.dataset as ds, pyarrow.ipc, pyarrow.fs as fs
table = pa.Table.from_pandas(frame.drop(columns="c"))
tried("codecs", lambda: [(name, pa.Codec(name).decompress(pa.Codec(name).compress(b"a" * 100), 100) == b"a" * 100) for name in ("gzip", "bz2", "brotli", "lz4", "zstd", "snappy") if pa.Codec.is_available(name)])
tried("compute", lambda: (len(pc.list_functions()) > 200, pc.strftime(pa.array([0], pa.timestamp("s", "Asia/Tokyo")), format="%H %Z").to_pylist(), pc.utf8_normalize("e\u0301", form="NFC"), pc.match_substring_regex("tea", "t.a")))
tried("unknown zone", lambda: pc.strftime(pa.array([0], pa.timestamp("s", "Nowhere"))))
tried("dataset", lambda: (ds.write_dataset(table, "ds", format="parquet", partitioning=["b"], existing_data_behavior="overwrite_or_ignore"), ds.dataset("ds", partitioning="hive").count_rows())[1])
tried("dataset kinds", lambda: [ds.dataset(pa.table({"a": [1]})).to_table().num_rows] + [(ds.write_dataset(pa.table({"a": [1]}), f"k.{form}", format=form, existing_data_behavior="overwrite_or_ignore"), ds.dataset(f"k.{form}", format=form).count_rows())[1] for form in ("csv", "feather", "orc") if form != "orc"])
tried("arrow csv, json", lambda: (pyarrow.csv.read_csv(io.BytesIO(b"a;b\n1;2"), parse_options=pyarrow.csv.ParseOptions(delimiter=";")).shape, pyarrow.json.read_json(io.BytesIO(b'{"a": [1]}')).schema.names))
tried("encrypted", lambda: __import__("pyarrow.parquet.encryption") and pyarrow.parquet.encryption.EncryptionConfiguration(footer_key="k").footer_key)
tried("acero", lambda: table.group_by("b").aggregate([("i", "sum")]).num_rows + table.join(table, "i").num_rows)
tried("substrait", lambda: __import__("pyarrow.substrait") and len(pa.substrait.get_supported_functions()) > 10)
tried("flight", lambda: __import__("pyarrow.flight") and pa.flight.FlightServerBase("grpc://127.0.0.1:0").port > 0)
tried("flight fails", lambda: list(pa.flight.connect("grpc://127.0.0.1:9").list_flights(options=pa.flight.FlightCallOptions(timeout=3))))
for place in ("s3://b/k", "gs://b/k", "hdfs://127.0.0.1:9/x", "file:///tmp", "mock://x", "abfs://a@b/k"):
    tried(f"fs {place}", lambda: type(fs.FileSystem.from_uri(place)[0]).__name__)
tried("s3 fails", lambda: fs.S3FileSystem(endpoint_override="127.0.0.1:9", access_key="a", secret_key="b", connect_timeout=1, request_timeout=1, retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=1)).get_file_info("b/k"))
tried("udf", lambda: pc.register_scalar_function(lambda context, x: pc.add(x, 1), "plus1", {"summary": "", "description": ""}, {"x": pa.int64()}, pa.int64()) or pc.call_function("plus1", [pa.array([1])]).to_pylist())
tried("cuda", lambda: __import__("pyarrow.cuda"))
tried("places", lambda: (os.path.isdir(pa.get_include()), os.path.isdir(pa.get_library_dirs()[0]), bool(pa.get_libraries())))
tried("info", lambda: pa.runtime_info().simd_level != "")
sys.stdout.flush(); os._exit(0)
