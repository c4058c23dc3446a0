"""Indexes that are servers elsewhere; PAPERS_SERVER says where."""

import os

from papers.texts.vectors import SIZE, hashed

_HOST = os.environ.get("PAPERS_SERVER", "127.0.0.1")


def elasticsearch(query: str, passages: list[tuple[str, str]], n: int) -> list:
    from elasticsearch import Elasticsearch, helpers

    client = Elasticsearch(f"http://{_HOST}:9200", max_retries=1, retry_on_timeout=False, request_timeout=2)
    helpers.bulk(client, ({"_index": "t", "_source": {"name": name, "text": text}} for name, text in passages))
    return [hit["_source"]["text"] for hit in client.search(index="t", query={"match": {"text": query}}, size=n)["hits"]["hits"]]


def opensearch(query: str, passages: list[tuple[str, str]], n: int) -> list:
    from opensearchpy import OpenSearch, RequestsHttpConnection, helpers

    client = OpenSearch([{"host": _HOST, "port": 9200}], connection_class=RequestsHttpConnection, max_retries=0, timeout=2)
    helpers.bulk(client, ({"_index": "t", "name": name, "text": text} for name, text in passages))
    return [hit["_source"]["text"] for hit in client.search(index="t", body={"query": {"match": {"text": query}}})["hits"]["hits"]]


def weaviate(query: str, passages: list[tuple[str, str]], n: int) -> list:
    import weaviate as library
    from weaviate.classes.init import AdditionalConfig, Timeout

    client = library.connect_to_custom(_HOST, 8080, False, _HOST, 50051, False, additional_config=AdditionalConfig(timeout=Timeout(init=1)))
    return [item.properties["text"] for item in client.collections.get("T").query.near_vector(hashed([query])[0].tolist(), limit=n).objects]


def meilisearch(query: str, passages: list[tuple[str, str]], n: int) -> list:
    import meilisearch as library

    client = library.Client(f"http://{_HOST}:7700", timeout=2)
    client.index("t").add_documents([{"id": number, "text": text} for number, (_, text) in enumerate(passages)])
    return [hit["text"] for hit in client.index("t").search(query)["hits"]]


def pgvector(query: str, passages: list[tuple[str, str]], n: int) -> list:
    from pgvector.sqlalchemy import Vector
    from sqlalchemy import Integer, Text, create_engine, select
    from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

    class Base(DeclarativeBase):
        pass

    class Row(Base):
        __tablename__ = "rows"
        id = mapped_column(Integer, primary_key=True)
        text = mapped_column(Text)
        vector = mapped_column(Vector(SIZE))

    with Session(create_engine(f"postgresql+psycopg://papers@{_HOST}:5432/papers?connect_timeout=2")) as session:
        return list(session.scalars(select(Row.text).order_by(Row.vector.cosine_distance(hashed([query])[0])).limit(n)))


def redis(query: str, passages: list[tuple[str, str]], n: int) -> list:
    from redis import Redis
    from redis.commands.search.query import Query

    client = Redis(host=_HOST, socket_timeout=2, retry=None)
    return [row.text for row in client.ft("t").search(Query(query).paging(0, n)).docs]
