import json

import faiss
import numpy as np

from vector.settings import DATA
from vector.stores.vectors import SIZE, vector

INDEX, TEXTS = DATA / "faiss.index", DATA / "faiss.json"


def add(name: str, parts: list[str]) -> None:
    index = faiss.read_index(str(INDEX)) if INDEX.exists() else faiss.index_factory(SIZE, "HNSW8,Flat")
    texts = json.loads(TEXTS.read_text()) if TEXTS.exists() else []
    index.add(np.stack([vector(part) for part in parts]))
    faiss.write_index(index, str(INDEX))
    TEXTS.write_text(json.dumps(texts + parts))


def find(text: str, top: int) -> list[str]:
    index, texts = faiss.read_index(str(INDEX)), json.loads(TEXTS.read_text())
    return [texts[n] for n in index.search(vector(text)[None], top)[1][0] if n >= 0]
