import hashlib
import io

import cairo
import gi

gi.require_version("Pango", "1.0")
gi.require_version("PangoCairo", "1.0")
gi.require_version("Rsvg", "2.0")
from gi.repository import Pango, PangoCairo, Rsvg

TEXTS = {"latin": "Gate 5", "japanese": "五番門", "arabic": "بوابة", "mixed": "Gate 五 ß €"}


def work(script="latin", out="png"):
    stream = io.BytesIO()
    surface = {"pdf": cairo.PDFSurface, "svg": cairo.SVGSurface, "ps": cairo.PSSurface}.get(out)
    surface = surface(stream, 200, 40) if surface else cairo.ImageSurface(cairo.FORMAT_ARGB32, 200, 40)
    context = cairo.Context(surface)
    layout = PangoCairo.create_layout(context)
    layout.set_font_description(Pango.FontDescription.from_string("Sans 14"))
    layout.set_markup(f"<b>{TEXTS[script]}</b>")
    PangoCairo.show_layout(context, layout)
    Rsvg.Handle.new_from_data(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="7"><circle r="3"/></svg>').render_cairo(
        context
    ) if out == "png" else None
    width = layout.get_pixel_size()[0]
    unknown = layout.get_unknown_glyphs_count()
    if out == "png":
        return f"{width} {unknown} {hashlib.sha256(bytes(surface.get_data())).hexdigest()[:12]}\n"
    surface.finish()
    return f"{width} {unknown} {stream.getvalue()[:4]}\n"
