"""Write an image in each format that Pillow can write and read, and send it to the service; run inside the container."""
import io

import httpx
from PIL import Image, features

Image.init()
picture = Image.radial_gradient("L").resize((48, 40)).convert("RGB")
for name in sorted(set(Image.SAVE) & set(Image.OPEN) - {"MPO", "PDF", "GRIB", "HDF5", "BUFR", "WMF", "FITS", "STUB"}):
    buffer = io.BytesIO()
    for mode in ("RGB", "L", "1", "P"):
        try:
            buffer = io.BytesIO()
            picture.convert(mode).save(buffer, name)
            break
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            buffer = None
    if buffer is None:
        print(name, "not written:", why)
        continue
    answer = httpx.post("http://127.0.0.1:8080/embed/image", files={"file": ("x", buffer.getvalue())}, timeout=60)
    print(name, answer.status_code, answer.json().get("size", answer.text[:200]))
print({item: features.check(item) for item in ("webp", "avif", "freetype2", "littlecms2", "jpg", "jpg_2000", "zlib", "libtiff", "raqm")})
