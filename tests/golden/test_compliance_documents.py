"""The documents of `careen comply`, read by programs that careen did not write, and by their
schemas; hostile names in every field inject nothing.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from defusedxml.ElementTree import fromstring

from careen.compliance.frameworks import own_frameworks
from careen.errors import ConfigError
from careen.evidence.compliance.stig_benchmark import read_stig_benchmark
from careen.model.compliance.assessment import Assessment
from careen.model.compliance.result import Result
from careen.pipeline.assessing.document_names import names_in
from careen.pipeline.assessing.documents import POAM, documents_of
from careen.tools.process import run
from tests.support.compliance import assessment, subject
from tests.support.images import file
from tests.support.schemas import file_of

FRAMEWORKS = own_frameworks()
HOSTILE = '=cmd|"/c calc"!A1 ]]></x><script>&amp;\x00\x07\x1b[31m\udce9\u202e @team `x` | y\nz'
BENCHMARK = """<?xml version="1.0"?>
<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.1" id="GPOS"><title>GPOS SRG</title>
<plain-text id="release-info">Release: 2</plain-text><version>3</version>
<Group id="V-203591"><title>x</title><Rule id="SV-203591r958362_rule" severity="medium">
<version>SRG-OS-000001-GPOS-00001</version><title>x</title></Rule></Group></Benchmark>
"""


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    setuid = file("usr/bin/x", b"x", mode=0o4755)
    with subject(tmp_path_factory.mktemp("image"), setuid) as image:
        return assessment(image, *FRAMEWORKS)


@pytest.fixture(scope="module")
def documents(assessed: Assessment) -> Mapping[str, bytes]:
    return documents_of(assessed)


@pytest.fixture(scope="module")
def hostile(assessed: Assessment) -> Assessment:
    """The assessment with hostile text wherever an image's text can be."""
    checks = tuple(
        replace(
            each,
            reason=HOSTILE,
            evidence=tuple(replace(one, where=HOSTILE, value=HOSTILE) for one in each.evidence),
        )
        for each in assessed.checks
    )
    frameworks = tuple(
        replace(each, items=tuple(replace(item, reason=HOSTILE) for item in each.items))
        for each in assessed.frameworks
    )
    return replace(
        assessed, subject=HOSTILE, notes=(HOSTILE,), checks=checks, frameworks=frameworks
    )


def test_equal_assessments_give_the_same_bytes(
    assessed: Assessment, documents: Mapping[str, bytes]
) -> None:
    assert documents_of(assessed) == documents


def test_the_result_is_valid_by_its_schema(documents: Mapping[str, bytes]) -> None:
    schema = json.loads(file_of("comply").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(documents["comply.json"]))


@pytest.mark.oscap
@pytest.mark.parametrize("kind", ["sound", "hostile"])
def test_xccdf_and_arf_are_valid_by_openscap(
    kind: str, assessed: Assessment, hostile: Assessment, tmp_path: Path
) -> None:
    found = documents_of(assessed if kind == "sound" else hostile)
    frameworks = FRAMEWORKS if kind == "sound" else ("cis-docker",)  # they share their writers
    for name in (
        f"{form}-{framework}.xml" for form in ("xccdf", "arf") for framework in frameworks
    ):
        (tmp_path / name).write_bytes(found[name])
        words = ["xccdf", "validate"] if name.startswith("xccdf") else ["ds", "rds-validate"]
        done = run(["oscap", *words, str(tmp_path / name)], timeout=60)
        assert done.status == 0, (name, done.stderr.decode()[-2000:])


