"""Pictures in formats that are known by their names; the library is the distribution's."""

import io


def run(*formats):
    from PIL import Image, ImageDraw, ImageFont, features

    picture = Image.new("RGB", (32, 16), "navy")
    ImageDraw.Draw(picture).text((2, 2), "ab", font=ImageFont.load_default(), fill="white")
    for name in formats:
        stream = io.BytesIO()
        try:
            picture.save(stream, name)
            again = Image.open(io.BytesIO(stream.getvalue()))
            print(name, again.format, again.size, again.mode)
        except (KeyError, OSError) as error:
            print(name, type(error).__name__, error)
    print("webp", features.check("webp"), "freetype", features.check("freetype2"))
