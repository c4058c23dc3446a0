import io


def read_docx(data: bytes) -> str:
    import docx

    return "\n".join(part.text for part in docx.Document(io.BytesIO(data)).paragraphs)


def read_xlsx(data: bytes) -> str:
    import openpyxl

    return "\n".join(" ".join(str(cell) for cell in row) for sheet in openpyxl.load_workbook(io.BytesIO(data), read_only=True) for row in sheet.values)
