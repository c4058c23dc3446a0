import sqlite3
from importlib.resources import files

from vector.settings import DATA


def connected() -> sqlite3.Connection:
    base = sqlite3.connect(DATA / "words.db")
    base.executescript(files("vector").joinpath("schema.sql").read_text())
    return base


def add(name: str, parts: list[str]) -> None:
    with connected() as base:
        base.executemany("insert into words values (?, ?)", [(name, part) for part in parts])


def find(text: str, top: int) -> list[str]:
    with connected() as base:
        return [row[0] for row in base.execute("select snippet(words, 1, '[', ']', '…', 8) from words where words match ? order by rank limit ?", (text, top))]
