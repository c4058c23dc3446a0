"""Files of offices, new and old."""

import io


def docx(data: bytes, name: str) -> str:
    import docx as library

    document = library.Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells, document.core_properties.title])


def mammoth(data: bytes, name: str) -> str:
    import mammoth as library

    return library.convert_to_html(io.BytesIO(data), style_map="p[style-name='Heading 1'] => h2:fresh").value


def pptx(data: bytes, name: str) -> str:
    from pptx import Presentation

    slides = Presentation(io.BytesIO(data)).slides
    out = []
    for slide in slides:
        out += [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        out += [str([list(series.values) for series in shape.chart.series]) for shape in slide.shapes if shape.has_chart]
        out += [slide.notes_slide.notes_text_frame.text] if slide.has_notes_slide else []
    return "\n".join(out)


def xlsx(data: bytes, name: str) -> str:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    return "\n".join(" | ".join(str(value) for value in row) for sheet in book for row in sheet.iter_rows(values_only=True))


def xls(data: bytes, name: str) -> str:
    import xlrd

    book = xlrd.open_workbook(file_contents=data, formatting_info=True)
    return "\n".join(" | ".join(str(value) for value in sheet.row_values(row)) for sheet in book.sheets() for row in range(sheet.nrows))


def frame(data: bytes, name: str) -> str:
    """Sheets of any kind, as pandas has an engine for them."""
    import pandas

    sheets = pandas.read_excel(io.BytesIO(data), sheet_name=None)
    return "\n".join(f"{title}\n{sheet.to_csv(index=False)}" for title, sheet in sheets.items())


def odf(data: bytes, name: str) -> str:
    from odf import table, teletype
    from odf import text as words
    from odf.opendocument import load

    document = load(io.BytesIO(data))
    found = [teletype.extractText(item) for kind in (words.H, words.P) for item in document.getElementsByType(kind)]
    return "\n".join([*found, str(len(document.getElementsByType(table.TableRow)))])


def rtf(data: bytes, name: str) -> str:
    from striprtf.striprtf import rtf_to_text

    return rtf_to_text(data.decode("ascii"), errors="ignore")
