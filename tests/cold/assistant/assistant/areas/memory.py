"""Memories of vectors."""


def chroma(space: str = "cosine") -> dict:
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(f"/tmp/chroma-{space}", Settings(anonymized_telemetry=False, allow_reset=True))
    client.reset()
    memory = client.create_collection("memory", configuration={"hnsw": {"space": space}}, embedding_function=None)
    memory.add(ids=["a", "b"], embeddings=[[1.0, 0.0], [0.0, 1.0]], documents=["tea", "milk"], metadatas=[{"n": 1}, {"n": 2}])
    found = memory.query(query_embeddings=[[0.9, 0.1]], n_results=1, where={"n": {"$lt": 2}}, where_document={"$contains": "te"})
    memory.update(ids=["a"], embeddings=[[0.5, 0.5]], documents=["green tea"])
    memory.delete(where={"n": 2})
    return {"found": found["documents"], "left": memory.count(), "now": memory.get(ids=["a"])["documents"]}


def chroma_default() -> dict:
    import chromadb

    memory = chromadb.EphemeralClient().get_or_create_collection("default")
    try:
        memory.add(ids=["a"], documents=["tea"])
    except Exception as error:
        return {"error": type(error).__name__}
    return {"count": memory.count()}


def chroma_functions() -> dict:
    from chromadb.utils import embedding_functions

    return {"known": len(embedding_functions.known_embedding_functions) > 5}


def qdrant() -> dict:
    from qdrant_client import QdrantClient, models

    client = QdrantClient(path="/tmp/qdrant")
    if client.collection_exists("m"):
        client.delete_collection("m")
    client.create_collection("m", vectors_config=models.VectorParams(size=2, distance=models.Distance.COSINE))
    client.upsert(
        "m", [models.PointStruct(id=1, vector=[1.0, 0.0], payload={"what": "tea"}), models.PointStruct(id=2, vector=[0.0, 1.0], payload={"what": "milk"})]
    )
    found = client.query_points(
        "m", query=[0.9, 0.1], limit=1, query_filter=models.Filter(must=[models.FieldCondition(key="what", match=models.MatchValue(value="tea"))])
    )
    client.close()
    return {"found": found.points[0].payload}


def words() -> dict:
    import bm25s
    from rank_bm25 import BM25Okapi
    from rapidfuzz import fuzz, process

    texts = ["a cup of tea", "a glass of milk", "water"]
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, show_progress=False), show_progress=False)
    found, _ = index.retrieve(bm25s.tokenize("tea", show_progress=False), k=1, show_progress=False)
    okapi = BM25Okapi([text.split() for text in texts]).get_scores(["milk"]).tolist()
    return {"bm25s": int(found[0][0]), "okapi": okapi.index(max(okapi)), "fuzzy": process.extractOne("glas milk", texts, scorer=fuzz.token_sort_ratio)[0]}


def language() -> dict:
    from langdetect import DetectorFactory, detect

    DetectorFactory.seed = 0
    return {
        text: detect(text)
        for text in ("Das ist eine Tasse Tee und ein Glas Milch", "Ceci est une tasse de thé et du lait", "これはお茶です", "This is a cup of tea with milk")
    }


def kept() -> dict:
    from cachetools import TTLCache
    from diskcache import Cache

    with Cache("/tmp/kept") as cache:
        cache.set("a", {"tea": 1}, expire=60)
        return {"disk": cache["a"], "ttl": len(TTLCache(2, 60))}
