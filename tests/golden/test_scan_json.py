"""A scan as JSON: against its schema, to the byte for one that has everything, and the schema
against documents that are wrong.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from careen.model.findings.advisory import Feed, Severity, VendorStatus
from careen.model.findings.finding import Match, Uncovered
from careen.model.findings.triage import (
    ObservedBy,
    Priority,
    ScanReport,
    Suppressed,
    Tier,
    Triaged,
    Witness,
)
from careen.model.packages.distribution import Distribution
from careen.model.packages.model_file import ModelFile, ModelFormat
from careen.model.packages.package import Inventory, Marker, Unknown
from careen.model.paths import ImagePath
from careen.model.runs.completeness import Completeness
from careen.report.documents.scan import to_scan_json
from tests.support.triage import code, cvss, epss, finding, inventory, kev, package

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schema/scan-1.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
GOLDEN = Path(__file__).parent / "report" / "scan.json"

HOSTILE = "\x1b[31m</script>\n\udcff"
TORCH = package(
    "torch",
    "/site/torch/__init__.py",
    source="",
    licence="BSD-3-Clause",
    evidence="its dist-info directory",
)
FULL = Triaged(
    finding(
        TORCH,
        "CVE-2025-32434",
        Severity.CRITICAL,
        aliases=("GHSA-53q9-r3pm-6pq6",),
        matches=(
            Match(
                "GHSA-53q9-r3pm-6pq6",
                "osv:PyPI",
                "1.0 is in [0, 2.6.0) of PyPI torch",
                VendorStatus.FIXED,
                ("2.6.0",),
            ),
        ),
        status=VendorStatus.FIXED,
        fixed=("2.6.0",),
        scores=cvss(),
        epss=epss(0.94),
        kev=kev(),
        summary="torch.load runs code",
        published="2025-04-18T00:00:00Z",
        references=("https://example.org/advisory",),
        code=code("torch.serialization", "load"),
    ),
    Tier.EXECUTED,
    Priority.ACT,
    (
        "imported by /usr/bin/python3.11 in workload 'web'; that program listens on 8000",
        "act: exploited in the wild, and it runs",
    ),
    "vulnerable code",
    (
        Witness(
            ImagePath("/site/torch/serialization.py"),
            "imported",
            "/usr/bin/python3.11",
            "web",
            ("start",),
        ),
    ),
)
BARE = Triaged(
    finding("perl", severity=Severity.UNKNOWN),
    Tier.NOT_PROFILED,
    Priority.TRACK,
    ("track: nothing is known",),
)
REPORT = ScanReport(
    subject="app:1",
    digest=f"sha256:{'1' * 64}",
    inventory=replace(
        inventory(TORCH),
        unknowns=(Unknown(ImagePath("/opt/x.jar"), "not a zip archive"),),
        distribution=Distribution(
            "debian", "12", "bookworm", (), "Debian GNU/Linux 12", "/etc/os-release"
        ),
        models=(
            ModelFile(
                ImagePath("/models/a.pt"),
                ModelFormat.TORCH_ZIP,
                1024,
                (("tensors", "2"),),
                ("GLOBAL os.system",),
            ),
        ),
        markers=(
            Marker(
                ImagePath("/usr/share/rapidfort/curated.json"), "makes scanners read another feed"
            ),
        ),
    ),
    findings=(FULL,),
    feeds=(
        Feed(
            "osv:PyPI",
            "pypi.zip",
            "2026-08-16T00:00:00Z",
            "2026-08-17T00:00:00Z",
            7080,
            2,
            ("PyPI",),
        ),
    ),
    created="2026-08-18T00:00:00Z",
    suppressed=(Suppressed(BARE, ".careenignore:1", "not ours", "2026-12-31"),),
    uncovered=(Uncovered("npm", 3, "the database holds no feed of npm"),),
    observed=ObservedBy(("web",), 10.0004, Completeness(), ("tests",)),
    unowned=2,
    unowned_examples=(ImagePath("/app/main.py"),),
    warnings=("a warning",),
    crossed=("critical: 1 finding: CVE-2025-32434 in torch 1.0",),
)
EMPTY = ScanReport("sbom:x.json", "", Inventory({}, {}), (), (), "2026-08-18T00:00:00Z")


def document(report: ScanReport) -> Any:
    return json.loads(to_scan_json(report))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "report", [REPORT, EMPTY, replace(REPORT, observed=None), replace(EMPTY, findings=(BARE,))]
)
def test_every_report_is_valid(report: ScanReport) -> None:
    VALIDATOR.validate(document(report))


def test_the_document_to_the_byte() -> None:
    assert to_scan_json(REPORT) == GOLDEN.read_bytes()


def test_what_is_unknown_is_null() -> None:
    top = document(replace(EMPTY, findings=(BARE,)))
    found = top["findings"][0]
    assert (top["digest"], top["observed"], top["inventory"]["distribution"]) == (None, None, None)
    assert (found["epss"], found["kev"], found["severity_source"], found["summary"]) == (
        None,
        None,
        None,
        None,
    )
    assert found["severity"] == "unknown"


def test_hostile_text_is_data() -> None:
    hostile = replace(
        BARE, finding=replace(BARE.finding, summary=HOSTILE, name=HOSTILE), reasons=(HOSTILE,)
    )
    raw = to_scan_json(
        replace(
            EMPTY,
            subject=HOSTILE,
            findings=(hostile,),
            unowned_examples=(ImagePath(f"/{HOSTILE}"),),
        )
    )
    assert raw.isascii()
    assert b"\x1b" not in raw
    top = json.loads(raw)
    VALIDATOR.validate(top)
    assert (top["subject"], top["findings"][0]["name"], top["unowned"]["examples"]) == (
        HOSTILE,
        HOSTILE,
        [f"/{HOSTILE}"],
    )


def test_every_object_of_the_schema_is_closed_and_says_what_it_needs() -> None:
    waiting: list[Any] = [SCHEMA]
    objects = 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "properties" in node:
                objects += 1
                assert node["additionalProperties"] is False
                assert set(node["required"]) == set(node["properties"])
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    assert objects > 15


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("version",), 2),
        (("findings", 0, "tier"), "running"),
        (("findings", 0, "priority"), None),
        (("findings", 0, "severity"), ""),
        (("findings", 0, "epss", "score"), 1.5),
        (("findings", 0, "kev", "ransomware"), "no"),
        (("findings", 0, "witnesses", 0, "path"), "relative"),
        (("findings", 0, "score"), 99),
        (("feeds", 0, "date"), ""),
        (("inventory", "packages", 0, "ecosystem"), "gem"),
        (("unowned", "files"), -1),
        (("extra",), 1),
    ],
)
def test_the_schema_refuses(where: tuple[str | int, ...], value: object) -> None:
    top = document(REPORT)
    node = top
    for step in where[:-1]:
        node = node[step]
    node[where[-1]] = value
    assert not VALIDATOR.is_valid(top)
