"""Readers and writers of documents beyond the profile."""
import io
import os
import tempfile
import warnings

warnings.simplefilter("ignore")
os.chdir(tempfile.mkdtemp())


def attempt(name, action):
    try:
        print(name, action())
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:90])


import docx
import openpyxl
import pdfplumber
import pymupdf
import pypdf
from bs4 import BeautifulSoup
from lxml import etree, html


def made(font="helv", words="A cup of tea", **options):
    paper = pymupdf.open()
    paper.new_page().insert_text((50, 50), words, fontname=font)
    return paper.tobytes(**options)


plain = made()
for font in ("helv", "tiro", "cour", "symb", "china-s", "japan", "korea", "figo"):
    attempt(font, lambda: pymupdf.open(stream=made(font, "Tea 茶"), filetype="pdf")[0].get_text().strip()[:9])
for kind in ("text", "dict", "html", "xhtml", "xml", "blocks", "words", "rawjson"):
    attempt(kind, lambda: len(pymupdf.open(stream=plain)[0].get_text(kind)) > 0)
attempt("pixels", lambda: (pymupdf.open(stream=plain)[0].get_pixmap().tobytes("png")[:4], pymupdf.open(stream=plain)[0].get_pixmap().tobytes("jpg")[:2], pymupdf.open(stream=plain)[0].get_svg_image()[:5]))
attempt("encrypted", lambda: pypdf.PdfReader(io.BytesIO(made(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="x", owner_pw="y")), password="x").pages[0].extract_text())
attempt("epub", lambda: pymupdf.open(stream=b"<html><body><p>tea</p></body></html>", filetype="html")[0].get_text().strip())
attempt("story", lambda: pymupdf.Story("<h1>tea</h1>").place(pymupdf.Rect(0, 0, 90, 90))[0])
attempt("ocr", lambda: pymupdf.open(stream=plain)[0].get_textpage_ocr())
attempt("tables", lambda: pymupdf.open(stream=plain)[0].find_tables().tables)
attempt("markdown", lambda: pymupdf.open(stream=plain)[0].get_text("markdown"))
attempt("images", lambda: pymupdf.open(stream=plain)[0].get_images())
attempt("fitz", lambda: __import__("fitz").open(stream=plain).page_count)
attempt("command", lambda: __import__("pymupdf.__main__", fromlist=["a"]).__name__)


