import cairo
import gi

gi.require_version("Poppler", "0.18")
from gi.repository import Poppler


def work():
    surface = cairo.PDFSurface("/tmp/paper.pdf", 100, 100)
    context = cairo.Context(surface)
    context.select_font_face("Sans")
    context.move_to(9, 50)
    context.show_text("pass")
    surface.finish()
    document = Poppler.Document.new_from_file("file:///tmp/paper.pdf", None)
    return f"{document.get_n_pages()} {document.get_page(0).get_text()!r}\n"
