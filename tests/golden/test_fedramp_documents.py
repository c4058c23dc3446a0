"""FedRAMP's documents: valid by its schemas, wrong ones refused, no formula in a cell."""

import csv
import datetime as dt
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from careen.evidence.fedramp.evaluation import evaluation_json
from careen.evidence.fedramp.poam import COLUMNS, poam_csv
from careen.evidence.fedramp.reports import accepted_json, details_json, history_json
from careen.model.compliance.fedramp import Tracking
from tests.support.fedramp import NOW, hostile, service, tracking
from tests.support.scan_reports import REPORT
from tests.unit.compliance.fedramp.test_track import past

SCHEMAS = Path(__file__).parent / "schemas"
OWN = Path(__file__).parents[2] / "docs/schema/fedramp-1.schema.json"
WRITERS: dict[str, Callable[[Tracking], bytes]] = {
    "vulnerability-detail-report": details_json,
    "accepted-vulnerability-info": accepted_json,
    "historical-ver-activity": history_json,
}


def schema(name: str) -> Any:
    text = (SCHEMAS / f"fedramp-{name}-schema-2026-06-24.json").read_text()
    # As published, a reference to a definition lacks the `#`, and leads nowhere.
    return json.loads(text.replace(".json/$defs/", ".json#/$defs/"))


def validator(name: str) -> jsonschema.Draft202012Validator:
    common = schema("common-definitions")
    registry = Registry().with_resource(common["$id"], Resource.from_contents(common))
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(schema(name), registry=registry, format_checker=checker)


@pytest.mark.parametrize("name", WRITERS)
def test_a_document_is_valid(name: str, tmp_path: Path) -> None:
    found = tracking(service(tmp_path), past=(past(30, "CVE-2026-0001", "CVE-1"),))
    document = json.loads(WRITERS[name](found))
    validator(name).validate(document)
    assert any(document[key] for key in document if key.endswith("ulnerabilities"))


@pytest.mark.parametrize("name", WRITERS)
def test_hostile_texts_are_valid(name: str, tmp_path: Path) -> None:
    document = WRITERS[name](tracking(service(tmp_path), report=hostile()))
    validator(name).validate(json.loads(document.decode("ascii")))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("currentRating", 6),
        ("finalDisposition", "Remediated"),
        ("isInternetReachable", "yes"),
        ("overdueStatus", {"isOverdue": True}),
        ("detection", {"detectedAt": "2026-03-01T10:00:00Z"}),
        ("vulnerabilityDescription", None),
    ],
)
def test_a_wrong_document_is_refused(tmp_path: Path, member: str, value: Any) -> None:
    document = json.loads(details_json(tracking(service(tmp_path))))
    checked = validator("vulnerability-detail-report")
    checked.validate(document)
    document["vulnerabilities"][0][member] = value
    with pytest.raises(jsonschema.ValidationError):
        checked.validate(document)


def details(found: Tracking, name: str) -> dict[str, Any]:
    document = json.loads(details_json(found))
    listed = [each for each in document["vulnerabilities"] if name in each["providerTrackingId"]]
    assert len(listed) == 1
    return dict(listed[0])


def test_what_the_provider_decided_is_stated(tmp_path: Path) -> None:
    found = details(tracking(service(tmp_path)), "CVE-2026-0001")
    assert found["currentRating"] == 4
    assert found["isLikelyExploitable"] is True
    assert found["evaluationCompletedAt"] == "2026-03-01T12:00:00Z"
    assert found["projectedNextReduction"] == {
        "estimatedAt": "2026-03-04T00:00:00Z",
        "targetRating": 2,
    }
    assert "Proposed by careen" not in found["supplementaryRiskInformation"]


def test_what_nobody_decided_is_proposed_in_words_alone(tmp_path: Path) -> None:
    found = details(tracking(service(tmp_path)), "GHSA-xxxx-yyyy-zzzz")
    decided = {"currentRating", "isLikelyExploitable", "isInternetReachable", "finalDisposition"}
    assert not decided & found.keys()
    said = found["supplementaryRiskInformation"]
    assert "Proposed by careen, not confirmed by the provider: rating N2" in said
    assert "exposed: unknown (not assessed)" in said


