"""Renderer of the page of a catalog: one file that needs nothing beside it.

The page holds its style and its script. Its policy lets that script run and nothing else, and loads
nothing.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from careen import __version__
from careen.formats.json_document import clean
from careen.model.catalog.listing import EntryRow
from careen.model.catalog.refresh import BaseState
from careen.report.catalog.chart import HEIGHT, SEVERITIES, WIDTH, finding_bars, size_line
from careen.report.finished.figures import count, size

FINDINGS = 200
"""Open findings in the table of an image; more are counted."""
EVENTS = 60
STEPS = 40
"""Events in the history of an image, and changed packages of each; the changelog has all."""


@dataclass(frozen=True, slots=True)
class PageEntry:
    """An entry, what it replaces, and the images of it that were promoted."""

    row: EntryRow
    replaces: tuple[str, ...]
    states: tuple[BaseState, ...]


def catalog_html(entries: Sequence[PageEntry], made: str) -> bytes:
    """Return the page, UTF-8; `made` is the time that it states."""
    style = (files("careen.report.finished") / "style.css").read_text()
    style += (files(__package__) / "page.css").read_text()
    script = (files(__package__) / "page.js").read_text()
    template = (files(__package__) / "page.html.j2").read_text()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters.update(size=size, clean=lambda value: clean(str(value)), count=count)
    environment.globals.update(line=size_line, bars=finding_bars)
    images = [state for entry in entries for state in entry.states]
    known = [len(each.findings) for each in images if each.findings is not None]
    page = environment.from_string(template).render(
        entries=entries,
        images=len(images),
        findings=sum(known) if len(known) == len(images) and images else None,
        made=made,
        width=WIDTH,
        height=HEIGHT,
        severities=SEVERITIES,
        most_findings=FINDINGS,
        most_events=EVENTS,
        most_steps=STEPS,
        style=style,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        version=__version__,
    )
    return page.encode("utf-8", "replace")
