"""Each format that Pillow writes and reads here, and what else it does to pictures."""
import io

import httpx
from PIL import Image, ImageCms, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageMath, ImagePalette, ImageSequence, features

Image.init()
picture = Image.radial_gradient("L").resize((48, 40)).convert("RGB")
for name in sorted(set(Image.SAVE) & set(Image.OPEN) - {"MPO", "PDF", "GRIB", "HDF5", "BUFR", "WMF", "FITS", "STUB"}):
    for mode in ("RGB", "L", "1", "P"):
        buffer = io.BytesIO()
        try:
            picture.convert(mode).save(buffer, name)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            continue
        answer = httpx.post("http://127.0.0.1:8200/picture/measure", files={"file": ("x", buffer.getvalue())}, timeout=60)
        print(name, mode, answer.status_code)
        break
    else:
        print(name, "not written:", why)
buffer = io.BytesIO()
picture.save(buffer, "PNG")
for to in ("WEBP", "TIFF", "GIF", "BMP", "JPEG", "JPEG2000", "ICO", "AVIF", "PDF", "XCF"):
    for resample in ("LANCZOS", "NEAREST"):
        answer = httpx.post(f"http://127.0.0.1:8200/picture/convert?to={to}&filter={resample}", files={"file": ("x", buffer.getvalue())}, timeout=60)
        print(to, resample, answer.status_code, answer.headers["content-type"])
for what in ("edges", "sharpness"):
    print(what, httpx.post(f"http://127.0.0.1:8200/picture/measure?what={what}", files={"file": ("x", buffer.getvalue())}, timeout=60).status_code)
draw = ImageDraw.Draw(picture)
draw.text((2, 2), "grüße", font=ImageFont.load_default(12), fill="red")
draw.text((2, 20), "old", font=ImageFont.load_default_imagefont() if hasattr(ImageFont, "load_default_imagefont") else None)
profile = ImageCms.createProfile("LAB")
print(picture.filter(ImageFilter.GaussianBlur(2)).size, ImageEnhance.Color(picture).enhance(0.5).mode, picture.quantize(8).mode, ImageCms.getProfileName(ImageCms.ImageCmsProfile(profile)).strip())
frames = io.BytesIO()
picture.save(frames, "GIF", save_all=True, append_images=[picture.rotate(20), picture.rotate(40)])
print(len(list(ImageSequence.Iterator(Image.open(frames)))), {item: features.check(item) for item in ("webp", "avif", "freetype2", "littlecms2", "jpg", "jpg_2000", "zlib", "libtiff", "raqm")})
