"""Scans and pictures: Tesseract, poppler, OCRmyPDF."""

import io
import tempfile
from pathlib import Path


def picture(data: bytes, name: str) -> str:
    import pytesseract
    from PIL import Image, ImageSequence

    language = "deu" if ".de." in name else "fra" if ".fr." in name else "eng"
    with Image.open(io.BytesIO(data)) as whole:
        return "\n".join(pytesseract.image_to_string(frame.convert("L"), lang=language, config="--psm 6").strip() for frame in ImageSequence.Iterator(whole))


def scan(data: bytes, name: str) -> str:
    import pytesseract
    from pdf2image import convert_from_bytes, pdfinfo_from_bytes

    facts = pdfinfo_from_bytes(data)
    page = convert_from_bytes(data, dpi=150, fmt="jpeg", grayscale=True)[0]
    words = pytesseract.image_to_data(page, output_type=pytesseract.Output.DICT)
    boxes = pytesseract.image_to_pdf_or_hocr(page, extension="hocr")
    return f"{facts['Pages']} {' '.join(word for word in words['text'] if word.strip())} {boxes.count(b'ocrx_word')}"


def layer(data: bytes, name: str) -> str:
    """A text layer under a scan."""
    import ocrmypdf
    from pdfminer.high_level import extract_text

    with tempfile.TemporaryDirectory() as folder:
        source, target, words = Path(folder, "in.pdf"), Path(folder, "out.pdf"), Path(folder, "words.txt")
        source.write_bytes(data)
        code = ocrmypdf.ocr(
            source,
            target,
            language=["eng"],
            deskew=True,
            clean=True,
            rotate_pages=True,
            optimize=2,
            output_type="pdfa",
            sidecar=words,
            progress_bar=False,
            jobs=1,
            force_ocr=True,
        )
        return f"{code.name} {words.read_text().strip()} | {extract_text(target).strip()} | {b'pdfaid' in target.read_bytes()}"
