"""Writer of XCCDF 1.2: a benchmark with the result of each of its rules.

XCCDF knows neither "inherited" nor "manual": both are `notchecked`, and the message says which.
What could not be evaluated is `unknown`, never `notapplicable`.
"""

from xml.etree import ElementTree as ET

from careen.evidence.compliance.identity import (
    checks_of,
    details_of,
    fixes_of,
    header_of,
    name_of,
    plain,
)
from careen.model.compliance.assessment import Assessment, FrameworkResult, ItemResult
from careen.model.compliance.result import Result

XCCDF = "http://checklists.nist.gov/xccdf/1.2"
_XHTML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DC = "http://purl.org/dc/elements/1.1/"
_CCI = "http://cyber.mil/cci"
_SYSTEM = "urn:careen:check"
_SCORE = "urn:xccdf:scoring:flat-unweighted"
_RESULTS = {
    Result.PASS: "pass",
    Result.FAIL: "fail",
    Result.NOT_APPLICABLE: "notapplicable",
    Result.NOT_EVALUABLE: "unknown",
    Result.INHERITED: "notchecked",
    Result.MANUAL: "notchecked",
}


def xccdf_results(assessment: Assessment, framework: FrameworkResult) -> bytes:
    """Return the document of one framework."""
    root = benchmark(assessment, framework)
    root.append(test_result(assessment, framework))
    return document(root)


def document(root: ET.Element) -> bytes:
    """Return a document's bytes, indented."""
    ET.indent(root, " ")
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def benchmark(assessment: Assessment, framework: FrameworkResult) -> ET.Element:
    """Return the Benchmark element, without results."""
    root = ET.Element(
        _x("Benchmark"),
        {"id": _id("benchmark", framework.id), "resolved": "true", _XHTML_LANG: "en"},
    )
    _text(root, "status", "accepted", date=framework.dated)
    _text(root, "title", plain(framework.title))
    _text(root, "description", plain(header_of(assessment, framework)))
    ET.SubElement(root, _x("reference"), {"href": plain(framework.source)})
    _text(root, "version", plain(framework.content))
    metadata = ET.SubElement(root, _x("metadata"))
    ET.SubElement(metadata, f"{{{_DC}}}creator").text = plain(assessment.tool)
    ET.SubElement(metadata, f"{{{_DC}}}source").text = plain(framework.source)
    for item in framework.items:
        root.append(_rule(assessment, item))
    return root


def _rule(assessment: Assessment, item: ItemResult) -> ET.Element:
    rule = ET.Element(
        _x("Rule"),
        {"id": _id("rule", item.id), "selected": "true", "severity": item.severity.value},
    )
    _text(rule, "version", plain(item.id))
    _text(rule, "title", plain(item.title))
    if item.rest:
        _text(rule, "description", plain(item.rest))
    for cci in item.cci:
        _text(rule, "ident", plain(cci), system=_CCI)
    for control in item.controls:
        _text(rule, "ident", plain(control), system="urn:nist:sp:800-53:r5")
    fix = fixes_of(assessment, item)
    if fix:
        _text(rule, "fixtext", plain(fix))
    rule.append(_check(item))
    return rule


def _check(item: ItemResult) -> ET.Element:
    check = ET.Element(_x("check"), {"system": _SYSTEM})
    ET.SubElement(
        check,
        _x("check-content-ref"),
        {"href": "comply.json", "name": ",".join(item.checks) or f"{item.id}: no check"},
    )
    return check


def test_result(assessment: Assessment, framework: FrameworkResult) -> ET.Element:
    """Return the TestResult element. The target is the image, never the machine that assessed."""
    root = ET.Element(
        _x("TestResult"),
        {
            "id": _id("testresult", framework.id),
            "start-time": assessment.started,
            "end-time": assessment.ended,
            "test-system": plain(assessment.tool),
            "version": plain(framework.content),
        },
    )
    ET.SubElement(
        root,
        _x("benchmark"),
        {"href": f"#{_id('benchmark', framework.id)}", "id": _id("benchmark", framework.id)},
    )
    _text(root, "title", plain(f"{framework.title}: {assessment.subject}"))
    _text(root, "target", plain(f"oci-image://{assessment.subject}@{assessment.digest}"))
    root.append(_facts(assessment))
    for item in framework.items:
        root.append(_rule_result(assessment, item))
    numbers = framework.coverage
    _text(root, "score", str(numbers.passed), system=_SCORE, maximum=str(numbers.evaluated or 1))
    return root


def _facts(assessment: Assessment) -> ET.Element:
    facts = ET.Element(_x("target-facts"))
    stated = {
        "urn:careen:fact:image:digest": assessment.digest,
        "urn:careen:fact:image:config-digest": assessment.config_digest,
        "urn:careen:fact:image:platform": assessment.platform,
        "urn:careen:fact:image:paths": str(assessment.paths),
        "urn:careen:fact:image:packages": str(assessment.packages),
        **{
            f"urn:careen:fact:feed:{name_of(each.name)}": each.date for each in assessment.databases
        },
    }
    for name, value in stated.items():
        fact = ET.SubElement(facts, _x("fact"), {"name": name, "type": "string"})
        fact.text = plain(value)
    return facts


def _rule_result(assessment: Assessment, item: ItemResult) -> ET.Element:
    result = ET.Element(
        _x("rule-result"),
        {
            "idref": _id("rule", item.id),
            "time": assessment.ended,
            "severity": item.severity.value,
            "weight": "1.0",
        },
    )
    _text(result, "result", _RESULTS[item.result])
    for cci in item.cci:
        _text(result, "ident", plain(cci), system=_CCI)
    severity = "error" if item.result is Result.FAIL else "info"
    _text(result, "message", f"{item.result.value}: {plain(item.reason)}", severity=severity)
    if checks_of(assessment, item):
        _text(result, "message", details_of(assessment, item), severity="info")
    result.append(_check(item))
    return result


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, _x(name), attributes).text = text


def _x(name: str) -> str:
    return f"{{{XCCDF}}}{name}"


def _id(kind: str, name: str) -> str:
    return f"xccdf_careen_{kind}_{name_of(name)}"


ET.register_namespace("xccdf", XCCDF)
ET.register_namespace("dc", _DC)
