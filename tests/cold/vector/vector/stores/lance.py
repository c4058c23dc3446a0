import lancedb

from vector.settings import DATA
from vector.stores.vectors import vector


def add(name: str, parts: list[str]) -> None:
    base = lancedb.connect(DATA / "lance")
    rows = [{"vector": vector(part), "text": part, "name": name} for part in parts]
    if "texts" in list(base.table_names()):
        base.open_table("texts").add(rows)
    else:
        base.create_table("texts", rows)


def find(text: str, top: int) -> list[str]:
    return [row["text"] for row in lancedb.connect(DATA / "lance").open_table("texts").search(vector(text)).limit(top).to_list()]
