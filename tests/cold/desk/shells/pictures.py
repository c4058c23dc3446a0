import io

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from easy_thumbnails.files import get_thumbnailer
from PIL import Image

from tickets.pictures import formats

print(*formats(20), sep="\n")
out = io.BytesIO()
Image.new("RGBA", (200, 100), "teal").save(out, "PNG")
where = InMemoryStorage()
where.save("a.png", ContentFile(out.getvalue()))
where.save("b.svg", ContentFile(open("tickets/static/tickets/tea.svg", "rb").read()))
for alias in ("small", "grey"):
    maker = get_thumbnailer(where, "a.png")
    maker.thumbnail_storage = where
    made = maker[alias]
    print(alias, made.width, made.height)

maker = get_thumbnailer(where, "b.svg")
maker.thumbnail_storage = where
try:
    print("svg", maker.get_thumbnail({"size": (60, 60)}).image.size)
except Exception as error:
    print("svg (60, 60)", type(error).__name__)

