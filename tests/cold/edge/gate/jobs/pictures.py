import gi

gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf, GLib

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="7"><rect width="9" height="7" fill="#f00"/></svg>'


def work(kind="png"):
    if kind == "svg":
        loader = GdkPixbuf.PixbufLoader.new_with_type("svg")
        loader.write(SVG)
        loader.close()
        found = loader.get_pixbuf()
    elif kind == "formats":
        return " ".join(sorted(item.get_name() for item in GdkPixbuf.Pixbuf.get_formats())) + "\n"
    else:
        picture = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, False, 8, 9, 7)
        picture.fill(0xFF0000FF)
        path = f"/tmp/p.{kind}"
        try:
            picture.savev(path, kind, [], [])
        except GLib.Error as error:
            return f"{kind}: {error.message}\n"
        found = GdkPixbuf.Pixbuf.new_from_file_at_scale(path, 18, -1, True)
    return f"{kind}: {found.get_width()} {found.get_height()}\n"