def written():
    writer = pypdf.PdfWriter()
    writer.append(io.BytesIO(plain))
    writer.add_blank_page(200, 200)
    writer.add_outline_item("one", 0)
    writer.add_attachment("a.txt", b"tea")
    writer.add_metadata({"/Title": "Tee"})
    writer.compress_identical_objects()
    writer.encrypt("x", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    reader = pypdf.PdfReader(out, password="x")
    return len(reader.pages), reader.outline[0].title, list(reader.attachments), reader.pages[0].extract_text(extraction_mode="layout").strip()


attempt("pypdf", written)
attempt("aes", lambda: pypdf.PdfWriter(io.BytesIO(plain)).encrypt("x", algorithm="AES-256"))
attempt("annotations", lambda: [pypdf.annotations.__name__, pypdf.generic.__name__] if __import__("pypdf.annotations") else None)
attempt("plumber", lambda: (lambda file: (file.pages[0].extract_words()[0]["text"], file.pages[0].extract_tables(), len(file.pages[0].chars)))(pdfplumber.open(io.BytesIO(plain))))
attempt("plumber's picture", lambda: pdfplumber.open(io.BytesIO(plain)).pages[0].to_image(50).original.size)
attempt("plumber's cjk", lambda: pdfplumber.open(io.BytesIO(made("china-s", "茶"))).pages[0].extract_text())
attempt("plumber's japanese", lambda: pdfplumber.open(io.BytesIO(made("japan", "茶"))).pages[0].extract_text())
attempt("pypdf's cjk", lambda: pypdf.PdfReader(io.BytesIO(made("japan", "茶"))).pages[0].extract_text())
attempt("miner", lambda: __import__("pdfminer.high_level", fromlist=["a"]).extract_text(io.BytesIO(plain)).strip())


def word():
    paper = docx.Document()
    paper.add_heading("Tea", 0)
    paper.add_paragraph("cup", style="List Bullet")
    paper.add_table(1, 2).cell(0, 0).text = "x"
    paper.sections[0].header.paragraphs[0].text = "h"
    paper.sections[0].footer.paragraphs[0].text = "f"
    paper.add_comment(paper.paragraphs[0].runs, "why", "me") if hasattr(paper, "add_comment") else None
    out = io.BytesIO()
    paper.save(out)
    return [p.text for p in docx.Document(out).paragraphs]


attempt("docx", word)


def sheet():
    from openpyxl.chart import BarChart, Reference
    from openpyxl.formatting.rule import ColorScaleRule
    from openpyxl.styles import Font
    from openpyxl.worksheet.datavalidation import DataValidation

    book = openpyxl.Workbook()
    page = book.active
    for n in range(4):
        page.append([n, f"=A{n + 1}*2"])
    page["A1"].font = Font(bold=True)
    chart = BarChart()
    chart.add_data(Reference(page, min_col=1, min_row=1, max_row=4))
    page.add_chart(chart, "D1")
    page.conditional_formatting.add("A1:A4", ColorScaleRule(start_type="min", end_type="max", start_color="FFFFFF", end_color="000000"))
    page.add_data_validation(DataValidation(type="list", formula1='"a,b"'))
    out = io.BytesIO()
    book.save(out)
    return openpyxl.load_workbook(out).active["B2"].value, openpyxl.formula.Tokenizer("=SUM(A1)").items[0].value, openpyxl.load_workbook(out, keep_vba=True).sheetnames


attempt("xlsx", sheet)
page = "<html><body><p class=a>tea<b>cup</body></html>"
for parser in ("html.parser", "html5lib", "lxml", "xml", "lxml-xml", "nothing"):
    attempt(parser, lambda: BeautifulSoup(page, parser).get_text())
attempt("encodings", lambda: [BeautifulSoup("grüße".encode(name), "html.parser").get_text() for name in ("utf-16", "latin-1", "cp1252", "utf-8")])
attempt("selectors", lambda: BeautifulSoup(page, "lxml").select("p.a:has(b) > b")[0].text)
attempt("diagnose", lambda: __import__("bs4.diagnose", fromlist=["a"]).__name__)
tree = etree.XML("<a xmlns:x='u'><b n='1'>t</b></a>")
attempt("xpath", lambda: tree.xpath("//b[@n=1]/text()"))
attempt("xslt", lambda: str(etree.XSLT(etree.XML('<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><o><xsl:value-of select="//b"/></o></xsl:template></xsl:stylesheet>'))(tree)).strip())
attempt("schema", lambda: etree.RelaxNG(etree.XML('<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><empty/></element>')).validate(tree))
attempt("xsd", lambda: etree.XMLSchema(etree.XML('<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema"><x:element name="a"/></x:schema>')).validate(tree))
attempt("schematron", lambda: __import__("lxml.isoschematron", fromlist=["a"]).Schematron(etree.XML('<schema xmlns="http://purl.oclc.org/dsdl/schematron"><pattern><rule context="a"><assert test="c">no</assert></rule></pattern></schema>')).validate(tree))
attempt("dtd", lambda: etree.DTD(io.StringIO("<!ELEMENT a (b)>")).validate(tree))
attempt("objectify", lambda: __import__("lxml.objectify", fromlist=["a"]).fromstring("<a><b>3</b></a>").b + 1)
attempt("builder", lambda: etree.tostring(__import__("lxml.builder", fromlist=["a"]).E.a("t")))
attempt("diff", lambda: __import__("lxml.html.diff", fromlist=["a"]).htmldiff("<p>a</p>", "<p>b</p>"))
attempt("clean", lambda: __import__("lxml.html.clean", fromlist=["a"]))
attempt("soup", lambda: __import__("lxml.html.soupparser", fromlist=["a"]).fromstring(page).text_content())
attempt("html5", lambda: __import__("lxml.html.html5parser", fromlist=["a"]).fromstring(page).tag)
attempt("selectors of css", lambda: html.fromstring(page).cssselect("p.a"))
import html5lib

for builder in ("etree", "dom", "lxml", "no"):
    attempt(f"html5lib {builder}", lambda: type(html5lib.parse(page, treebuilder=builder)).__name__)
for walker in ("etree", "dom", "etree_lxml", "genshi"):
    attempt(f"walker {walker}", lambda: html5lib.getTreeWalker(walker).__module__)
attempt("serialised", lambda: html5lib.serialize(html5lib.parse(page), sanitize=True, omit_optional_tags=False, inject_meta_charset=True))
from markdown_it import MarkdownIt

for name in ("commonmark", "js-default", "zero", "gfm-like", "default", "nothing"):
    attempt(f"markdown {name}", lambda: MarkdownIt(name).render("# tea\n\n|a|\n|-|\n|b|\n\n&copy; :x:"))
attempt("markdown port", lambda: __import__("markdown_it.cli.parse", fromlist=["a"]).__name__)
attempt("email", lambda: __import__("vector.readers.mail", fromlist=["a"]).read("Subject: =?iso-2022-jp?b?GyRCQ2MbKEI=?=\nContent-Type: text/plain; charset=koi8-r\n\nчай".encode("koi8-r")))
import vector.readers
from importlib.metadata import entry_points

for item in sorted(entry_points(group="vector.readers"), key=lambda item: item.name):
    attempt(f"entry point {item.name}", lambda: item.load().__name__)
