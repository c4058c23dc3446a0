"""Splitters, tokenizers, telemetry, formats, data bases beyond the profile."""
import asyncio
import logging
import os
import tempfile
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
os.chdir(tempfile.mkdtemp())
os.environ["TIKTOKEN_CACHE_DIR"] = os.getcwd()


def attempt(name, action):
    try:
        print(name, action(), flush=True)
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:60], flush=True)


import langchain_text_splitters as splitters

text = "# Tea\n\nA cup of tea. A glass of milk.\n\n## Cup\n\nThe cup is full. " * 3
for name in sorted(splitters.__all__):
    attempt(name, lambda: getattr(splitters, name).__name__ if not callable(getattr(getattr(splitters, name), "split_text", None)) or name in ("Language",) else len(getattr(splitters, name)(*(([("#", "a")],) if "Header" in name else ())).split_text(text)) > 0)
for language in splitters.Language:
    attempt(language.value, lambda: len(splitters.RecursiveCharacterTextSplitter.from_language(language, chunk_size=30, chunk_overlap=0).split_text(text)) > 0)
attempt("tiktoken", lambda: splitters.TokenTextSplitter())
import langchain_core

attempt("prompts", lambda: __import__("langchain_core.prompts", fromlist=["a"]).ChatPromptTemplate.from_messages([("system", "a {b}")]).format(b=1))
attempt("jinja", lambda: __import__("langchain_core.prompts", fromlist=["a"]).PromptTemplate.from_template("{{ b }}", template_format="jinja2").format(b=1))
attempt("mustache", lambda: __import__("langchain_core.prompts", fromlist=["a"]).PromptTemplate.from_template("{{ b }}", template_format="mustache").format(b=1))
attempt("chain", lambda: (__import__("langchain_core.runnables", fromlist=["a"]).RunnableLambda(lambda x: x + 1) | (lambda x: x * 2)).invoke(1))
attempt("parsers", lambda: [getattr(__import__("langchain_core.output_parsers", fromlist=["a"]), name).__name__ for name in ("JsonOutputParser", "XMLOutputParser", "StrOutputParser", "PydanticOutputParser")])
attempt("memory store", lambda: __import__("langchain_core.vectorstores", fromlist=["a"]).InMemoryVectorStore(__import__("langchain_core.embeddings", fromlist=["a"]).DeterministicFakeEmbedding(size=4)).add_texts(["tea"]) != [])
attempt("fake model", lambda: __import__("langchain_core.language_models", fromlist=["a"]).FakeListChatModel(responses=["tea"]).invoke("x").content)
attempt("graph", lambda: __import__("langchain_core.runnables", fromlist=["a"]).RunnableLambda(abs).get_graph().draw_mermaid()[:3])
attempt("ascii", lambda: __import__("langchain_core.runnables", fromlist=["a"]).RunnableLambda(abs).get_graph().draw_ascii())
attempt("load", lambda: __import__("langchain_core.load", fromlist=["a"]).loads(__import__("langchain_core.load", fromlist=["a"]).dumps(__import__("langchain_core.documents", fromlist=["a"]).Document("x"))).page_content)
from llama_index.core import Document, VectorStoreIndex, set_global_tokenizer
from llama_index.core.node_parser import (
    CodeSplitter, HierarchicalNodeParser, HTMLNodeParser, JSONNodeParser, MarkdownNodeParser, SemanticSplitterNodeParser, SentenceSplitter, SentenceWindowNodeParser, TokenTextSplitter,
)  # fmt: skip

set_global_tokenizer(str.split)
for kind in (SentenceSplitter, TokenTextSplitter, SentenceWindowNodeParser, MarkdownNodeParser, HierarchicalNodeParser, HTMLNodeParser, JSONNodeParser, CodeSplitter):
    attempt(kind.__name__, lambda: len((kind("python") if kind is CodeSplitter else kind.from_defaults()).get_nodes_from_documents([Document(text=text)])) > 0)


