"""Indexes of vectors within the process."""

import tempfile

import numpy

from papers.texts.vectors import SIZE, embedded, hashed


def _faiss(query: str, passages: list[tuple[str, str]], n: int, description: str) -> list:
    import faiss

    texts = [text for _, text in passages] * 40 if "," in description else [text for _, text in passages]
    vectors = hashed(texts)
    index = faiss.index_factory(SIZE, description, faiss.METRIC_INNER_PRODUCT)
    faiss.omp_set_num_threads(1)
    if not index.is_trained:
        index.train(vectors)
    index.add(vectors)
    copy = faiss.deserialize_index(faiss.serialize_index(index))
    scores, numbers = copy.search(hashed([query]), n)
    return [[round(float(score), 2), texts[number]] for score, number in zip(scores[0], numbers[0], strict=True) if number >= 0]


def flat(query: str, passages: list[tuple[str, str]], n: int) -> list:
    return _faiss(query, passages, n, "Flat")


def ivf(query: str, passages: list[tuple[str, str]], n: int) -> list:
    return _faiss(query, passages, n, "PCA16,IVF2,Flat")


def quantized(query: str, passages: list[tuple[str, str]], n: int) -> list:
    return _faiss(query, passages, n, "SQ8")


def graph(query: str, passages: list[tuple[str, str]], n: int) -> list:
    return _faiss(query, passages, n, "HNSW8")


def hnswlib(query: str, passages: list[tuple[str, str]], n: int) -> list:
    import hnswlib as library

    index = library.Index("cosine", SIZE)
    index.init_index(max_elements=len(passages), random_seed=1)
    index.add_items(hashed([text for _, text in passages]), num_threads=1)
    with tempfile.NamedTemporaryFile() as file:
        index.save_index(file.name)
        index.load_index(file.name)
    numbers, distances = index.knn_query(hashed([query]), k=min(n, len(passages)))
    return [[round(float(distance), 3), passages[number][1]] for number, distance in zip(numbers[0], distances[0], strict=True)]


def usearch(query: str, passages: list[tuple[str, str]], n: int) -> list:
    from usearch.index import Index

    index = Index(ndim=SIZE, metric="cos", dtype="f16")
    index.add(numpy.arange(len(passages)), hashed([text for _, text in passages]))
    found = index.search(hashed([query])[0], n)
    return [[round(float(match.distance), 2), passages[int(match.key)][1]] for match in found]


def sqlitevec(query: str, passages: list[tuple[str, str]], n: int) -> list:
    import pysqlite3 as sqlite3
    import sqlite_vec

    connection = sqlite3.connect(":memory:")
    connection.enable_load_extension(True)
    sqlite_vec.load(connection)
    connection.enable_load_extension(False)
    connection.execute(f"create virtual table v using vec0(e float[{SIZE}])")
    vectors = hashed([text for _, text in passages])
    connection.executemany("insert into v(rowid, e) values (?, ?)", [(number, sqlite_vec.serialize_float32(vector)) for number, vector in enumerate(vectors)])
    rows = connection.execute("select rowid, distance from v where e match ? order by distance limit ?", (sqlite_vec.serialize_float32(hashed([query])[0]), n))
    return [[round(distance, 3), passages[number][1]] for number, distance in rows]


def onnx(query: str, passages: list[tuple[str, str]], n: int) -> list:
    scores = embedded([text for _, text in passages]) @ embedded([query])[0]
    return [[round(float(scores[number]), 2), passages[number][1]] for number in numpy.argsort(-scores, kind="stable")[:n]]