@pytest.mark.oscap
def test_openscap_rejects_a_wrong_word(documents: Mapping[str, bytes], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.xml"
    wrong.write_bytes(documents["xccdf-cis-docker.xml"].replace(b">pass<", b">compliant<"))
    done = run(["oscap", "xccdf", "validate", str(wrong)], timeout=60)
    assert done.status != 0


def test_each_result_of_xccdf_is_that_of_the_item(
    assessed: Assessment, documents: Mapping[str, bytes]
) -> None:
    words = {"notapplicable": "not-applicable", "unknown": "not-evaluable"}
    for framework in assessed.frameworks:
        root = fromstring(documents[f"xccdf-{framework.id}.xml"])
        space = "{http://checklists.nist.gov/xccdf/1.2}"
        told = [each.text or "" for each in root.iter(f"{space}result")]
        held = [item.result.value for item in framework.items]
        assert [words.get(each, each) for each in told] == [
            "notchecked" if each in ("inherited", "manual") else each for each in held
        ]


@pytest.mark.parametrize("kind", ["sound", "hostile"])
def test_oscal_is_valid_by_trestle(
    kind: str, assessed: Assessment, hostile: Assessment, tmp_path: Path
) -> None:
    from trestle.oscal.assessment_results import AssessmentResults
    from trestle.oscal.component import ComponentDefinition
    from trestle.oscal.poam import PlanOfActionAndMilestones

    found = documents_of(assessed if kind == "sound" else hostile)
    models: Mapping[str, Any] = {
        "oscal-assessment-results.json": AssessmentResults,
        "oscal-component-definition.json": ComponentDefinition,
        POAM: PlanOfActionAndMilestones,
    }
    for name, model in models.items():
        (tmp_path / name).write_bytes(found[name])
        assert model.oscal_read(tmp_path / name) is not None, name


def test_trestle_rejects_a_wrong_state(documents: Mapping[str, bytes], tmp_path: Path) -> None:
    from trestle.common.err import TrestleError
    from trestle.oscal.assessment_results import AssessmentResults

    wrong = tmp_path / "wrong.json"
    data = documents["oscal-assessment-results.json"]
    wrong.write_bytes(data.replace(b'"state": "satisfied"', b'"state": "compliant"'))
    with pytest.raises(TrestleError):
        AssessmentResults.oscal_read(wrong)


def test_oscal_calls_nothing_satisfied_that_did_not_pass(
    assessed: Assessment, documents: Mapping[str, bytes]
) -> None:
    results = json.loads(documents["oscal-assessment-results.json"])["assessment-results"]
    for framework, told in zip(assessed.frameworks, results["results"], strict=True):
        states = [each["target"]["status"]["state"] for each in told.get("findings", ())]
        assert states.count("satisfied") == framework.coverage.passed
        assert states.count("not-satisfied") == framework.coverage.failed


def test_nothing_failed_means_no_plan_of_action(tmp_path: Path) -> None:
    with subject(tmp_path) as sound:
        assert POAM not in documents_of(assessment(sound, "cis-docker"))


STATUS = {
    Result.PASS: "not_a_finding",
    Result.FAIL: "open",
    Result.NOT_APPLICABLE: "not_applicable",
}


def test_a_checklist_is_read_back(
    assessed: Assessment, documents: Mapping[str, bytes], tmp_path: Path
) -> None:
    benchmark = tmp_path / "U_GPOS_SRG-xccdf.xml"
    benchmark.write_text(BENCHMARK, encoding="utf-8")
    checklist = json.loads(documents_of(assessed, read_stig_benchmark(benchmark))["stig-gpos.cklb"])
    (stig,) = checklist["stigs"]
    items = next(each.items for each in assessed.frameworks if each.id == "stig-gpos")
    assert stig["size"] == len(stig["rules"]) == len(items) == 198
    assert stig["stig_name"] == "GPOS SRG"
    for rule, item in zip(stig["rules"], items, strict=True):
        assert rule["status"] == STATUS.get(item.result, "not_reviewed")
        assert rule["rule_version"] == item.id
        assert item.result is not Result.NOT_APPLICABLE or rule["finding_details"]
    numbered = stig["rules"][0]
    assert (numbered["group_id"], numbered["rule_id"]) == ("V-203591", "SV-203591r958362")
    plain = json.loads(documents["stig-gpos.cklb"])
    assert plain["stigs"][0]["rules"][0]["group_id"] == "SRG-OS-000001-GPOS-00001"


@pytest.mark.parametrize("text", ["", "<x/>", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "{}"])
def test_a_wrong_benchmark_is_one_clear_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"x\.xml: (not|has no)") as error:
        read_stig_benchmark(path)
    assert "\n" not in str(error.value)


def test_no_cell_of_the_table_is_a_formula(hostile: Assessment) -> None:
    rows = list(csv.reader(io.StringIO(documents_of(hostile)["compliance.csv"].decode())))
    assert len(rows) == 1 + sum(len(each.items) for each in hostile.frameworks)
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert not [cell for cell in cells if "\n" in cell or "\x1b" in cell]


def test_controls_are_counted_and_never_called_satisfied(
    assessed: Assessment, documents: Mapping[str, bytes]
) -> None:
    rows = list(csv.DictReader(io.StringIO(documents["controls.csv"].decode())))
    items = [item for framework in assessed.frameworks for item in framework.items]
    for row in rows:
        held = [item for item in items if row["control"] in item.controls]
        assert int(row["items"]) == len(held)
        assert int(row["pass"]) == sum(item.result is Result.PASS for item in held)
    assert b"satisfied" not in documents["controls.csv"]
    assert [row["control"] for row in rows][:2] == ["AC-2(1)", "AC-2(2)"]


def test_markdown_has_no_markup_of_the_image(hostile: Assessment) -> None:
    text = documents_of(hostile)["compliance.md"].decode()
    assert "<script" not in text
    assert "\x1b" not in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {line.replace("\\|", "").count("|") for line in rows} <= {3, 6, 10}


def test_no_secret_of_the_image_is_in_a_document(assessed: Assessment) -> None:
    secret = "TOKEN=hunter2hunter2"
    checks = tuple(
        replace(each, evidence=tuple(replace(one, value=secret) for one in each.evidence))
        for each in assessed.checks
    )
    found: dict[str, Any] = documents_of(replace(assessed, checks=checks))
    assert [name for name, data in found.items() if b"hunter2" in data] == []


def test_each_document_is_one_that_a_later_run_removes(
    tmp_path: Path, assessed: Assessment, documents: Mapping[str, bytes]
) -> None:
    assert set(documents) <= set(names_in(tmp_path, assessed))


def test_a_control_of_which_nothing_passed_has_no_status(documents: Mapping[str, bytes]) -> None:
    (component,) = json.loads(documents["oscal-component-definition.json"])["component-definition"][
        "components"
    ]
    said = set()
    for implementation in component["control-implementations"]:
        for requirement in implementation["implemented-requirements"]:
            props = {each["name"]: each["value"] for each in requirement["props"]}
            said.add((props["passed"] == "0", props.get("implementation-status")))
    assert said == {(True, None), (False, "partial")}


def test_numbers_of_another_benchmark_are_in_no_checklist(
    tmp_path: Path, assessed: Assessment
) -> None:
    path = tmp_path / "rhel.xml"
    path.write_text(BENCHMARK.replace("SRG-OS-000001-GPOS-00001", "RHEL-09-211010"))
    checklist = json.loads(documents_of(assessed, read_stig_benchmark(path))["stig-gpos.cklb"])
    assert checklist["stigs"][0]["stig_id"] == "stig-gpos"
