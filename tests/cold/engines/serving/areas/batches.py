"""Chores of Spark: batches beside the service."""

import os
import tempfile
from pathlib import Path

from serving.shared import MODELS, Tries


def _session(**settings: str):
    from pyspark.sql import SparkSession

    folder = tempfile.mkdtemp()
    builder = (
        SparkSession.builder.master("local[1]").appName("batches").config("spark.ui.enabled", "false").config("spark.sql.warehouse.dir", f"{folder}/warehouse")
    )
    builder = (
        builder.config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.driver.memory", "600m")
    )
    builder = builder.config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC").config("spark.ui.showConsoleProgress", "false")
    for name, value in settings.items():
        builder = builder.config(name.replace("__", "."), value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session, Path(folder)


def tables() -> dict:
    """SQL, forms of files, codecs, time zones, errors."""
    from pyspark.sql import functions as f
    from pyspark.sql.window import Window

    tried = Tries(90)
    spark, folder = _session()
    cups = spark.createDataFrame([(1, "tea", 2.5), (2, "coffee", 3.0), (3, "tea", 1.5)], "id int, kind string, price double")
    cups.createOrReplaceTempView("cups")
    sql = lambda text: [list(row) for row in spark.sql(text).collect()]  # noqa: E731
    tried("grouped", lambda: sql("select kind, sum(price), percentile(price, 0.5), collect_list(id) from cups group by kind order by kind"))
    tried("window", lambda: [list(row) for row in cups.select("id", f.rank().over(Window.partitionBy("kind").orderBy("price"))).orderBy("id").collect()])
    tried("joined", lambda: sql("select a.id, b.id from cups a join cups b on a.kind = b.kind and a.id < b.id"))
    tried(
        "texts",
        lambda: sql(
            "select upper(kind), sha2(kind, 256), regexp_extract(kind, '(.)ea', 1), soundex(kind), crc32(kind), base64(encode(kind, 'UTF-16')) from cups where id = 1"
        ),
    )
    tried(
        "times",
        lambda: sql(
            "select date_format(from_utc_timestamp(timestamp'2026-07-01 12:00:00', 'Asia/Tokyo'), 'yyyy-MM-dd HH:mm EEEE'), to_unix_timestamp('2026-01-01', 'yyyy-MM-dd') > 0"
        ),
    )
    tried(
        "json",
        lambda: sql(
            """select from_json('{"a": [1, 2]}', 'a array<int>').a[1], to_json(struct(1 as x)), get_json_object('{"b": 3}', '$.b'), schema_of_json('{"c": 1}')"""
        ),
    )
    tried(
        "xml",
        lambda: sql(
            "select xpath_int('<a><b>4</b></a>', 'a/b'), from_xml('<p><x>1</x></p>', 'x int').x, url_encode('a b'), parse_url('http://x.example/p?q=1', 'QUERY', 'q')"
        ),
    )
    tried(
        "variant",
        lambda: sql(
            """select variant_get(parse_json('{"k": 5}'), '$.k', 'int'), aes_decrypt(aes_encrypt('tea', '0123456789abcdef'), '0123456789abcdef') = cast('tea' as binary), collation('x' collate UNICODE_CI)"""
        ),
    )
    tried("collated", lambda: sql("select 'TEA' collate UNICODE_CI = 'tea' collate UNICODE_CI, 'é' collate FR_AI = 'e' collate FR_AI"))
    for form in ("parquet", "orc", "csv", "xml", "avro", "nothing"):

        def kept(form: str = form) -> list:
            options = {"rowTag": "cup"} if form == "xml" else {}
            cups.coalesce(1).write.format(form).options(**options).save(str(folder / form))
            return [spark.read.format(form).options(**options).load(str(folder / form)).count()]

        tried(f"form {form}", kept if form != "nothing" else lambda kept=kept: _first(kept, "SparkClassNotFoundException"))
    for codec in ("snappy", "zstd", "lz4_raw", "lzo"):

        def packed(codec: str = codec) -> list:
            cups.coalesce(1).write.option("compression", codec).parquet(str(folder / f"packed-{codec}"))
            return [spark.read.parquet(str(folder / f"packed-{codec}")).count()]

        tried(f"codec {codec}", packed if codec != "lzo" else lambda packed=packed: _first(packed, "BadConfigurationException"))
    for codec in ("bzip2", "snappy"):
        tried(
            f"text codec {codec}",
            lambda codec=codec: (
                cups.coalesce(1).write.option("compression", codec).json(str(folder / f"text-{codec}"))
                or spark.read.json(str(folder / f"text-{codec}")).count()
            ),
        )
    for codec in ("lz4", "lzf", "snappy", "zstd"):
        tried(
            f"broadcast {codec}",
            lambda codec=codec: (
                spark.sparkContext._jvm.org.apache.spark.io.CompressionCodec.createCodec(spark.sparkContext._jsc.sc().conf(), codec).getClass().getSimpleName()
            ),
        )
    for text in ("select nothing from cups", "select * from gone", "selec 1", "select 1/0", "select cast('x' as int)", "select assert_true(false, 'no')"):
        tried(text, lambda text=text: sql(text))
    tried("explained", lambda: "Scan" in cups._jdf.queryExecution().toString())
    tried("catalog", lambda: [item.name for item in spark.catalog.listTables()])
    tried("table", lambda: cups.write.saveAsTable("kept") or spark.table("kept").count())
    tried("scripted", lambda: sql("begin declare x int default 1; set x = x + 1; select x; end"))
    spark.stop()
    return tried.done


def learned() -> dict:
    """Functions in Python, MLlib, streams."""
    from pyspark.sql import functions as f

    tried = Tries(90)
    os.environ["OMP_NUM_THREADS"] = "1"
    spark, folder = _session()
    rows = spark.createDataFrame(
        [(float(n), float(n % 3), n % 2, "a cup of tea" if n % 2 else "a pot of coffee") for n in range(8)], "x double, y double, label int, text string"
    )
    tried("udf", lambda: [row[0] for row in rows.select(f.udf(lambda x: x * 2, "double")("x")).limit(2).collect()])

    def arrow() -> list:
        @f.pandas_udf("double")
        def plus(x):
            return x + 1

        return [row[0] for row in rows.select(plus("x")).limit(2).collect()]

    def piped() -> list:
        from pyspark.ml import Pipeline, PipelineModel
        from pyspark.ml.classification import LogisticRegression
        from pyspark.ml.evaluation import BinaryClassificationEvaluator
        from pyspark.ml.feature import HashingTF, StopWordsRemover, StringIndexer, Tokenizer, VectorAssembler

        line = Pipeline(
            stages=[
                Tokenizer(inputCol="text", outputCol="w"),
                StopWordsRemover(inputCol="w", outputCol="s"),
                HashingTF(inputCol="s", outputCol="h", numFeatures=16),
                StringIndexer(inputCol="text", outputCol="k"),
                VectorAssembler(inputCols=["h", "x"], outputCol="features"),
                LogisticRegression(maxIter=3),
            ]
        )
        model = line.fit(rows)
        model.save(str(folder / "model"))
        found = PipelineModel.load(str(folder / "model")).transform(rows)
        return [round(BinaryClassificationEvaluator().evaluate(found), 2), StopWordsRemover.loadDefaultStopWords("german")[:2]]

    def fitted(name: str) -> list:
        from pyspark.ml import classification, clustering, feature, recommendation, regression

        data = feature.VectorAssembler(inputCols=["x", "y"], outputCol="features").transform(rows)
        if name == "ALS":
            made = recommendation.ALS(userCol="label", itemCol="label", ratingCol="x", rank=2, maxIter=1, seed=1).fit(rows)
            return [made.rank]
        if name == "PCA":
            return feature.PCA(k=1, inputCol="features", outputCol="p").fit(data).explainedVariance.toArray()
        kind = next(getattr(module, name) for module in (classification, clustering, regression) if hasattr(module, name))
        return [type(kind().setMaxIter(2).fit(data)).__name__]

    def streamed() -> list:
        query = (
            spark.readStream.format("rate")
            .option("rowsPerSecond", 5)
            .load()
            .selectExpr("value % 2 as v")
            .writeStream.format("memory")
            .queryName("seen")
            .option("checkpointLocation", str(folder / "c"))
            .trigger(processingTime="1 second")
            .start()
        )
        query.awaitTermination(5)
        query.stop()
        return [spark.sql("select count(*) >= 0 from seen").first()[0], query.exception()]

    def failing() -> list:
        return rows.select(f.udf(lambda x: 1 / 0, "double")("x")).collect()

    tried("arrow", arrow)
    tried("pandas", lambda: rows.toPandas().shape)
    tried("rdd", lambda: sorted(spark.sparkContext.parallelize(range(6), 1).map(lambda n: (n % 2, n)).reduceByKey(lambda a, b: a + b).collect()))
    tried("piped", piped)
    for name in ("KMeans", "LinearRegression", "PCA", "ALS"):
        tried(name, lambda name=name: fitted(name))
    tried("streamed", streamed)
    tried("failing", lambda: str(_first(failing)))
    tried("models", lambda: spark.read.text(str(MODELS / "texts.txt")).count())
    spark.stop()
    return tried.done


def _first(function, mark: str = "ZeroDivisionError") -> str:
    try:
        function()
    except Exception as error:
        return mark if mark in str(error) else type(error).__name__
    return "no error"
