"""Indexes of words."""

import sqlite3
import tempfile


def words(query: str, passages: list[tuple[str, str]], n: int) -> list:
    wanted = set(query.lower().split())
    ranked = sorted(((len(wanted & set(text.lower().split())), text) for _, text in passages), reverse=True)
    return [[score, text] for score, text in ranked[:n] if score]


def fts(query: str, passages: list[tuple[str, str]], n: int) -> list:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create virtual table t using fts5(name, text, tokenize='porter unicode61 remove_diacritics 2')")
        connection.executemany("insert into t values (?, ?)", passages)
        return [
            list(row) for row in connection.execute("select name, snippet(t, 1, '[', ']', '…', 8) from t where t match ? order by rank limit ?", (query, n))
        ]


def tantivy(query: str, passages: list[tuple[str, str]], n: int) -> list:
    import tantivy as library

    schema = library.SchemaBuilder().add_text_field("text", stored=True, tokenizer_name="en_stem").add_facet_field("place").build()
    index = library.Index(schema)
    writer = index.writer(20_000_000, 1)
    for name, text in passages:
        writer.add_document(library.Document(text=[text], place=library.Facet.from_string(f"/{name}")))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    hits = searcher.search(index.parse_query(query, ["text"]), n).hits
    return [[round(score, 3), searcher.doc(address)["text"][0]] for score, address in hits]


def whoosh(query: str, passages: list[tuple[str, str]], n: int) -> list:
    from whoosh import fields, index, qparser
    from whoosh.analysis import LanguageAnalyzer

    with tempfile.TemporaryDirectory() as folder:
        made = index.create_in(
            folder, fields.Schema(name=fields.ID(stored=True), text=fields.TEXT(stored=True, analyzer=LanguageAnalyzer("de"), spelling=True))
        )
        writer = made.writer()
        for name, text in passages:
            writer.add_document(name=name, text=text)
        writer.commit()
        with made.searcher() as searcher:
            parsed = qparser.MultifieldParser(["text"], made.schema, plugins=[qparser.FuzzyTermPlugin(), *qparser.QueryParser("text", None).plugins]).parse(
                query
            )
            return [[hit["name"], hit.highlights("text")] for hit in searcher.search(parsed, limit=n)]


def bm25s(query: str, passages: list[tuple[str, str]], n: int) -> list:
    import bm25s as library
    import snowballstemmer

    stemmer = snowballstemmer.stemmer("english")
    texts = [text for _, text in passages]
    index = library.BM25(method="bm25+")
    index.index(library.tokenize(texts, stopwords="en", stemmer=stemmer.stemWords, show_progress=False), show_progress=False)
    found, scores = index.retrieve(
        library.tokenize([query], stopwords="en", stemmer=stemmer.stemWords, show_progress=False), k=min(n, len(texts)), show_progress=False
    )
    return [[round(float(score), 3), texts[number]] for number, score in zip(found[0], scores[0], strict=True)]


def fuzzy(query: str, passages: list[tuple[str, str]], n: int) -> list:
    from rapidfuzz import fuzz, process, utils

    found = process.extract(query, [text for _, text in passages], scorer=fuzz.WRatio, processor=utils.default_process, limit=n)
    return [[round(score, 2), text] for text, score, _ in found]


def minhash(query: str, passages: list[tuple[str, str]], n: int) -> list:
    from datasketch import MinHash, MinHashLSHForest

    def sketch(text: str) -> MinHash:
        made = MinHash(num_perm=64, seed=3)
        made.update_batch([word.encode() for word in text.lower().split()])
        return made

    forest = MinHashLSHForest(num_perm=64)
    for number, (_, text) in enumerate(passages):
        forest.add(number, sketch(text))
    forest.index()
    return sorted([round(sketch(query).jaccard(sketch(passages[number][1])), 3), passages[number][1]] for number in forest.query(sketch(query), n))


def duckdb(query: str, passages: list[tuple[str, str]], n: int) -> list:
    import duckdb as library
    import pandas

    frame = pandas.DataFrame(passages, columns=["name", "text"])
    with library.connect() as connection:
        connection.register("frame", frame)
        return connection.execute(
            "select round(jaro_winkler_similarity(lower(text), lower(?)), 3) s, text, list_sort(regexp_extract_all(text, '[A-Z]\\w+')) from frame order by s desc, text limit ?",
            [query, n],
        ).fetchall()
