"""The sums of a reporting service of 2024: it adds, takes uploads, and makes and reads a page of PDF."""

import io
from typing import Annotated

import dns.name
import orjson
import pymysql.converters
import sentry_sdk
from fastapi import FastAPI, File, Form, Response, UploadFile
from fontTools.misc.fixedTools import otRound
from nltk.stem import PorterStemmer
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas
from tornado.escape import xhtml_escape
from zipp import Path as ZipPath

sentry_sdk.init(dsn=None)
app = FastAPI()


@app.get("/health")
def health() -> str:
    return "ok"


@app.get("/sum")
def total(values: str) -> Response:
    return Response(orjson.dumps({"sum": sum(int(each) for each in values.split(","))}), media_type="application/json")


@app.post("/upload")
async def upload(name: Annotated[str, Form()], file: Annotated[UploadFile, File()]) -> dict[str, object]:
    rows = (await file.read()).decode().split()
    return {"name": name, "rows": len(rows)}


@app.get("/pdf")
def pdf() -> Response:
    out = io.BytesIO()
    page = Canvas(out)
    page.drawString(72, 720, "Report of March")
    page.save()
    return Response(PdfReader(out).pages[0].extract_text().strip())


@app.get("/tools")
def tools() -> Response:
    words = [
        str(dns.name.from_text("Report.Example").canonicalize()),
        pymysql.converters.escape_string("it's"),
        xhtml_escape("<a>"),
        PorterStemmer().stem("running"),
        str(otRound(2.5)),
        ZipPath.__name__,
    ]
    return Response(" ".join(words))
