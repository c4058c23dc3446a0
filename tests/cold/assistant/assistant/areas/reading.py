"""Readers of documents and pages."""

import io


def made() -> dict:
    """Documents of each kind, in base64."""
    import base64

    import docx
    import openpyxl
    import pptx

    out = {}
    document = docx.Document()
    document.add_heading("Tea", 1)
    document.add_paragraph("A cup of tea. A glass of milk.")
    table = document.add_table(2, 2)
    table.cell(0, 0).text = "cell"
    stream = io.BytesIO()
    document.save(stream)
    out["docx"] = stream.getvalue()
    slides = pptx.Presentation()
    slides.slides.add_slide(slides.slide_layouts[1]).shapes.title.text = "Tea slide"
    stream = io.BytesIO()
    slides.save(stream)
    out["pptx"] = stream.getvalue()
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, 2])
    stream = io.BytesIO()
    book.save(stream)
    out["xlsx"] = stream.getvalue()
    return {kind: base64.b64encode(data).decode() for kind, data in out.items()}


def parts(name: str, data: bytes) -> dict:
    from unstructured.partition.auto import partition

    found = partition(file=io.BytesIO(data), metadata_filename=name)
    return {"parts": [(type(item).__name__, str(item)[:40]) for item in found][:6]}


def all_kinds() -> dict:
    import base64

    texts = {
        "md": b"# Tea\n\nA cup of tea.\n\n- one\n- two\n",
        "html": b"<html><body><h1>Tea</h1><p>A cup of tea is a fine thing to have.</p><table><tr><td>1</td></tr></table></body></html>",
        "csv": b"a,b\n1,2\n",
        "tsv": b"a\tb\n1\t2\n",
        "xml": b"<a><b>A cup of tea</b></a>",
        "json": b'[{"type": "Title", "element_id": "1", "text": "Tea", "metadata": {}}]',
        "eml": b"From: a@example.org\nTo: b@example.org\nSubject: tea\nDate: Sun, 01 Mar 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain\n\nA cup of tea.\n",
    }
    kinds = {**texts, **{kind: base64.b64decode(text) for kind, text in made().items()}}
    out = {}
    for kind, data in kinds.items():
        try:
            out[kind] = parts(f"a.{kind}", data)["parts"]
        except Exception as error:
            out[kind] = [type(error).__name__, str(error)[:80]]
    return out


def broken(kind: str) -> dict:
    try:
        return parts(f"a.{kind}", b"PK\x03\x04 nothing")
    except Exception as error:
        return {"error": type(error).__name__}


def page() -> dict:
    import feedparser
    import trafilatura

    text = (
        "<html><head><title>Tea</title><meta name='author' content='A B'></head><body><article><h1>Tea</h1>"
        + "<p>A cup of tea is a fine thing to have in the morning, with milk or without.</p>" * 5
        + "</article></body></html>"
    )
    feed = feedparser.parse(
        "<rss version='2.0'><channel><title>T</title><item><title>one</title><pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate></item></channel></rss>"
    )
    return {
        "text": (trafilatura.extract(text) or "")[:30],
        "xml": (trafilatura.extract(text, output_format="xml", with_metadata=True) or "")[:40],
        "markdown": (trafilatura.extract(text, output_format="markdown") or "")[:20],
        "feed": [feed.feed.title, feed.entries[0].title, feed.entries[0].published_parsed[:3]],
    }


def forms() -> dict:
    import cbor2
    import chevron
    import xmltodict
    from mako.template import Template
    from ruamel.yaml import YAML

    stream = io.StringIO()
    yaml = YAML()
    yaml.dump(yaml.load("a: 1 # one\nb: [x, y]\n"), stream)
    return {
        "yaml": stream.getvalue(),
        "xml": xmltodict.parse("<a><b>1</b></a>"),
        "cbor": cbor2.loads(cbor2.dumps({"a": [1, 2.5, None]})),
        "mako": Template("${a | h} % for").render(a="<x>"),
        "mustache": chevron.render("{{#a}}{{.}},{{/a}}", {"a": [1, 2]}),
    }


def printed() -> dict:
    import qrcode
    import qrcode.image.svg
    from reportlab.graphics.barcode import createBarcodeDrawing
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    stream = io.BytesIO()
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    styles = getSampleStyleSheet()
    drawing = createBarcodeDrawing("QR", value="tea", width=80, height=80)
    SimpleDocTemplate(stream, pagesize=A4).build(
        [Paragraph("Tea", styles["Title"]), Table([[1, 2]]), Paragraph('<font name="HeiseiMin-W3">茶</font>', styles["Normal"]), drawing]
    )
    png = io.BytesIO()
    qrcode.make("tea").save(png)
    svg = qrcode.make("tea", image_factory=qrcode.image.svg.SvgPathImage).to_string()
    return {"pdf": stream.getvalue()[:5].decode(), "size": len(stream.getvalue()) > 1500, "png": png.getvalue()[1:4].decode(), "svg": svg[:20].decode()}
