"""Renderer of a scan with a user's Jinja template."""

import re
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from types import TracebackType

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from careen import __version__
from careen.errors import InputError
from careen.model.findings.advisory import CvssScore, EpssScore, Feed, KevEntry, SsvcAssessment
from careen.model.findings.finding import Finding, Match, Uncovered
from careen.model.findings.questions import Answered, FourQuestions
from careen.model.findings.triage import ObservedBy, ScanReport, Suppressed, Triaged, Witness
from careen.model.packages.package import Inventory, Package
from careen.model.runs.completeness import Completeness, Gap

MAX_TEMPLATE = 1 << 20  # bytes
MAX_OUTPUT = 64 << 20  # characters; three nested loops over 400 findings give 64 million rounds
MARKUP = (".html", ".htm", ".xhtml", ".xml", ".svg")
"""Template suffixes, less `.j2` or `.jinja`, whose output is HTML-escaped."""

_KINDS = (
    *(ScanReport, Triaged, Witness, Suppressed, ObservedBy, Completeness, Gap, Uncovered, Feed),
    *(
        FourQuestions,
        Answered,
        Finding,
        CvssScore,
        EpssScore,
        KevEntry,
        SsvcAssessment,
        Match,
        Inventory,
        Package,
    ),
)
NAMES: Mapping[str, tuple[str, ...]] = {
    kind.__name__: tuple(field.name for field in fields(kind))
    + tuple(
        name
        for name, value in vars(kind).items()
        if isinstance(value, property) and not name.startswith("_")
    )
    for kind in _KINDS
}
"""Attributes that a template can use, by the name of the value's class."""

_FILE = "<template>"
_KIND = re.compile(r"'(?:careen\.[\w.]+\.)?(\w+) object' has no attribute")


def render_scan(report: ScanReport, template: Path) -> str:
    """Return the output of a Jinja template for a report.

    The template sees `report` (a `model.triage.ScanReport`) and `careen_version`, and reads no
    file. Unknown names are errors. Values are HTML-escaped if the template's name ends as in
    `MARKUP`. The template runs in Jinja's sandbox. Raises InputError that names the template's
    line.
    """
    # The template may come from an untrusted repository.
    compiled = _compiled(template)
    names = {"report": report, "careen_version": __version__}
    try:
        return _bounded(compiled.generate(names), template)
    except (
        TemplateError,
        ArithmeticError,
        AttributeError,
        LookupError,
        MemoryError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        line = _line(error.__traceback__)
        said = str(error) or type(error).__name__
        known = _known(said, names) if isinstance(error, UndefinedError) else ""
        msg = f"{template}{f':{line}' if line else ''}: {said}{known}"
        raise InputError(msg) from error


def check_syntax(template: Path) -> None:
    """Raise InputError if the template cannot be read or parsed."""
    _compiled(template)


def _compiled(template: Path) -> Template:
    try:
        source = _read(template)
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{template}: cannot be read as a template: {error}"
        raise InputError(msg) from error
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=_is_markup(template),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    try:
        return environment.from_string(source)
    except TemplateSyntaxError as error:
        msg = f"{template}:{error.lineno}: {error.message}"
        raise InputError(msg) from error


def _known(said: str, names: Mapping[str, object]) -> str:
    """Return the known names of the template, or of the value that lacks one."""
    # docs/template.md lists them all.
    kind = _KIND.search(said)
    if kind is None:
        return f"; known: {', '.join(names)}" if said.endswith("is undefined") else ""
    known = NAMES.get(kind[1])
    return f"; known: {', '.join(known)}" if known else ""


def _bounded(parts: Iterable[str], template: Path) -> str:
    out: list[str] = []
    size = 0
    for part in parts:
        size += len(part)
        if size > MAX_OUTPUT:
            msg = f"{template}: the output is longer than {MAX_OUTPUT} characters"
            raise InputError(msg)
        out.append(part)
    return "".join(out)


def _read(template: Path) -> str:
    with template.open("rb") as stream:
        data = stream.read(MAX_TEMPLATE + 1)
    if len(data) > MAX_TEMPLATE:
        msg = f"{template}: more than the {MAX_TEMPLATE} bytes that are read of a template"
        raise InputError(msg)
    return data.decode("utf-8")


def _is_markup(template: Path) -> bool:
    name = template.name.lower().removesuffix(".j2").removesuffix(".jinja")
    return name.endswith(MARKUP)


def _line(trace: TracebackType | None) -> int | None:
    """Return the template line of a traceback; Jinja's frames carry it."""
    frames = [frame.lineno for frame in traceback.extract_tb(trace) if frame.filename == _FILE]
    return frames[-1] if frames else None
