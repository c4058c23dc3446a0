"""The names of the documents of an assessment, to remove those of an earlier run."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from careen.compliance.frameworks import own_frameworks
from careen.errors import CareenError, ConfigError
from careen.evidence.directory.population import FILE as POPULATION
from careen.formats.json_document import objects, parse_object, text_at
from careen.model.compliance.assessment import Assessment
from careen.oci.reference import parse_reference
from careen.pipeline.assessing.fedramp import NAMES as FEDRAMP
from careen.report.documents.comply import FILE, FORMAT
from careen.tools.read_file import read_regular

OSCAP_RESULTS = "oscap-results.xml"
CBOM = "cbom.cdx.json"
_ALWAYS = (
    *(
        FILE,
        "compliance.md",
        "compliance.csv",
        "controls.csv",
        "oscal-poam.json",
        OSCAP_RESULTS,
        CBOM,
    ),
    *("oscal-assessment-results.json", "oscal-component-definition.json"),
    *(*FEDRAMP, POPULATION),
)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")  # of a framework
_LIMIT = 256 << 20


def names_in(folder: Path, assessment: Assessment | None = None) -> tuple[str, ...]:
    """Return the names of documents that the run before, or this one, may have put into a folder.

    Others are not careen's, whatever they end in.
    """
    mine = () if assessment is None else assessment.frameworks
    ids = {*own_frameworks(), *(each.id for each in mine), *_before(folder / FILE)}
    return (
        *_ALWAYS,
        *(name for each in sorted(ids) for name in _of_framework(each)),
    )


def folders_about(images: Iterable[str], directory: Path) -> Iterator[Path]:
    """Yield the folders below a directory with documents of an earlier run about these images."""
    names = {name for each in images for name in _references(each)}
    for path in sorted(directory.glob(f"*/{FILE}")) if names else ():
        subjects = {text_at(each, "subject") for each in _assessments(path)}
        if subjects and subjects <= names:
            yield path.parent


def _references(image: str) -> tuple[str, ...]:
    """Return how an assessment may name an image that the user named."""
    try:
        return image, str(parse_reference(image))
    except CareenError:
        return (image,)


def _of_framework(name: str) -> tuple[str, ...]:
    return f"xccdf-{name}.xml", f"arf-{name}.xml", f"{name}.cklb"


def _before(path: Path) -> Iterator[str]:
    """Yield the ids of the frameworks in an earlier comply.json, none if it is not careen's."""
    for assessment in _assessments(path):
        for framework in objects(assessment.get("frameworks")):
            if _ID.match(found := text_at(framework, "id")):
                yield found


def _assessments(path: Path) -> tuple[Mapping[str, Any], ...]:
    """Return the assessments of an earlier comply.json, () if it is not careen's."""
    try:
        found = parse_object(read_regular(path, _LIMIT), str(path), ConfigError)
    except CareenError:
        return ()
    return tuple(objects(found.get("assessments"))) if found.get("format") == FORMAT else ()
