def work():
    with open("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf", "rb") as font:
        return font.read(4).hex() + "\n"
