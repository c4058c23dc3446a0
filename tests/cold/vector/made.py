"""Documents of each kind, below /tmp/d."""
import os

import docx
import openpyxl
import polars
import pymupdf

os.makedirs("/tmp/d", exist_ok=True)
TEXTS = {"txt": "caffè e tea".encode("cp1252"), "md": b"# Tea\n\n|a|b|\n|-|-|\n|cup|tea|\n", "html": b"<p>tea<b>cup", "xml": "<?xml version='1.0' encoding='iso-8859-2'?><a>tea ś</a>".encode("iso-8859-2"), "csv": b"a,b\n1,tea\n", "jsonl": b'{"a": "tea"}\n', "eml": b"Subject: tea\nContent-Type: text/html; charset=utf-8\n\n<p>cup", "broken": b"\0\1" * 90, "missing": b"", "rtf": b"{}"}
for name, data in TEXTS.items():
    with open(f"/tmp/d/{name if name == 'broken' else f'a.{name}'}", "wb") as file:
        file.write(data)
paper = pymupdf.open()
paper.new_page().insert_text((50, 50), "A cup of tea")
paper.save("/tmp/d/a.pdf")
word = docx.Document()
word.add_paragraph("A cup of tea")
word.save("/tmp/d/a.docx")
book = openpyxl.Workbook()
book.active.append(["tea", 2])
book.save("/tmp/d/a.xlsx")
polars.DataFrame({"a": ["tea"]}).write_parquet("/tmp/d/a.parquet")
