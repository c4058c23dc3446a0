"""PDF, in six ways."""

import io
import tempfile


def pypdf(data: bytes, name: str) -> str:
    from pypdf import PdfReader

    document = PdfReader(io.BytesIO(data))
    if document.is_encrypted:
        document.decrypt("tea")
    outline = [item.title for item in document.outline if not isinstance(item, list)]
    pictures = [picture.name for page in document.pages for picture in page.images]
    return "\n".join([*(page.extract_text() for page in document.pages), *outline, *pictures, str((document.metadata or {}).get("/Title"))])


def pdfplumber(data: bytes, name: str) -> str:
    import pdfplumber as library

    with library.open(io.BytesIO(data), password="tea") as document:
        page = document.pages[0]
        picture = page.to_image(resolution=30).debug_tablefinder()
        return f"{page.extract_text(layout=False)}\n{page.extract_tables()}\n{len(page.chars)} {picture.original.size}"


def pymupdf(data: bytes, name: str) -> str:
    import pymupdf as library

    document = library.open(stream=data, filetype="pdf")
    if document.needs_pass and not document.authenticate("tea"):
        raise ValueError("wrong password")
    page = document[0]
    found = page.find_tables()
    tables = [table.to_markdown() for table in found.tables]
    pixels = page.get_pixmap(dpi=30)
    return f"{page.get_text('text')}\n{tables}\n{page.get_text('html')[:30]}\n{document.get_toc()}\n{pixels.width}x{pixels.height} {pixels.tobytes('png')[1:4]}\n{page.get_svg_image()[:5]}"


def pdfminer(data: bytes, name: str) -> str:
    from pdfminer.high_level import extract_text, extract_text_to_fp
    from pdfminer.layout import LAParams

    out = io.BytesIO()
    extract_text_to_fp(io.BytesIO(data), out, output_type="xml", laparams=LAParams(), codec="utf-8", password="tea")
    return f"{extract_text(io.BytesIO(data), password='tea')}\n{out.getvalue().count(b'<text')}"


def camelot(data: bytes, name: str) -> str:
    import camelot as library

    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        out = []
        for flavor in ("lattice", "stream"):
            tables = library.read_pdf(file.name, flavor=flavor, pages="1")
            out += [f"{flavor} {table.shape} {table.df.iloc[0].tolist()}" for table in tables]
        return "\n".join(out)


def tabula(data: bytes, name: str) -> str:
    import tabula as library

    return "\n".join(frame.to_csv() for frame in library.read_pdf(io.BytesIO(data), pages="all", force_subprocess=True))
