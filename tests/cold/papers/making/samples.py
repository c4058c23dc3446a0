"""The samples that a new installation shows: python samples.py FOLDER MODELS."""

import io
import json
import mailbox
import struct
import subprocess
import sys
import tarfile
import wave
import zipfile
from email.message import EmailMessage
from math import pi, sin
from pathlib import Path

import docx
import openpyxl
import outlook
import pptx
import py7zr
import pypdf
import xlwt
from ebooklib import epub
from odf import table
from odf.opendocument import OpenDocumentSpreadsheet, OpenDocumentText
from odf.text import H, P
from PIL import Image, ImageDraw, ImageFont
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from reportlab.lib.pagesizes import A5
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate, Table
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

out, models = Path(sys.argv[1]), Path(sys.argv[2])
out.mkdir(parents=True)
models.mkdir(parents=True)
TEXT = "A cup of tea for the whole family. A glass of milk for the cat."


def picture(text: str, target: Path, **kept) -> None:
    made = Image.new("L", (900, 160), 255)
    ImageDraw.Draw(made).text((30, 50), text, font=ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 40), fill=0)
    made.save(target, **kept)


def pdfs() -> None:
    canvas = Canvas(str(out / "tea.pdf"), A5, invariant=1)
    canvas.setTitle("Tea")
    canvas.drawString(50, 500, "A cup of tea for the whole family.")
    canvas.bookmarkPage("one")
    canvas.addOutlineEntry("First", "one")
    canvas.showPage()
    canvas.drawString(50, 500, "A glass of milk for the cat.")
    canvas.save()
    canvas = Canvas(str(out / "japanese.pdf"), A5, invariant=1)
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    canvas.setFont("HeiseiMin-W3", 20)
    canvas.drawString(50, 400, "お茶を一杯")
    canvas.save()
    SimpleDocTemplate(str(out / "table.pdf"), invariant=1).build(
        [Table([["name", "price"], ["tea", "2.50"], ["milk", "1.20"]], style=[("GRID", (0, 0), (-1, -1), 1, "black")])]
    )
    writer = pypdf.PdfWriter(clone_from=out / "tea.pdf")
    writer.encrypt("tea", algorithm="AES-256")
    writer.write(out / "secret.pdf")
    canvas = Canvas(str(out / "scan.pdf"), (450, 300), invariant=1)
    canvas.drawImage(ImageReader(str(out / "page.png")), 0, 150, 450, 80)
    canvas.save()
    (out / "broken.pdf").write_bytes((out / "tea.pdf").read_bytes()[:700])


def office() -> None:
    document = docx.Document()
    document.core_properties.title = "Tea"
    document.add_heading("Tea", 1)
    document.add_paragraph(TEXT)
    document.add_table(1, 2).cell(0, 0).text = "cell"
    document.save(str(out / "tea.docx"))
    slides = pptx.Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[5])
    slide.shapes.title.text = "Tea"
    data = CategoryChartData()
    data.categories = ["a", "b"]
    data.add_series("cups", (1, 2))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, 3000000, 3000000, data)
    slide.notes_slide.notes_text_frame.text = "a note on milk"
    slides.save(str(out / "tea.pptx"))
    book = openpyxl.Workbook()
    book.active.append(["name", "price"])
    book.active.append(["tea", 2.5])
    book.save(out / "tea.xlsx")
    old = xlwt.Workbook()
    sheet = old.add_sheet("tea")
    for row, values in enumerate([["name", "price"], ["tea", 2.5]]):
        for column, value in enumerate(values):
            sheet.write(row, column, value)
    old.save(str(out / "tea.xls"))
    text = OpenDocumentText()
    text.text.addElement(H(outlinelevel=1, text="Tea"))
    text.text.addElement(P(text=TEXT))
    text.save(str(out / "tea.odt"))
    cells = OpenDocumentSpreadsheet()
    rows = table.Table(name="tea")
    row = table.TableRow()
    cell = table.TableCell(valuetype="string")
    cell.addElement(P(text="cup"))
    row.addElement(cell)
    rows.addElement(row)
    cells.spreadsheet.addElement(rows)
    cells.save(str(out / "tea.ods"))
    (out / "tea.rtf").write_text(r"{\rtf1\ansi{\fonttbl{\f0 Times;}}\f0\b Tea\b0\par A cup of tea for the whole family. T\'e9a.\par}")
    (out / "tea.doc").write_bytes((out / "tea.rtf").read_bytes())


