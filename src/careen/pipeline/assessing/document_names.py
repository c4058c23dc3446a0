"""The names of the documents of an assessment, to remove those of an earlier run."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from careen.compliance.frameworks import own_frameworks
from careen.errors import CareenError
from careen.evidence.directory.population import FILE as POPULATION
from careen.model.compliance.assessment import Assessment
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


def names_in(folder: Path, assessment: Assessment) -> tuple[str, ...]:
    """Return the names of documents that this run or the one before may have put into a folder.

    Others are not careen's, whatever they end in.
    """
    ids = {*own_frameworks(), *(each.id for each in assessment.frameworks), *_before(folder / FILE)}
    return (
        *_ALWAYS,
        *(name for each in sorted(ids) for name in _of_framework(each)),
    )


def _of_framework(name: str) -> tuple[str, ...]:
    return f"xccdf-{name}.xml", f"arf-{name}.xml", f"{name}.cklb"


def _before(path: Path) -> Iterator[str]:
    """Yield the ids of the frameworks in an earlier comply.json, none if it is not careen's."""
    try:
        found = json.loads(read_regular(path, _LIMIT))
        for assessment in found["assessments"] if found["format"] == FORMAT else ():
            for framework in assessment["frameworks"]:
                if _ID.match(framework["id"]):
                    yield framework["id"]
    except (CareenError, ValueError, KeyError, TypeError, RecursionError):
        return
