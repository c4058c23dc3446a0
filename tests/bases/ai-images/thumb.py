import io

from PIL import Image

data = io.BytesIO()
Image.new("RGB", (64, 32), "navy").resize((32, 16)).save(data, "PNG")
data.seek(0)
found = Image.open(data)
print(found.format, found.size)
