"""Documents that the service makes: PDF reports, merged and stamped files, covers."""

import io


def report(font: str = "") -> dict:
    from pypdf import PdfReader
    from reportlab.graphics.charts.barcharts import VerticalBarChart
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    style = getSampleStyleSheet()["Normal"]
    if font:
        pdfmetrics.registerFont(UnicodeCIDFont(font) if "-" in font else TTFont(font, f"{font}.ttf"))
        style.fontName = font
    drawing = Drawing(200, 100)
    chart = VerticalBarChart()
    chart.data = [[1, 2, 3]]
    drawing.add(chart)
    out = io.BytesIO()
    SimpleDocTemplate(out).build([Paragraph("Tee für alle 茶", style), drawing])
    return {
        "pages": len(PdfReader(out).pages),
        "fonts": sorted(str(name["/BaseFont"]) for name in PdfReader(out).pages[0]["/Resources"]["/Font"].get_object().values())[:3],
    }


def pages() -> dict:
    """Pages taken apart and put together by four libraries."""
    import pikepdf
    import pymupdf
    from pypdf import PdfReader, PdfWriter, Transformation

    from papers.settings import settings

    path = settings().samples / "tea.pdf"
    writer = PdfWriter(clone_from=path)
    writer.pages[0].add_transformation(Transformation().rotate(90))
    writer.add_blank_page(100, 100)
    writer.encrypt("tea", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    reader = PdfReader(out, password="tea")
    with pikepdf.open(path) as document:
        with document.open_metadata() as data:
            data["dc:title"] = "Tee"
        second = io.BytesIO()
        document.save(second, linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    document = pymupdf.open()
    document.insert_pdf(pymupdf.open(path))
    document[0].insert_htmlbox((50, 50, 300, 120), "<b>Tee</b> für <i>alle</i> 茶")
    document[0].add_highlight_annot(document[0].search_for("tea")[0])
    third = document.tobytes(garbage=4, deflate=True)
    return {
        "pypdf": [len(reader.pages), reader.is_encrypted],
        "pikepdf": pikepdf.open(second).is_linearized,
        "pymupdf": [
            len(pymupdf.open(stream=third)),
            "Tee" in pymupdf.open(stream=third)[0].get_text(),
            [kind for _, kind, *_ in [(x.xref, x.type[1]) for x in document[0].annots()]],
        ],
        "book": len(pymupdf.open(stream=(settings().samples / "tea.epub").read_bytes(), filetype="epub")) > 0,
    }


def thumbnails(kinds: list[str]) -> dict:
    from PIL import Image

    from papers.settings import settings

    out = {}
    for kind in kinds:
        try:
            with Image.open(settings().samples / "page.png") as picture:
                picture.thumbnail((40, 40))
                target = io.BytesIO()
                picture.convert("RGB").save(target, kind)
            with Image.open(target) as again:
                out[kind] = [again.format, *again.size]
        except Exception as error:
            out[kind] = f"{type(error).__name__}: {str(error)[:28]}"
    return out
