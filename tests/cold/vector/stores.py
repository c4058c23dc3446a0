"""faiss, lancedb, tantivy beyond the profile."""
import os
import tempfile
import warnings

warnings.simplefilter("ignore")
os.chdir(tempfile.mkdtemp())
import faiss
import numpy as np


def attempt(name, action):
    try:
        print(name, action())
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:30])


data = np.random.default_rng(1).random((400, 32), dtype="float32")
for kind in ("Flat", "HNSW8", "IVF4,Flat", "IVF4,PQ4x4", "PCA8,Flat", "LSH", "OPQ4_16,PQ4", "IDMap,Flat", "SQ8", "IVF4,SQfp16", "PQ4x4fs", "IVF4,PQ4x4fs,RFlat", "NSG8,Flat", "RaBitQ", "ITQ16,LSHrt", "HNSW8_SQ8", "Z"):

    def tried():
        index = faiss.index_factory(32, kind)
        index.train(data)
        index.add_with_ids(data, np.arange(400)) if kind.startswith("IDMap") else index.add(data)
        faiss.write_index(index, "a.index")
        return faiss.read_index("a.index", faiss.IO_FLAG_MMAP).ntotal

    attempt(kind, tried)
attempt("kmeans", lambda: faiss.Kmeans(32, 3, niter=2).train(data) >= 0)
attempt("binary", lambda: faiss.IndexBinaryFlat(64).ntotal)
attempt("ranges", lambda: len(faiss.IndexFlatL2(32).range_search(data[:2], 1.0)))
attempt("clone", lambda: faiss.clone_index(faiss.IndexFlatIP(32)).d)
attempt("contrib", lambda: [__import__(f"faiss.contrib.{name}", fromlist=["a"]).__name__ for name in ("ondisk", "exhaustive_search", "inspect_tools", "clustering", "evaluation")])
attempt("options", lambda: "OPTIMIZE" in faiss.get_compile_options() or faiss.get_compile_options() != "")
attempt("no gpu", lambda: faiss.StandardGpuResources())
attempt("pickle", lambda: __import__("pickle").loads(__import__("pickle").dumps(faiss.IndexFlatL2(4))).d)
import lancedb
import pyarrow as pa

base = lancedb.connect("lance")
table = base.create_table("t", [{"vector": row, "text": f"cup {n} of tea", "n": n} for n, row in enumerate(data)])
attempt("where", lambda: table.search(data[0]).where("n > 5").limit(3).to_pandas().shape)
attempt("polars", lambda: table.search(data[0]).limit(3).to_polars().height)
attempt("index", lambda: table.create_index(metric="cosine", num_partitions=2, num_sub_vectors=4, index_type="IVF_PQ"))
attempt("scalar", lambda: table.create_scalar_index("n", index_type="BTREE"))
attempt("words", lambda: (table.create_fts_index("text", use_tantivy=False), table.search("tea", query_type="fts").limit(2).to_arrow().num_rows)[1])
attempt("hybrid", lambda: table.search(query_type="hybrid").vector(data[0]).text("tea").rerank(__import__("lancedb.rerankers", fromlist=["a"]).RRFReranker()).limit(2).to_arrow().num_rows)
attempt("versions", lambda: (table.delete("n < 3"), table.checkout(1), table.count_rows(), table.restore(), table.count_rows())[2:])
attempt("merge", lambda: type(table.merge_insert("n").when_matched_update_all().when_not_matched_insert_all().execute([{"vector": data[0], "text": "x", "n": 1}])).__name__)
attempt("optimise", lambda: type(table.optimize()).__name__)
attempt("embeddings", lambda: sorted(__import__("lancedb.embeddings", fromlist=["a"]).EmbeddingFunctionRegistry.get_instance()._functions)[:5])
attempt("openai", lambda: __import__("lancedb.embeddings", fromlist=["a"]).get_registry().get("sentence-transformers").create())
attempt("rerankers", lambda: len(__import__("lancedb.rerankers", fromlist=["a"]).__all__) > 5)
attempt("cohere", lambda: __import__("lancedb.rerankers", fromlist=["a"]).CohereReranker(api_key="x"))
attempt("remote", lambda: lancedb.connect("db://x", api_key="y", region="z").table_names())
attempt("s3", lambda: lancedb.connect("s3://a/b", storage_options={"endpoint": "http://localhost:1", "aws_access_key_id": "a", "aws_secret_access_key": "b", "region": "x", "client_max_retries": "0", "allow_http": "true"}).uri)


def model():
    from lancedb.pydantic import LanceModel, Vector

    class Item(LanceModel):
        text: str
        vector: Vector(4)

    return Item


attempt("model", lambda: type(base.create_table("m", schema=model())).__name__)


async def later():
    connection = await lancedb.connect_async("lance")
    return await (await connection.open_table("t")).count_rows() > 300


attempt("async", lambda: __import__("asyncio").run(later()))
import tantivy

for name in ("en_stem", "raw", "whitespace", "default", "no"):

    def words():
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("body", stored=True, tokenizer_name=name)
        builder.add_integer_field("n", stored=True, fast=True)
        builder.add_facet_field("f")
        index = tantivy.Index(builder.build())
        writer = index.writer(15_000_000, 1)
        writer.add_document(tantivy.Document(body="cups of tea", n=1, f=tantivy.Facet.from_string("/a")))
        writer.commit()
        index.reload()
        return [index.searcher().search(index.parse_query(text, ["body"]), 3).count for text in ("tea", "cup", "te*", '"of tea"', "n:[0 TO 3]")]

    attempt(name, words)
attempt("analyser", lambda: tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.stemmer("german")).filter(tantivy.Filter.stopword("german")).build().analyze("die Tassen"))
os._exit(0)
