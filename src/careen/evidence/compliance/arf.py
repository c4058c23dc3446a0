"""Writer of ARF 1.1: the asset, the benchmark that it was assessed against, and the results."""

from xml.etree import ElementTree as ET

from careen.evidence.compliance.identity import plain
from careen.evidence.compliance.xccdf import benchmark, document, test_result
from careen.model.compliance.assessment import Assessment, FrameworkResult

_ARF = "http://scap.nist.gov/schema/asset-reporting-format/1.1"
_CORE = "http://scap.nist.gov/schema/reporting-core/1.1"
_ASSET = "http://scap.nist.gov/schema/asset-identification/1.1"
_RELATIONS = "http://scap.nist.gov/specifications/arf/vocabulary/relationships/1.0#"
_REQUEST, _IMAGE, _REPORT = "request-1", "image-1", "report-1"


def arf_report(assessment: Assessment, framework: FrameworkResult) -> bytes:
    """Return the document of one framework."""
    root = ET.Element(f"{{{_ARF}}}asset-report-collection", {"id": "careen"})
    root.set("xmlns:arfvocab", _RELATIONS)  # the types of relationships are names with this prefix
    relationships = ET.SubElement(root, f"{{{_CORE}}}relationships")
    _relation(relationships, "createdFor", _REQUEST)
    _relation(relationships, "isAbout", _IMAGE)
    requests = ET.SubElement(root, f"{{{_ARF}}}report-requests")
    request = ET.SubElement(requests, f"{{{_ARF}}}report-request", {"id": _REQUEST})
    ET.SubElement(request, f"{{{_ARF}}}content").append(benchmark(assessment, framework))
    assets = ET.SubElement(root, f"{{{_ARF}}}assets")
    asset = ET.SubElement(assets, f"{{{_ARF}}}asset", {"id": _IMAGE})
    asset.append(_image(assessment))
    reports = ET.SubElement(root, f"{{{_ARF}}}reports")
    report = ET.SubElement(reports, f"{{{_ARF}}}report", {"id": _REPORT})
    ET.SubElement(report, f"{{{_ARF}}}content").append(test_result(assessment, framework))
    return document(root)


def _relation(parent: ET.Element, kind: str, to: str) -> None:
    relation = ET.SubElement(
        parent,
        f"{{{_CORE}}}relationship",
        {"type": f"arfvocab:{kind}", "subject": _REPORT},
    )
    ET.SubElement(relation, f"{{{_CORE}}}ref").text = to


def _image(assessment: Assessment) -> ET.Element:
    """Return the image as an asset: software, known by its digest."""
    software = ET.Element(f"{{{_ASSET}}}software")
    ET.SubElement(
        software,
        f"{{{_ASSET}}}synthetic-id",
        {"resource": "urn:careen:oci-image", "id": assessment.digest},
    )
    ET.SubElement(software, f"{{{_ASSET}}}installation-id").text = plain(assessment.subject)
    return software


for _prefix, _space in (("arf", _ARF), ("core", _CORE), ("ai", _ASSET)):
    ET.register_namespace(_prefix, _space)