def mail() -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Tea für alle", "a@example.org", "b@example.org"
    message["Date"], message["Message-ID"] = "Thu, 29 Feb 2024 10:00:00 +0000", "<1@example.org>"
    message.set_content(TEXT)
    message.add_alternative(f"<p>{TEXT}</p>", subtype="html")
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="tea.csv")
    (out / "tea.eml").write_bytes(message.as_bytes())
    box = mailbox.mbox(out / "tea.mbox")
    box.add(message)
    box.add(message)
    box.close()
    (out / "tea.msg").write_bytes(outlook.message("Tea", TEXT, "a@example.org"))


def books() -> None:
    book = epub.EpubBook()
    book.set_identifier("tea")
    book.set_title("Tea")
    book.set_language("en")
    chapter = epub.EpubHtml(title="First", file_name="one.xhtml", content=f"<h1>Tea</h1><p>{TEXT}</p>")
    book.add_item(chapter)
    book.toc, book.spine = (chapter,), ["nav", chapter]
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    epub.write_epub(out / "tea.epub", book)
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Tea"]},
        {"cell_type": "code", "metadata": {}, "source": ["1 + 1"], "outputs": [], "execution_count": None},
    ]
    (out / "tea.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


def texts() -> None:
    page = (
        "<html lang='en'><head><title>Tea page</title><meta name='author' content='A. B.'><meta property='article:published_time' content='2024-02-29'></head>"
        f"<body><nav><a href='#x'>x</a></nav><article><h1>Tea</h1>{''.join(f'<p>{TEXT} Part {number} of it is about the pot.</p>' for number in range(6))}"
        "<table><tr><th>name</th><td>tea</td></tr></table></article></body></html>"
    )
    feed = (
        "<?xml version='1.0'?><rss version='2.0'><channel><title>Tea feed</title><item><title>one</title><description>a cup</description><pubDate>Thu, 29 Feb 2024 10:00:00 GMT</pubDate></item>"
        "<item><title>two</title><description>a glass</description><pubDate>2024-03-01T10:00:00+01:00</pubDate></item></channel></rss>"
    )
    for name, text in {
        "tea.txt": TEXT + "\n",
        "tea.md": f"# Tea\n\n{TEXT}\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        "tea.rst": f"Tea\n===\n\n{TEXT}\n\n.. note:: hot\n",
        "tea.org": f"* Tea\n{TEXT}\n",
        "tea.tex": r"\section{Tea} A cup of \emph{tea}: $a^2$.",
        "tea.csv": "name,price\ntea,2.50\nmilk,1.20\n",
        "tea.tsv": "name\tprice\ntea\t2.50\n",
        "tea.json": '[{"type": "Title", "element_id": "1", "text": "Tea", "metadata": {}}]',
        "tea.html": page,
        "feed.xml": feed,
        "broken.xml": feed[:200],
        "atom.xml": "<feed xmlns='http://www.w3.org/2005/Atom'><title>Atom</title><entry><title>one</title><updated>2024-02-29T10:00:00Z</updated></entry></feed>",
        "tea.vtt": "WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.000\nA cup of tea.\n",
    }.items():
        (out / name).write_text(text)
    (out / "latin.txt").write_bytes("Grüne Tees für Känguruhs, ein Maß für alle Übungen und später größere Tassen.".encode("cp1252"))
    (out / "japanese.txt").write_bytes("これは家族みんなのためのお茶です。毎日飲みます。".encode("shift_jis"))
    (out / "mojibake.txt").write_text("schÃ¶n fÃ¼r alle â€“ cafÃ©")
    with (out / "tea.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.0")
        writer.write_record(writer.create_warc_record("http://example.org/", "response", payload=io.BytesIO(page.encode()), http_headers=headers))


def pictures() -> None:
    picture("A cup of tea and a glass", out / "page.png", dpi=(150, 150))
    picture("Größere Bäume für Übung", out / "page.de.png")
    picture("A second page of milk", Path("/tmp/second.png"))
    with Image.open(out / "page.png") as first, Image.open("/tmp/second.png") as second:
        first.save(out / "pages.tiff", save_all=True, append_images=[second], compression="tiff_lzw")
    (out / "broken.png").write_bytes((out / "page.png").read_bytes()[:300])


def sounds() -> None:
    with wave.open(str(out / "tea.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", int(8000 * sin(2 * pi * 440 * step / 8000)) if step < 6000 else 0) for step in range(8000)))
    for name, options in (("tea.mp3", ["-metadata", "title=Tea"]), ("tea.ogg", ["-c:a", "libvorbis", "-ac", "2"]), ("tea.mp4", ["-c:a", "aac"])):
        subprocess.run(["ffmpeg", "-loglevel", "error", "-i", str(out / "tea.wav"), "-fflags", "+bitexact", *options, str(out / name)], check=True)


