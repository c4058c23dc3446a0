"""Reader of OpenSCAP's XCCDF results, and what of them may be kept.

OpenSCAP writes the name and the addresses of the machine that it runs on: they are replaced, since
an assessment is about an image.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from careen.errors import ToolError

LIMIT = 128 << 20  # bytes; that of a large benchmark has 9 MB
_X = "{http://checklists.nist.gov/xccdf/1.2}"
_OF_MACHINE = (f"{_X}target-address", f"{_X}target-id-ref", f"{_X}identity")
_FACT = re.compile(r"urn:xccdf:fact:(?:asset:identifier|ethernet|ip)")


@dataclass(frozen=True, slots=True)
class OscapResults:
    """Results by rule id, and the benchmark's version; `document` has nothing of the machine."""

    rules: Mapping[str, str]
    version: str
    document: bytes

    @property
    def counts(self) -> Mapping[str, int]:
        """Number of rules by result."""
        return dict(sorted(Counter(self.rules.values()).items()))


def read_oscap_results(data: bytes, target: str) -> OscapResults:
    """Return the results of a document; `target` replaces the machine. Raises ToolError."""
    if len(data) > LIMIT:
        msg = f"OpenSCAP's results have {len(data)} bytes; at most {LIMIT} are read"
        raise ToolError(msg)
    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError) as error:
        msg = f"OpenSCAP's results cannot be read: {error}"
        raise ToolError(msg) from error
    result = root.find(f"{_X}TestResult")
    if result is None:
        msg = "OpenSCAP's results have no TestResult"
        raise ToolError(msg)
    rules = {
        each.get("idref", ""): each.findtext(f"{_X}result", "")
        for each in result.findall(f"{_X}rule-result")
    }
    rules = {rule: word for rule, word in rules.items() if word != "notselected"}
    _without_machine(result, target)
    version = root.findtext(f"{_X}version", "")
    document = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return OscapResults(rules, version, document)


def _without_machine(result: ET.Element, target: str) -> None:
    for child in list(result):
        if child.tag in _OF_MACHINE:
            result.remove(child)
        elif child.tag == f"{_X}target":
            child.text = target
        elif child.tag == f"{_X}target-facts":
            for fact in list(child):
                if _FACT.match(fact.get("name", "")):
                    child.remove(fact)
            if not len(child):
                result.remove(child)
