import tantivy

from vector.settings import DATA


def _index() -> tantivy.Index:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=True, tokenizer_name="en_stem")
    folder = DATA / "tantivy"
    folder.mkdir(exist_ok=True)
    return tantivy.Index(builder.build(), path=str(folder))


def add(name: str, parts: list[str]) -> None:
    writer = _index().writer()
    for part in parts:
        writer.add_document(tantivy.Document(body=part))
    writer.commit()
    writer.wait_merging_threads()


def find(text: str, top: int) -> list[str]:
    index = _index()
    searcher = index.searcher()
    return [searcher.doc(at)["body"][0] for _, at in searcher.search(index.parse_query(text, ["body"]), top).hits]
