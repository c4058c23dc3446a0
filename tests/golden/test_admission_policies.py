"""The admission policies against their controllers' schemas, and against what careen attests."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from careen.evidence.attest.predicates import VERDICT, predicates
from careen.model.runs.trace import Use
from careen.pipeline.run.report_documents import ReportDocuments
from careen.pipeline.run.run_documents import run_documents
from tests.support.admission import cue_policies, policy
from tests.support.finished_run import finished_run

DATA = Path(__file__).parents[1] / "data" / "kubernetes"
FILES = {
    "kyverno/image-validating-policy.yaml": "kyverno-image-validating-policy.v1.json",
    "kyverno/verify-images.yaml": "kyverno-cluster-policy.v1.json",
    "policy-controller/cluster-image-policy.yaml": "policy-controller-cluster-image-policy.v1beta1.json",
}


def schema_of(name: str) -> Any:
    return json.loads((DATA / FILES[name]).read_text())


def unknown(document: Any, schema: Any, place: str = "") -> Iterator[str]:
    """Yield the fields that the resource does not have; an API server drops them unseen."""
    if isinstance(document, dict) and "properties" in schema:
        for name, value in document.items():
            if name in schema["properties"]:
                yield from unknown(value, schema["properties"][name], f"{place}.{name}")
            else:
                yield f"{place}.{name}"
    elif isinstance(document, list) and "items" in schema:
        for each in document:
            yield from unknown(each, schema["items"], f"{place}[]")


@pytest.mark.parametrize("name", FILES)
def test_a_policy_is_valid(name: str) -> None:
    document, schema = policy(name), schema_of(name)
    jsonschema.Draft202012Validator(schema).validate(document)
    assert list(unknown(document["spec"], schema["properties"]["spec"])) == []
    assert document["kind"] in ("ImageValidatingPolicy", "ClusterPolicy", "ClusterImagePolicy")


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_field_is_found(name: str) -> None:
    document, schema = copy.deepcopy(policy(name)), schema_of(name)
    document["spec"]["attestation"] = []
    assert list(unknown(document["spec"], schema["properties"]["spec"])) == [".attestation"]
    document["spec"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(document)


@pytest.fixture
def attested(tmp_path: Path) -> dict[str, Any]:
    """What a run that passed attests, by predicate type."""
    report = finished_run(tmp_path, {"/a": ("", Use.OPENED)})
    run = run_documents(ReportDocuments(report))
    return {kind: dict(predicate) for _, kind, predicate in predicates(run)}


def member(document: Any, path: str) -> Any:
    for name in path.split("."):
        document = document[name]
    return document


def test_the_validating_policy_asks_for_what_a_passed_run_says(attested: dict[str, Any]) -> None:
    spec = policy("kyverno/image-validating-policy.yaml")["spec"]
    types = {each["name"]: each["intoto"]["type"] for each in spec["attestations"]}
    assert set(types.values()) == VERDICT
    asked = 0
    for each in spec["validations"]:
        text = each["expression"]
        (name,) = set(re.findall(r"attestations\.(\w+)", text))
        for path, value in re.findall(r'statement\.predicate\.([\w.]+) == "([^"]*)"', text):
            assert member(attested[types[name]], path) == value
            asked += 1
        for path in re.findall(r"statement\.predicate\.([\w.]+)\.size\(\) == 0", text):
            assert member(attested[types[name]], path) == []
            asked += 1
    assert asked == 5
    verified = [
        each["expression"] for each in spec["validations"] if "Signatures" in each["expression"]
    ]
    assert {
        name for text in verified for name in re.findall(r"attestations\.(\w+)", text)
    } == types.keys()


def test_verify_images_asks_for_what_a_passed_run_says(attested: dict[str, Any]) -> None:
    (rule,) = policy("kyverno/verify-images.yaml")["spec"]["rules"]
    (verify,) = rule["verifyImages"]
    assert {each["type"] for each in verify["attestations"]} == VERDICT
    for each in verify["attestations"]:
        (conditions,) = each["conditions"]
        assert conditions["all"]
        for condition in conditions["all"]:
            path = condition["key"].strip("{} ")
            assert condition["operator"] == "Equals"
            assert member(attested[each["type"]], path) == condition["value"]


def test_the_image_policy_names_the_types_that_are_attested(attested: dict[str, Any]) -> None:
    """Its CUE runs in tests/e2e/test_registry.py, by cosign."""
    assert {kind for kind, _ in cue_policies()} == VERDICT <= attested.keys()
    for kind, text in cue_policies():
        assert f'predicateType: "{kind}"' in text
