import io
import sys

import pendulum

for language in sys.argv[1:]:
    print(
        language, pendulum.duration(days=8, hours=2).in_words(locale=language), pendulum.datetime(2024, 1, 1, tz="Asia/Tokyo").format("dddd", locale=language)
    )
if "pdf" not in sys.modules:
    import pypdf

    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    stream = io.BytesIO()
    writer.encrypt("x", algorithm="RC4-128") if len(sys.argv) > 2 else None
    writer.write(stream)
    print(len(pypdf.PdfReader(stream, password="x").pages))
