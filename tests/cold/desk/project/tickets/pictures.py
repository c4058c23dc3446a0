"""Pictures in the formats that browsers want."""

import io

from PIL import Image, ImageDraw


def formats(size: int) -> list[str]:
    made = Image.new("RGB", (size * 2, size * 2), "teal")
    ImageDraw.Draw(made).text((4, 4), "tea")
    made.thumbnail((size, size), Image.Resampling.LANCZOS)
    found = []
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "ICO", "JPEG2000", "AVIF", "PDF", "TGA"):
        out = io.BytesIO()
        made.save(out, kind)
        found.append(f"{kind} {Image.open(io.BytesIO(out.getvalue())).size[0] if kind != 'PDF' else out.getvalue()[:4].decode()}")
    return found