def fake():
    from llama_index.core.embeddings import MockEmbedding

    return MockEmbedding(4)


def index():
    from llama_index.core import StorageContext, load_index_from_storage
    from llama_index.core.llms import MockLLM

    made = VectorStoreIndex.from_documents([Document(text=text)], embed_model=fake())
    made.storage_context.persist("kept")
    again = load_index_from_storage(StorageContext.from_defaults(persist_dir="kept"), embed_model=fake())
    return [len(str(again.as_query_engine(llm=MockLLM(5), response_mode=mode).query("tea?"))) > 0 for mode in ("compact", "refine", "tree_summarize", "simple_summarize", "accumulate", "no_text")]


attempt("semantic again", lambda: len(SemanticSplitterNodeParser(embed_model=fake()).get_nodes_from_documents([Document(text=text)])) > 0)
attempt("index", index)
attempt("summary", lambda: type(__import__("llama_index.core", fromlist=["a"]).SummaryIndex.from_documents([Document(text=text)])).__name__)
attempt("keywords", lambda: type(__import__("llama_index.core", fromlist=["a"]).SimpleKeywordTableIndex.from_documents([Document(text=text)])).__name__)
attempt("reader", lambda: (open("x.md", "w").write(text), len(__import__("llama_index.core", fromlist=["a"]).SimpleDirectoryReader(".", recursive=False, required_exts=[".md"]).load_data()))[1])
attempt("agent", lambda: [getattr(__import__("llama_index.core.agent.workflow", fromlist=["a"]), name).__name__ for name in ("FunctionAgent", "ReActAgent")])
attempt("default model", lambda: VectorStoreIndex.from_documents([Document(text=text)]))
attempt("chat", lambda: type(VectorStoreIndex.from_documents([Document(text=text)], embed_model=fake()).as_chat_engine("context", llm=__import__("llama_index.core.llms", fromlist=["a"]).MockLLM())).__name__)
attempt("stop words", lambda: len(__import__("llama_index.core.utils", fromlist=["a"]).globals_helper.stopwords) > 100)
import tiktoken

attempt("encodings", lambda: tiktoken.list_encoding_names())
attempt("cl100k", lambda: tiktoken.get_encoding("cl100k_base"))
attempt("for a model", lambda: tiktoken.encoding_name_for_model("gpt-4o"))
attempt("educational", lambda: __import__("tiktoken._educational", fromlist=["a"]).__name__)
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

for model, trainer in ((models.BPE(), trainers.BpeTrainer), (models.WordPiece(unk_token="?"), trainers.WordPieceTrainer), (models.Unigram(), trainers.UnigramTrainer), (models.WordLevel(unk_token="?"), trainers.WordLevelTrainer)):

    def trained():
        made = Tokenizer(model)
        made.normalizer, made.pre_tokenizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]), pre_tokenizers.Whitespace()
        made.train_from_iterator([text], trainer(vocab_size=60, show_progress=False, special_tokens=["?"]))
        return len(made.encode("tea").ids) > 0

    attempt(trainer.__name__, trained)
attempt("hub", lambda: Tokenizer.from_pretrained("bert-base-uncased"))
import fsspec

print(len(fsspec.available_protocols()) > 20, "vector" in fsspec.available_protocols())
for name in sorted(fsspec.available_protocols()):
    if name not in ("vector2",):
        attempt(f"protocol {name}", lambda: fsspec.get_filesystem_class(name).__name__)
attempt("own", lambda: fsspec.filesystem("vector").cat_file("tea"))
attempt("memory", lambda: (fsspec.filesystem("memory").pipe("/a", b"1"), fsspec.open("simplecache::memory:///a").open().read())[1])
attempt("zip", lambda: (lambda f: (f.__enter__(), f.__exit__(None, None, None)) and "zip")(fsspec.open("zip://a.txt::file://" + os.getcwd() + "/a.zip", "w")))
for kind in ("gzip", "bz2", "xz", "zstd", "lz4", "snappy", "zip"):
    attempt(f"compression {kind}", lambda: fsspec.open(f"x.{kind}", "wb", compression=kind).open().close())
