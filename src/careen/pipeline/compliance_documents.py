"""All documents of an assessment."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from careen.compliance.frameworks import own_frameworks
from careen.errors import CareenError
from careen.evidence.compliance.arf import arf_report
from careen.evidence.compliance.cklb import cklb_checklist
from careen.evidence.compliance.oscal_component import oscal_component
from careen.evidence.compliance.oscal_poam import oscal_poam
from careen.evidence.compliance.oscal_results import oscal_results
from careen.evidence.compliance.stig_benchmark import StigBenchmark
from careen.evidence.compliance.xccdf import xccdf_results
from careen.evidence.directory.population import FILE as POPULATION
from careen.model.compliance.assessment import Assessment, Compliance
from careen.pipeline.assessing.fedramp import NAMES as FEDRAMP
from careen.pipeline.comply import CBOM, OSCAP_RESULTS, STIG
from careen.report.compliance.controls import controls_csv
from careen.report.compliance.markdown import to_markdown
from careen.report.compliance.spreadsheet import to_csv
from careen.report.documents.comply import FILE, FORMAT, comply_json
from careen.tools.read_file import read_regular

POAM = "oscal-poam.json"
_ALWAYS = (
    *(FILE, "compliance.md", "compliance.csv", "controls.csv", POAM, OSCAP_RESULTS, CBOM),
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


def documents_of(assessment: Assessment, numbers: StigBenchmark | None = None) -> dict[str, bytes]:
    """Return the documents by file name; `numbers` are DISA's, for the checklist."""
    documents = {
        FILE: comply_json(Compliance((assessment,))),
        "compliance.md": to_markdown(assessment),
        "compliance.csv": to_csv(assessment),
        "controls.csv": controls_csv(assessment),
    }
    for framework in assessment.frameworks:
        documents[f"xccdf-{framework.id}.xml"] = xccdf_results(assessment, framework)
        documents[f"arf-{framework.id}.xml"] = arf_report(assessment, framework)
        if framework.id.startswith(STIG):
            checklist = cklb_checklist(assessment, framework, numbers)
            documents[f"{framework.id}.cklb"] = checklist
    documents["oscal-component-definition.json"] = oscal_component(assessment)
    if (poam := oscal_poam(assessment)) is not None:
        documents[POAM] = poam
    evidence = dict(documents)
    documents["oscal-assessment-results.json"] = oscal_results(assessment, evidence)
    return documents
