"""All documents of an assessment."""

from careen.evidence.compliance.arf import arf_report
from careen.evidence.compliance.cklb import STIG, cklb_checklist
from careen.evidence.compliance.oscal_component import oscal_component
from careen.evidence.compliance.oscal_poam import oscal_poam
from careen.evidence.compliance.oscal_results import oscal_results
from careen.evidence.compliance.stig_benchmark import StigBenchmark
from careen.evidence.compliance.xccdf import xccdf_results
from careen.model.compliance.assessment import Assessment, Compliance
from careen.report.compliance.controls import controls_csv
from careen.report.compliance.markdown import to_markdown
from careen.report.compliance.spreadsheet import to_csv
from careen.report.documents.comply import FILE, comply_json

POAM = "oscal-poam.json"


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