attempt("http", lambda: fsspec.open("http://localhost:1/a").open().read())
attempt("s3", lambda: fsspec.filesystem("s3", key="a", secret="b", endpoint_url="http://localhost:1", config_kwargs={"retries": {"max_attempts": 0}, "connect_timeout": 0.2}).ls("a"))
import botocore.session

session = botocore.session.get_session()
for name in ("s3", "sts", "sso", "sso-oidc", "sqs", "dynamodb", "bedrock-runtime", "secretsmanager"):
    attempt(f"aws {name}", lambda: len(session.create_client(name, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b").meta.service_model.operation_names) > 0)
attempt("aws services", lambda: len(session.get_available_services()) > 200)
attempt("paginate", lambda: session.create_client("s3", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b").can_paginate("list_objects_v2"))
attempt("wait", lambda: session.create_client("s3", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b").waiter_names[:1])
attempt("regions", lambda: len(session.get_available_regions("s3", "aws-cn")) > 0)
import sqlalchemy as sa

kept = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer, primary_key=True), sa.Column("b", sa.JSON), sa.Column("c", sa.Uuid), sa.Column("d", sa.Enum("x", "y", name="e")))
for address in ("postgresql+psycopg", "postgresql+asyncpg", "postgresql", "mysql", "mysql+pymysql", "mssql", "oracle", "sqlite", "sqlite+aiosqlite", "nothing", "duckdb"):
    attempt(address, lambda: sa.create_engine(f"{address}://").dialect.driver)
for dialect in ("postgresql", "mysql", "mssql", "oracle", "sqlite"):
    attempt(f"ddl {dialect}", lambda: len(str(sa.schema.CreateTable(kept).compile(dialect=__import__(f"sqlalchemy.dialects.{dialect}", fromlist=["a"]).dialect()))) > 20)


async def later():
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(kept.metadata.create_all)
        return (await connection.execute(sa.insert(kept).values(b={"x": 1}, d="x"))).rowcount


attempt("async", lambda: asyncio.run(later()))
attempt("extensions", lambda: [__import__(f"sqlalchemy.ext.{name}", fromlist=["a"]).__name__ for name in ("automap", "hybrid", "mutable", "orderinglist", "associationproxy", "baked", "compiler", "declarative", "horizontal_shard", "indexable", "serializer")])
attempt("psycopg", lambda: __import__("psycopg").connect("host=127.0.0.1 port=1 connect_timeout=1"))
attempt("psycopg kind", lambda: __import__("psycopg").pq.__impl__)
attempt("psycopg types", lambda: [__import__(f"psycopg.types.{name}", fromlist=["a"]).__name__ for name in ("json", "range", "multirange", "hstore", "composite", "enum", "shapely" if False else "net", "numpy", "uuid", "array", "datetime")])
attempt("asyncpg", lambda: asyncio.run(__import__("asyncpg").connect("postgresql://127.0.0.1:1/x", timeout=1)))
attempt("redis", lambda: __import__("redis").Redis(port=1).ping())
attempt("redis cluster", lambda: __import__("redis").RedisCluster(port=1))
attempt("redis async", lambda: asyncio.run(__import__("redis.asyncio", fromlist=["a"]).Redis(port=1).ping()))
attempt("redis parts", lambda: [__import__(f"redis.{name}", fromlist=["a"]).__name__ for name in ("sentinel", "ocsp" if False else "lock", "commands.search", "commands.json", "commands.timeseries", "commands.bf", "credentials", "backoff")])
import msgpack
import orjson

attempt("formats", lambda: (msgpack.unpackb(msgpack.packb({"a": [1, 2.5, None]})), orjson.dumps({"a": __import__("numpy").ones(2)}, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2), __import__("msgpack.fallback", fromlist=["a"]).__name__))
attempt("zstd", lambda: __import__("zstandard").ZstdDecompressor().decompress(__import__("zstandard").ZstdCompressor(level=19).compress(b"tea" * 99))[:3])
import prometheus_client as p

attempt("prometheus", lambda: [len(p.generate_latest()) > 100, p.openmetrics.exposition.__name__ if __import__("prometheus_client.openmetrics.exposition") else "", [__import__(f"prometheus_client.{name}", fromlist=["a"]).__name__ for name in ("asgi", "bridge.graphite", "multiprocess", "parser", "platform_collector")]])
attempt("pushed", lambda: p.push_to_gateway("localhost:1", "j", p.REGISTRY))
attempt("twisted", lambda: __import__("prometheus_client.twisted"))
import sentry_sdk
import sentry_sdk.integrations as integrations

attempt("sentry", lambda: len(integrations._DEFAULT_INTEGRATIONS) > 5)
for name in sorted(__import__("sentry_sdk.integrations", fromlist=["a"])._AUTO_ENABLING_INTEGRATIONS):
    attempt(name.split(".")[-1], lambda: __import__(name.rpartition(".")[0], fromlist=["a"]).__name__)


def captured():
    events = []
    sentry_sdk.init("http://a@localhost:1/1", before_send=lambda event, hint: events.append(event) or None, default_integrations=True)
    try:
        1 / 0
    except ZeroDivisionError:
        sentry_sdk.capture_exception()
    return [event["exception"]["values"][0]["type"] for event in events]


attempt("sentry event", captured)
from importlib.metadata import entry_points

for group in ("opentelemetry_traces_exporter", "opentelemetry_metrics_exporter", "opentelemetry_logs_exporter", "opentelemetry_propagator", "opentelemetry_id_generator", "opentelemetry_traces_sampler", "opentelemetry_resource_detector", "opentelemetry_environment_variables", "opentelemetry_context", "opentelemetry_tracer_provider", "opentelemetry_instrumentor", "opentelemetry_distro", "opentelemetry_configurator", "celery.result_backends", "fsspec.specs", "sqlalchemy.dialects", "kombu.serializers", "tiktoken_ext", "gunicorn.loggers"):
    for item in sorted(entry_points(group=group), key=lambda item: item.name):
        attempt(f"{group} {item.name}", lambda: item.load().__name__)
import structlog

attempt("structlog", lambda: [hasattr(structlog, name) for name in ("stdlib", "twisted", "testing", "threadlocal", "typing", "tracebacks", "processors", "dev")])
attempt("structlog rich", lambda: structlog.dev.RichTracebackFormatter().__class__.__name__)
import kombu

for name in sorted(kombu.transport.TRANSPORT_ALIASES) if hasattr(kombu, "transport") else []:
    attempt(f"transport {name}", lambda: kombu.transport.resolve_transport(name).__name__)
import celery.app.backends
import celery.concurrency

for name in sorted(celery.app.backends.BACKEND_ALIASES):
    attempt(f"back end {name}", lambda: celery.app.backends.by_name(name).__name__)
for name in sorted(celery.concurrency.get_available_pool_names()):
    attempt(f"pool {name}", lambda: celery.concurrency.get_implementation(name).__name__)
attempt("serialisers", lambda: sorted(kombu.serialization.registry._encoders) if __import__("kombu.serialization") else None)
attempt("yaml", lambda: kombu.serialization.dumps({"a": 1}, "yaml")[2])
attempt("compressions", lambda: sorted(__import__("kombu.compression", fromlist=["a"]).encoders()))
import httpx

attempt("http 2", lambda: httpx.Client(http2=True).get("http://localhost:1"))
attempt("socks", lambda: httpx.Client(proxy="socks5://localhost:1").get("http://x"))
attempt("decoders", lambda: sorted(__import__("httpx._decoders", fromlist=["a"]).SUPPORTED_DECODERS))
os._exit(0)
