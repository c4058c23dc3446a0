"""Documents for SOC 2 and Key Security Indicators, and the monthly page."""

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest

from careen.compliance.frameworks import load_frameworks
from careen.evidence.directory.population import COLUMNS, population_csv
from careen.evidence.fedramp.ksi import ksi_json
from careen.model.history import Event, History, Named
from careen.report.documents.fedramp import monthly_markdown
from tests.golden.test_fedramp_documents import schema
from tests.support.compliance import TODAY, assessment, subject
from tests.support.fedramp import hostile, service, tracking
from tests.support.images import file
from tests.unit.compliance.fedramp.test_track import past

EVENT = Event(
    "hardened",
    "2026-03-01T10:00:00Z",
    "1",
    Named("=app:1", "sha256:1"),
    Named("app:1-hard", "sha256:2"),
    ("app:1-hard",),
    "ab",
    "/reports/1",
    findings_before=7,
)


def test_the_population_has_each_event_and_what_is_unknown() -> None:
    later = Event(
        *("attested", "2026-04-01T10:00:00Z", "1"), EVENT.image, EVENT.result, (), "cd", ""
    )
    data = population_csv([History("h.jsonl", (EVENT, later), broken=(2,))])
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert [row["event"] for row in rows] == ["hardened", "attested"]
    assert [row["chain"] for row in rows] == ["intact", "broken"]
    assert (rows[0]["findings before"], rows[0]["findings after"]) == ("7", "unknown")
    assert rows[0]["image"] == "'=app:1"


def test_evidence_of_indicators_has_the_shape_of_a_security_decision_record(tmp_path: Path) -> None:
    with subject(tmp_path, file("usr/bin/sudo", "x", mode=0o4755)) as image:
        document = json.loads(ksi_json(assessment(image, "fedramp"), "fedramp"))
    record = schema("security-decision-record")
    shape = {"$defs": record["$defs"], "$ref": "#/$defs/evidence"}
    checked = jsonschema.Draft202012Validator(shape)
    indicators = {each["ksiId"]: each for each in document["keySecurityIndicators"]}
    assert all(name.startswith("KSI-") for name in indicators)
    for each in indicators.values():
        for evidence in each["ksiEvidence"]:
            checked.validate(evidence)
    with pytest.raises(jsonschema.ValidationError):
        checked.validate({"evidenceType": "Result"})
    surface = indicators["KSI-CNA-MAT"]
    assert any(
        "fail" in each["evidenceText"] and "/usr/bin/sudo" in each["evidenceText"]
        for each in surface["ksiEvidence"]
    )
    assert surface["notShown"]


@pytest.mark.parametrize("name", ["fedramp", "soc2", "800-190"])
def test_each_item_says_what_it_does_not_show(name: str) -> None:
    (framework,) = load_frameworks([name], TODAY)
    assert all(item.rest or item.rationale for item in framework.items)


def test_the_monthly_page_marks_proposals_and_escapes(tmp_path: Path) -> None:
    page = monthly_markdown(
        tracking(service(tmp_path), report=hostile(), past=(past(30, "CVE-1"),))
    ).decode()
    assert "proposed: N2" in page
    assert (
        "| CVE-2026-0001 (critical) | 2026-03-01 | N4 | yes | yes | KEV 2026-01-26, reduce" in page
    )
    for section in ("## Overdue", "## Active", "## Accepted", "## Remediated"):
        assert section in page
    assert "<b>" not in page
    assert "\x1b" not in page


def test_unknown_is_no_zero() -> None:
    page = monthly_markdown(tracking(None)).decode()
    assert "- Class: not stated" in page
    assert "- Overdue: 1; not known for 2" in page
