"""Files that cases ask about, drawn in the container's /tmp/w: `formats`, `broken`, `video`, `words`, `codes`."""

import io
import os
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageSequence

from vision import shapes

os.makedirs("/tmp/w", exist_ok=True)
os.chdir("/tmp/w")
image, _ = shapes.drawn(2000)
others = [shapes.drawn(seed)[0] for seed in (2001, 2002)]
image.save("a.jpg", quality=95)


def formats():
    import pillow_heif

    pillow_heif.register_heif_opener()
    pillow_heif.register_avif_opener() if hasattr(pillow_heif, "register_avif_opener") else None
    for end in ("png", "webp", "tiff", "gif", "bmp", "jp2", "heic", "avif", "tga", "ico", "pcx", "ppm", "sgi", "dds", "qoi", "pdf", "im", "msp", "xbm", "eps"):
        try:
            (image.convert("1") if end in ("msp", "xbm") else image).save(f"a.{end}")
        except Exception as error:
            print(end, type(error).__name__, str(error)[:60])
    for way in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "zstd", "lzma", "webp"):
        try:
            image.save(f"{way}.tiff", compression=way)
        except Exception as error:
            print(way, type(error).__name__, str(error)[:60])
    image.convert("CMYK").save("cmyk.jpg")
    image.save("progressive.jpg", progressive=True, exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0")
    Image.fromarray((np.asarray(image.convert("L")).astype("u2") * 200)).save("deep.png")
    image.convert("P", palette=Image.Palette.ADAPTIVE).save("palette.png", bits=4, transparency=0)
    image.convert("LA").save("alpha.png")
    image.convert("1").save("fax.tiff", compression="group4")
    image.convert("LAB").save("lab.tiff")
    for end in ("gif", "webp", "png", "tiff", "mpo", "avif"):
        image.save(f"many.{end}", save_all=True, append_images=others)
        try:
            print("many", end, len([0 for _ in ImageSequence.Iterator(Image.open(f"many.{end}"))]))
        except Exception as error:
            print("many", end, type(error).__name__)


def broken():
    for end in ("jpg", "png", "webp", "tiff", "gif", "bmp", "jp2", "avif"):
        out = io.BytesIO()
        image.save(out, {"jpg": "JPEG", "jp2": "JPEG2000"}.get(end, end.upper()))
        data = out.getvalue()
        open(f"half.{end}", "wb").write(data[: len(data) // 2])
        open(f"bent.{end}", "wb").write(data[:60] + bytes(255 - byte for byte in data[60:90]) + data[90:])
    open("nothing", "wb").close()
    open("text", "wb").write(b"this is no picture\n" * 9)
    open("bomb.pgm", "wb").write(b"P5 30000 30000 255\n")
    open("bomb.png", "wb").write(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x7f\xff\0\0\x7f\xff\x08\x02\0\0\0\x2c\xd1\x4b\xaa")
    open("broken.pdf", "wb").write(b"%PDF-1.7\nno more")
    open("svg", "wb").write(b"<svg xmlns='http://www.w3.org/2000/svg'/>")


def video():
    import av

    for end, codec, pixels in (
        ("mp4", "libx264", "yuv420p"),
        ("webm", "libvpx-vp9", "yuv420p"),
        ("avi", "mpeg4", "yuv420p"),
        ("mkv", "ffv1", "yuv420p"),
        ("mov", "mjpeg", "yuvj420p"),
        ("gif", "gif", "rgb8"),
        ("ts", "mpeg2video", "yuv420p"),
        ("mp4", "libx265", "yuv420p"),
        ("mkv", "libsvtav1", "yuv420p"),
        ("webm", "libvpx", "yuv420p"),
    ):
        name = f"{codec}.{end}"
        try:
            with av.open(name, "w") as sink:
                stream = sink.add_stream(codec, rate=25)
                stream.width, stream.height, stream.pix_fmt = 96, 96, pixels
                for number in range(8):
                    picture = Image.fromarray(np.full((96, 96, 3), 30, "u1"))
                    ImageDraw.Draw(picture).rectangle((10 + number * 3, 40, 36 + number * 3, 66), fill=(60, 200, 255))
                    ImageDraw.Draw(picture).ellipse((60, 5 + number * 2, 86, 31 + number * 2), fill=(255, 160, 40))
                    for packet in stream.encode(av.VideoFrame.from_image(picture)):
                        sink.mux(packet)
                for packet in stream.encode():
                    sink.mux(packet)
        except Exception as error:
            print(name, type(error).__name__, str(error)[:60])


def words():
    font = ImageFont.truetype("DejaVuSans.ttf", 32)
    sheet = Image.new("RGB", (480, 160), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((20, 20), "Good tea 42", font=font, fill="black")
    pen.text((20, 90), "costs 3.50 today", font=font, fill=(0, 0, 160))
    sheet.save("words.png")
    sheet.save("words.pdf")
    sheet.rotate(180).save("turned.webp", lossless=True)
    sheet.crop((10, 10, 260, 70)).save("line.png")
    sheet.resize((120, 40)).save("small.png")
    Image.new("RGB", (300, 100), "white").save("white.png")


def codes():
    import qrcode
    import zxingcpp

    qrcode.make("https://example.org/tea?cups=42").get_image().save("qr.png")
    for name in (
        "QRCode",
        "MicroQRCode",
        "RMQRCode",
        "DataMatrix",
        "Aztec",
        "PDF417",
        "Code128",
        "Code39",
        "EAN13",
        "EAN8",
        "UPCA",
        "ITF",
        "Codabar",
        "MaxiCode",
        "DataBar",
    ):
        text = {
            "EAN13": "5901234123457",
            "EAN8": "96385074",
            "UPCA": "012345678905",
            "ITF": "12345678",
            "Codabar": "A1234B",
            "MicroQRCode": "12345",
            "DataBar": "0101234567890128",
            "MaxiCode": "TEA 42",
        }.get(name, "TEA-42")
        try:
            kind = getattr(zxingcpp.BarcodeFormat, name)
            made = zxingcpp.create_barcode(text, kind).to_image(scale=4, add_quiet_zones=True)
            Image.fromarray(np.array(made)).save(f"{name}.png")
        except Exception as error:
            print(name, type(error).__name__, str(error)[:80])


for what in sys.argv[1:]:
    globals()[what]()
