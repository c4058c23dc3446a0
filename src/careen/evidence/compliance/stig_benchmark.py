"""Reader of DISA's manual benchmark: the V- and SV-numbers of its rules, by their SRG ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from careen.errors import ConfigError
from careen.tools.read_file import read_file

LIMIT = 64 << 20  # bytes; the largest of DISA's has 3 MB
_NAMESPACES = (
    "http://checklists.nist.gov/xccdf/1.1",
    "http://checklists.nist.gov/xccdf/1.2",
)


@dataclass(frozen=True, slots=True)
class StigRule:
    """The numbers of one rule: `V-203591`, `SV-203591r958362_rule`."""

    group: str
    rule: str


@dataclass(frozen=True, slots=True)
class StigBenchmark:
    """A benchmark's id, title and release, its rules by SRG id, and its file."""

    id: str
    title: str
    release: str
    version: str
    rules: Mapping[str, StigRule]
    path: Path


def read_stig_benchmark(path: Path) -> StigBenchmark:
    """Read a manual benchmark (XCCDF 1.1 or 1.2). Raises ConfigError with the path."""
    data = read_file(path, LIMIT)
    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        msg = f"{path}: not a benchmark in XML: {error}"
        raise ConfigError(msg) from error
    space = next((each for each in _NAMESPACES if root.tag == f"{{{each}}}Benchmark"), None)
    if space is None:
        msg = f"{path}: not an XCCDF benchmark: unzip DISA's file, and name its …-xccdf.xml"
        raise ConfigError(msg)
    rules = dict(_rules(root, space))
    if not rules:
        msg = f"{path}: has no rules"
        raise ConfigError(msg)
    release = next(
        (
            each.text or ""
            for each in root.findall(f"{{{space}}}plain-text")
            if each.get("id") == "release-info"
        ),
        "",
    )
    return StigBenchmark(
        id=root.get("id", ""),
        title=root.findtext(f"{{{space}}}title", ""),
        release=release,
        version=root.findtext(f"{{{space}}}version", ""),
        rules=rules,
        path=path,
    )


def _rules(root: Element, space: str) -> list[tuple[str, StigRule]]:
    found = []
    for group in root.iter(f"{{{space}}}Group"):
        for rule in group.findall(f"{{{space}}}Rule"):
            name = rule.findtext(f"{{{space}}}version", "")
            found.append((name, StigRule(group.get("id", ""), rule.get("id", ""))))
    return found
