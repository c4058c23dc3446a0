"""summary.json and verify.json against their schemas, and the schemas against documents that are
wrong.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from careen.model.comparing.difference import Change, Difference
from careen.model.paths import ImagePath
from careen.model.repair import Flaky, Restored, Round
from careen.model.rewriting.declared_edits import DeclaredEdits
from careen.model.runs.behaviour import Compared, Deviation, Weight
from careen.model.runs.trace import Phase, Use
from careen.model.runs.vain import FailedLookup
from careen.model.runs.workload import TestCommand, TestPlace, TestResult, WorkloadResult
from careen.model.summary import Tests, TestTotals
from careen.model.verdict import Verdict
from careen.report.documents.summary import summary_json
from careen.report.documents.verify import verify_json
from tests.support.summaries import SUMMARY

pytestmark = pytest.mark.slow

SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "schema"


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}-1.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def problems(name: str, document: Mapping[str, Any]) -> list[str]:
    return [error.message for error in validator(name).iter_errors(document)]


def workload(name: str = "serve", *, passed: bool = True, cases: int | None = 15) -> WorkloadResult:
    test = TestResult(
        TestCommand(TestPlace.HOST, "pytest -q"),
        passed,
        0 if passed else 1,
        12.0625,
        cases,
        "15 passed\udce9\n",
        "" if passed else "exit status 1",
    )
    return WorkloadResult(
        name,
        passed,
        "" if passed else "a test failed",
        "tests",
        (test,),
        3.25,
        20.0,
        "listening\n",
        0,
        {"TOKEN": "secret"},
    )


FAILED = Verdict(
    (workload(),),
    (workload(passed=False, cases=None),),
    structure=("layers[0]: not a tar",),
    outside=(Difference(ImagePath("/etc/x\udce9"), Change.CHANGED, ("mode",), "0644", "4755"),),
    config=("User: 'app' -> ''",),
    vain={
        "serve": (
            FailedLookup(
                ImagePath("/usr/lib/libz.so.1"),
                2,
                "/usr/bin/python3",
                frozenset({Phase.START, Phase.SERVING}),
                Use.OPENED,
            ),
        )
    },
    deviations=(
        Deviation(
            "http-status",
            Weight.FAILURE,
            "explore:http: GET /x",
            "200",
            "500",
            (ImagePath("/usr/share/x"),),
        ),
    ),
    rounds=(
        Round(
            1,
            "GET /x",
            (
                Restored(
                    ImagePath("/usr/share/x"),
                    "attributed",
                    "the answer names it",
                    "level package: part of x",
                ),
            ),
            2,
            4096,
            12.5,
            passed=False,
        ),
    ),
    flaky=(Flaky("serve", "test_sometimes", 3, 5),),
    compared=Compared(15, 40, 9, 30, 1200, 87, ("http: answers after the first 20000",)),
)


def test_the_summary_has_the_figures_and_follows_its_schema() -> None:
    document = json.loads(summary_json(SUMMARY))
    assert problems("summary", document) == []
    assert document["original"]["size_bytes"] == 2_360_000_000
    assert document["hardened"]["packages"] == {"deb": 61, "pypi": 38}
    assert document["tests"] == {
        "original": {"passed": True, "cases": 15, "seconds": 12.06},
        "hardened": {"passed": True, "cases": 15, "seconds": 11.4},
    }
    measured = {
        "inspect": 4.2,
        "profile": 61.0,
        "plan": 3.4,
        "strip": 22.5,
        "verify": 58.0,
        "findings": 3.9,
        "promote": 0.4,
        "total": 149.3,
    }
    assert document["seconds"] == {
        **measured,
        **dict.fromkeys(("survey", "patch", "test", "bisect", "explore", "repair")),
    }
    assert document["sensor"] == {
        "kind": "ebpf",
        "kernel": "6.1.0-44-amd64",
        "events_lost": 0,
        "complete": True,
        "incomplete": [],
        "emulated": False,
        "overhead_note": "about 2 % on this workload",
    }


def test_what_is_unknown_is_null() -> None:
    unknown = replace(
        SUMMARY,
        tests=Tests(TestTotals(passed=True, cases=None, seconds=1.0), None),
        seconds=replace(SUMMARY.seconds, profile=None),
        report_directory=None,
        plan_sha256="",
        sensor=replace(SUMMARY.sensor, kernel=""),
    )
    document = json.loads(summary_json(unknown))
    assert problems("summary", document) == []
    assert document["tests"] == {
        "original": {"passed": True, "cases": None, "seconds": 1.0},
        "hardened": None,
    }
    assert (
        document["seconds"]["profile"],
        document["report_directory"],
        document["plan_sha256"],
        document["sensor"]["kernel"],
    ) == (None,) * 4
    assert json.loads(summary_json(replace(SUMMARY, tests=None)))["tests"] is None


def test_the_same_summary_gives_the_same_bytes() -> None:
    shuffled = replace(
        SUMMARY, original=replace(SUMMARY.original, packages={"pypi": 40, "deb": 140})
    )
    assert summary_json(SUMMARY) == summary_json(shuffled)


def test_the_verdict_follows_its_schema_and_hides_the_environment() -> None:
    raw = verify_json(FAILED)
    document = json.loads(raw)
    assert problems("verify", document) == []
    assert b"secret" not in raw
    assert b"listening" not in raw
    assert document["passed"] is False
    assert len(document["failures"]) == 5
    assert document["deviations"] == [
        {
            "kind": "http-status",
            "weight": "failure",
            "where": "explore:http: GET /x",
            "before": "200",
            "after": "500",
            "cause": ["/usr/share/x"],
        }
    ]
    assert document["compared"]["answers"] == 40
    assert document["rounds"][0]["restored"][0]["rule"] == "level package: part of x"
    assert document["flaky"] == [
        {"workload": "serve", "test": "test_sometimes", "passed": 3, "runs": 5}
    ]
    assert document["outside"] == [
        {
            "path": "/etc/x\udce9",
            "change": "changed",
            "what": ["mode"],
            "before": "0644",
            "after": "4755",
        }
    ]
    assert document["looked_for_in_vain"]["serve"][0]["path"] == "/usr/lib/libz.so.1"
    assert document["workloads"]["hardened"][0]["tests"][0]["cases"] is None
    passed = json.loads(verify_json(Verdict((workload(),), (workload(),))))
    assert (problems("verify", passed), passed["failures"], passed["passed"]) == ([], [], True)


def test_a_flood_of_changes_is_counted_and_cut() -> None:
    flood = tuple(Difference(ImagePath(f"/x{i}"), Change.ADDED) for i in range(10_005))
    document = json.loads(verify_json(replace(FAILED, outside=flood)))
    assert (len(document["outside"]), document["outside_total"]) == (10_000, 10_005)


def test_edits_beyond_the_plan_that_were_accepted_are_counted() -> None:
    path = ImagePath("/x.pyc")
    declared = DeclaredEdits({path}, {path: 1.0, ImagePath("/x.py"): 1.0}, {path: 1})
    document = json.loads(verify_json(replace(FAILED, declared=declared)))
    assert document["declared"] == {"databases": 1, "times": 2, "byte_code_headers": 1}


def test_a_flood_of_lookups_is_cut() -> None:
    (lookup,) = FAILED.vain["serve"]
    document = json.loads(verify_json(replace(FAILED, vain={"explore:http": (lookup,) * 10_005})))
    assert len(document["looked_for_in_vain"]["explore:http"]) == 10_000


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [at, *(path for key, item in items for path in _paths(item, (*at, key)))]


def _mutants(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every object with a key too much; every key of a fixed object missing; every value of a wrong
    type.
    """
    out = []
    free = {"packages", "looked_for_in_vain", "database"}  # their keys are data
    for path in _paths(document):
        parent: Any = document
        for key in path[:-1]:
            parent = parent[key]
        node = parent[path[-1]] if path else document
        variants: list[tuple[str, Any]] = []
        if isinstance(node, dict) and not (path and path[-1] in free):
            variants.append(("extra", {**node, "surprise": 1}))
            variants += [
                (f"without {key}", {k: v for k, v in node.items() if k != key}) for key in node
            ]
        variants.append(
            (
                "wrong type",
                object if node is None else [[]] if not isinstance(node, list) else {"a": 1},
            )
        )
        for what, changed in variants:
            if changed is object:
                continue
            copied = copy.deepcopy(document)
            if not path:
                if isinstance(changed, dict):
                    out.append((what, changed))
                continue
            target: Any = copied
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = changed
            out.append((f"{path}: {what}", copied))
    return out


@pytest.mark.parametrize(
    ("name", "raw"),
    [("summary", summary_json(SUMMARY)), ("verify", verify_json(FAILED))],
    ids=["summary", "verify"],
)
def test_a_document_with_anything_missing_added_or_of_a_wrong_type_is_refused(
    name: str, raw: bytes
) -> None:
    mutants = _mutants(json.loads(raw))
    assert len(mutants) > 100
    check = validator(name)
    assert [what for what, mutant in mutants if check.is_valid(mutant)] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("original", "digest"), "md5:abc"),
        (("original", "files"), -1),
        (("checked",), "everything"),
        (("seconds", "total"), None),
        (("version",), 2),
        (("level",), "aggressive"),
        (("sensor", "events_lost"), None),
        (("original", "packages"), {"DEB!": 1}),
    ],
)
def test_values_out_of_range_are_refused(path: tuple[str, ...], value: object) -> None:
    document = json.loads(summary_json(SUMMARY))
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    assert problems("summary", document) != []


def test_a_verdict_that_passed_with_failures_is_refused() -> None:
    assert problems("verify", {**json.loads(verify_json(FAILED)), "passed": True}) != []
