"""Books and notebooks."""

import io
import json


def epub(data: bytes, name: str) -> str:
    import ebooklib
    from bs4 import BeautifulSoup
    from ebooklib import epub as library

    book = library.read_epub(io.BytesIO(data), options={"ignore_ncx": False})
    chapters = [BeautifulSoup(item.get_content(), "lxml-xml").get_text(" ", strip=True) for item in book.get_items_of_type(ebooklib.ITEM_DOCUMENT)]
    return "\n".join([book.title, *chapters, str([entry.title for entry in book.toc])])


def notebook(data: bytes, name: str) -> str:
    cells = json.loads(data)["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells)
