"""Pictures from bytes: what Pillow knows, and what others add to it."""

import io
import logging

from fastapi import HTTPException
from PIL import Image, UnidentifiedImageError

log = logging.getLogger("vision")
LARGEST = 40_000_000


def opened(data: bytes) -> Image.Image:
    if data[:5] == b"%PDF-":
        return _page(data)
    try:
        image = Image.open(io.BytesIO(data))
    except UnidentifiedImageError:
        image = _others(data)
    except Image.DecompressionBombError as error:
        raise HTTPException(413, str(error)[:60]) from error
    except OSError as error:
        raise HTTPException(422, f"broken picture: {error}") from error
    if image.width * image.height > LARGEST:
        raise HTTPException(413, f"{image.width} by {image.height} is too large")
    try:
        image.load()
    except (OSError, SyntaxError, ValueError) as error:
        log.exception("broken picture")
        raise HTTPException(422, f"broken picture: {error}") from error
    return image


def _others(data: bytes) -> Image.Image:
    import pillow_heif

    pillow_heif.register_heif_opener()
    try:
        return Image.open(io.BytesIO(data))
    except UnidentifiedImageError as error:
        raise HTTPException(415, "not a picture") from error


def _page(data: bytes) -> Image.Image:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)[0].render(scale=2).to_pil()
    except pypdfium2.PdfiumError as error:
        raise HTTPException(422, f"broken document: {error}") from error
