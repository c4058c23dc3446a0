"""Stores of vectors that keep files."""

import tempfile

from papers.texts.vectors import SIZE, hashed


def lancedb(query: str, passages: list[tuple[str, str]], n: int) -> list:
    import lancedb as library

    vectors = hashed([text for _, text in passages])
    with tempfile.TemporaryDirectory() as folder:
        table = library.connect(folder).create_table(
            "t", [{"name": name, "text": text, "vector": vector} for (name, text), vector in zip(passages, vectors, strict=True)]
        )
        table.create_scalar_index("name")
        table.create_fts_index("text", use_tantivy=False)
        near = table.search(hashed([query])[0]).distance_type("cosine").limit(n).to_pandas()
        words = table.search(query, query_type="fts").limit(n).to_list()
        found = table.search(hashed([query])[0]).where(f"name = '{passages[0][0]}'", prefilter=True).limit(1).to_arrow()
        return [*near["text"], *(row["text"] for row in words), found.num_rows]


def chromadb(query: str, passages: list[tuple[str, str]], n: int) -> list:
    import chromadb as library
    from chromadb.config import Settings

    with tempfile.TemporaryDirectory() as folder:
        client = library.PersistentClient(folder, Settings(anonymized_telemetry=False))
        collection = client.create_collection("tea", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
        collection.add(
            ids=[str(number) for number in range(len(passages))],
            documents=[text for _, text in passages],
            embeddings=hashed([text for _, text in passages]),
            metadatas=[{"name": name} for name, _ in passages],
        )
        found = collection.query(
            query_embeddings=hashed([query]), n_results=min(n, len(passages)), where={"name": {"$ne": "nothing"}}, where_document={"$contains": "e"}
        )
        return found["documents"][0]


def qdrant(query: str, passages: list[tuple[str, str]], n: int) -> list:
    from qdrant_client import QdrantClient, models

    with tempfile.TemporaryDirectory() as folder:
        client = QdrantClient(path=folder)
        client.create_collection("t", vectors_config=models.VectorParams(size=SIZE, distance=models.Distance.COSINE))
        vectors = hashed([text for _, text in passages])
        client.upsert(
            "t",
            [
                models.PointStruct(id=number, vector=vector.tolist(), payload={"name": name, "text": text})
                for number, ((name, text), vector) in enumerate(zip(passages, vectors, strict=True))
            ],
        )
        found = client.query_points(
            "t",
            query=hashed([query])[0].tolist(),
            limit=n,
            query_filter=models.Filter(must=[models.FieldCondition(key="name", match=models.MatchAny(any=[name for name, _ in passages]))]),
        )
        client.close()
        return [[round(point.score, 3), point.payload["text"]] for point in found.points]
