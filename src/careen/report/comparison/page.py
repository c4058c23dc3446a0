"""Renderer of a comparison as one page that needs nothing beside it and runs no script."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from careen import __version__
from careen.formats.json_document import clean
from careen.report.comparison.changes import RunComparison
from careen.report.comparison.sections import cut, headline, sections
from careen.report.finished.figures import pair

ROWS = 2000
"""Rows of each table; more are counted."""


def comparison_html(found: RunComparison) -> bytes:
    """Return the page, UTF-8."""
    style = (files("careen.report.finished") / "style.css").read_text()
    template = (files(__package__) / "page.html.j2").read_text()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["clean"] = lambda value: clean(str(value))
    bars, *others = sections(found)
    page = environment.from_string(template).render(
        found=found,
        headline=headline(found),
        bars=bars,
        pairs=[pair(each) for each in found.figures],
        sections=[(each, *cut(each.rows, ROWS)) for each in others],
        style=style,
        version=__version__,
    )
    return page.encode("utf-8", "replace")
