"""Renderer of `report.html`, one file that needs nothing beside it.

The page holds its style and its script, and the list of files as packed JSON. Its policy lets that
script run and nothing else, and loads nothing.
"""

import base64
import gzip
import hashlib
import json
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template, TemplateError

from careen import __version__
from careen.errors import ConfigError
from careen.formats.json_document import clean
from careen.report.finished.compliance import assessments_in, fips_in
from careen.report.finished.dataset import EVIDENCE, dataset
from careen.report.finished.facts import MALFORMED, ReportFacts, ended_of, not_known
from careen.report.finished.figures import count, pairs, size

FINDINGS = 2000
"""Findings in the page's table; more are counted and named as left out."""


def report_html(facts: ReportFacts) -> bytes:
    """Return the page, UTF-8. Raises ConfigError if a document is not one of careen's."""
    style, script = (_own(name) for name in ("style.css", "page.js"))
    listed = (facts.findings or {}).get("findings", ())
    try:
        page = page_template().render(
            facts=facts,
            summary=facts.summary,
            verify=facts.verify,
            adequacy=facts.adequacy,
            findings=listed[:FINDINGS],
            findings_left_out=max(len(listed) - FINDINGS, 0),
            pairs=pairs(facts),
            ended=ended_of(facts),
            compliance=assessments_in(facts),
            fips=fips_in(facts),
            not_known=list(not_known(facts)),
            evidence=EVIDENCE,
            evidence_json=_in_script(json.dumps(EVIDENCE)),
            data=_packed(facts),
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
            version=__version__,
        )
    except (TemplateError, *MALFORMED) as error:
        msg = f"a document of the report is not as careen writes it: {error}"
        raise ConfigError(msg) from error
    return page.encode("utf-8", "replace")


@cache
def page_template() -> Template:
    """Return the template of the page; compiling it takes longer than a small page."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters.update(size=size, clean=lambda value: clean(str(value)), count=count)
    return environment.from_string(_own("page.html.j2"))


def _own(name: str) -> str:
    return (files(__package__) / name).read_text()


def _packed(facts: ReportFacts) -> str:
    columns = dataset(facts.plan, facts.bom, facts.rootfs, facts.inventory)
    document = json.dumps(columns, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(document, 9, mtime=0)).decode()


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _in_script(text: str) -> str:
    return text.replace("<", "\\u003c")
