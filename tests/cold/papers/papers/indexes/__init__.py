"""Indexes by name. Each gets the query, pairs of a name and a passage, and how many are wanted."""

import importlib
import logging

_MODULES = {
    "words": "lexical",
    "fts": "lexical",
    "tantivy": "lexical",
    "whoosh": "lexical",
    "bm25s": "lexical",
    "fuzzy": "lexical",
    "minhash": "lexical",
    "duckdb": "lexical",
    "flat": "near",
    "ivf": "near",
    "quantized": "near",
    "graph": "near",
    "hnswlib": "near",
    "usearch": "near",
    "sqlitevec": "near",
    "onnx": "near",
    "lancedb": "stores",
    "chromadb": "stores",
    "qdrant": "stores",
    "elasticsearch": "servers",
    "opensearch": "servers",
    "weaviate": "servers",
    "meilisearch": "servers",
    "pgvector": "servers",
    "redis": "servers",
}
log = logging.getLogger("papers.indexes")


class UnknownIndex(ValueError):
    pass


def search(query: str, passages: list[tuple[str, str]], index: str, n: int) -> list:
    if index not in _MODULES:
        raise UnknownIndex(f"no index {index!r}")
    module = importlib.import_module(f"papers.indexes.{_MODULES[index]}")
    log.info("search by %s", index)
    return getattr(module, index)(query, passages, n)