def test_a_remediated_one_says_what_the_schema_cannot(tmp_path: Path) -> None:
    found = tracking(service(tmp_path), past=(past(30, "CVE-1"),))
    assert details(found, ":CVE-1")["finalDisposition"] == "Fully Mitigated"
    assert details(found, ":CVE-1")["supplementaryRiskInformation"].startswith("Remediated: ")


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_the_poam_has_a_row_for_each_vulnerability_that_is_there(tmp_path: Path) -> None:
    found = rows(poam_csv(tracking(service(tmp_path), past=(past(30, "CVE-1"),))))
    assert [each["Weakness Name"] for each in found] == [
        "CVE-2019-1111",
        "CVE-2021-44228",
        "CVE-2026-0001",
        "GHSA-xxxx-yyyy-zzzz",
    ]
    exploited = found[2]
    assert exploited["Scheduled Completion Date"] == "2026-03-31"  # 30 days after its detection
    assert exploited["Original Detection Date"] == "2026-03-01"
    assert exploited["BOD 22-01 Due Date"] == "2026-01-26"
    assert found[0]["Operational Requirement"] == "Yes"
    assert found[3]["Vendor Dependency"] == "Yes"
    assert found[3]["Binding Operational Directive 22-01 tracking"] == "unknown"


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    data = poam_csv(tracking(service(tmp_path), report=hostile()))
    found = rows(data)
    assert tuple(found[0]) == COLUMNS
    assert not [cell for each in found for cell in each.values() if cell[:1] in "=+-@" and cell]
    assert b"\x1b" not in data
    assert "'=HYPERLINK" in found[0]["Service Name"]


@pytest.mark.parametrize("provided", [True, False])
def test_careens_own_document_is_valid(tmp_path: Path, provided: bool) -> None:
    own = json.loads(OWN.read_text())
    jsonschema.Draft202012Validator.check_schema(own)
    checked = jsonschema.Draft202012Validator(own)
    provider = service(tmp_path) if provided else None
    for found in (
        tracking(provider, past=(past(30, "CVE-1"),)),
        tracking(provider, report=hostile()),
    ):
        document = json.loads(evaluation_json(found))
        checked.validate(document)
    document["vulnerabilities"][0]["proposed"]["rating"] = 0
    with pytest.raises(jsonschema.ValidationError):
        checked.validate(document)


def test_careens_own_document_keeps_proposals_and_decisions_apart(tmp_path: Path) -> None:
    document = json.loads(evaluation_json(tracking(service(tmp_path))))
    by_id = {each["id"]: each for each in document["vulnerabilities"]}
    assert by_id["GHSA-xxxx-yyyy-zzzz"]["decided"] is None
    assert by_id["GHSA-xxxx-yyyy-zzzz"]["proposed"]["internet_reachable"] is None
    assert by_id["CVE-2026-0001"]["decided"]["rating"] == 4
    assert by_id["CVE-2026-0001"]["clocks"]["kev_by"] == "2026-01-26"


def test_time_alone_is_no_operational_requirement(tmp_path: Path) -> None:
    late = NOW + dt.timedelta(days=193)
    found = {
        each["Weakness Name"]: each["Operational Requirement"]
        for each in rows(poam_csv(tracking(service(tmp_path), now=late)))
    }
    assert found["CVE-2026-0001"] == "No"  # 192 days after its evaluation
    assert found["CVE-2021-44228"] == "Yes"
    assert found["CVE-2019-1111"] == "Yes"


def test_the_cve_of_an_alias_is_in_its_column() -> None:
    first = REPORT.findings[0]
    other = replace(first.finding, id="GHSA-aaaa-bbbb-cccc", aliases=("CVE-2026-0001", "DSA-1"))
    report = replace(REPORT, findings=(replace(first, finding=other),), suppressed=())
    assert [each["CVE"] for each in rows(poam_csv(tracking(None, report=report)))] == [
        "CVE-2026-0001"
    ]