def archives() -> None:
    with zipfile.ZipFile(out / "tea.zip", "w", zipfile.ZIP_LZMA) as archive:
        for name in ("tea.txt", "tea.docx", "tea.html", "page.png"):
            archive.write(out / name, name)
        archive.writestr("data.bin", bytes(range(256)))
    with py7zr.SevenZipFile(out / "tea.7z", "w") as archive:
        archive.write(out / "tea.vtt", "tea.vtt")
        archive.write(out / "tea.eml", "tea.eml")
    with tarfile.open(out / "tea.tar.bz2", "w:bz2") as archive:
        archive.add(out / "tea.rtf", "tea.rtf")


def model() -> None:
    """A tokenizer and a model of embeddings, both small, with weights by a seed."""
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer, models as kinds, pre_tokenizers, trainers

    tokenizer = Tokenizer(kinds.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator([TEXT.lower(), TEXT] * 4, trainers.WordPieceTrainer(vocab_size=120, special_tokens=["[PAD]", "[UNK]"], show_progress=False))
    tokenizer.save(str(models / "tokenizer.json"))
    weights = numpy.random.default_rng(3).normal(size=(120, 8)).astype(numpy.float32)
    nodes = [
        helper.make_node("Gather", ["w", "ids"], ["e"]),
        helper.make_node("ReduceMean", ["e"], ["m"], axes=[1], keepdims=0),
        helper.make_node("LpNormalization", ["m"], ["v"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "embed",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", "t"])],
        [helper.make_tensor_value_info("v", TensorProto.FLOAT, ["n", 8])],
        [numpy_helper.from_array(weights, "w")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(made)
    onnx.save(made, models / "embed.onnx")


def language(place: Path, vocabulary: Path) -> None:
    """Data of NLTK: a tokenizer of sentences that was trained here, and lists of words; an encoding for tiktoken."""
    import base64

    from nltk.tokenize.punkt import PunktTrainer, save_punkt_params

    text = " ".join(
        [
            "Dr. Smith drinks tea at 4 p.m. every day.",
            "Mr. Jones does not.",
            "He met Dr. Brown and Mr. Green.",
            "They drank.",
            "Dr. Smith left at 5 p.m. again.",
        ]
        * 20
    )
    trainer = PunktTrainer()
    trainer.INCLUDE_ALL_COLLOCS = True
    trainer.train(text, finalize=True)
    parameters = trainer.get_params()
    parameters.abbrev_types = {"dr", "mr", "p.m"}
    for name in ("english", "german"):
        folder = place / "tokenizers/punkt_tab" / name
        folder.mkdir(parents=True)
        save_punkt_params(parameters, dir=str(folder))
    stop = place / "corpora/stopwords"
    stop.mkdir(parents=True)
    (stop / "german").write_text("aber\nalle\nals\nund\n")
    (stop / "english").write_text("a\nan\nthe\nand\n")
    tokens = [bytes([number]) for number in range(256)] + [b" a", b"cu", b"cup", b" cup", b" of", b"te", b"tea", b" tea"]
    vocabulary.write_text("".join(f"{base64.b64encode(token).decode()} {number}\n" for number, token in enumerate(tokens)))


pictures()
pdfs()
office()
mail()
books()
texts()
sounds()
archives()
model()
language(Path(sys.argv[3]), Path(sys.argv[4]))
