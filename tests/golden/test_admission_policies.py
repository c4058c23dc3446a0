"""The admission policies against their controllers' schemas, and against what careen attests."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import celpy
import jmespath  # type: ignore[import-untyped]
import jsonschema
import pytest
from celpy.adapter import json_to_cel

from careen.evidence.attest.predicates import (
    PROVENANCE,
    SUMMARY,
    TEST_RESULT,
    VERDICT,
    predicates,
)
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

IMAGES: dict[str, list[str]] = {
    "containers": ["r.example/app:1"],
    "initContainers": ["r.example/init:1"],
    "ephemeralContainers": [],
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


def test_the_validating_policy_is_asked_about_ephemeral_containers() -> None:
    """They come by a subresource of their own; without it `kubectl debug` starts any image."""
    spec = policy("kyverno/image-validating-policy.yaml")["spec"]
    (rule,) = spec["matchConstraints"]["resourceRules"]
    assert set(rule["resources"]) == {"pods", "pods/ephemeralcontainers"}
    assert "UPDATE" in rule["operations"]  # of the pod that gets one


@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
def test_the_validating_policy_looks_at_each_container(attested: dict[str, Any], kind: str) -> None:
    other = {**attested, SUMMARY: {**attested[SUMMARY], "verificationResult": "FAILED"}}
    none: dict[str, list[str]] = {name: [] for name in IMAGES}
    found = verdicts(other, VERDICT, {**none, kind: ["r.example/app:1"]})
    assert list(found.values()).count(False) == 1


def verdicts(
    statements: dict[str, Any],
    signed: frozenset[str],
    images: dict[str, list[str]] = IMAGES,
) -> dict[str, bool]:
    """What the validating policy says of an image with these predicates, by its messages.

    `signed` are the types whose signature is by the policy's key.
    """
    spec = policy("kyverno/image-validating-policy.yaml")["spec"]
    types = {each["name"]: each["intoto"]["type"] for each in spec["attestations"]}

    def verify(_image: Any, name: Any, _attestors: Any) -> Any:
        return celpy.celtypes.IntType(types[str(name)] in signed)

    def extract(_image: Any, name: Any) -> Any:
        return json_to_cel({"predicate": statements[types[str(name)]]})

    functions: dict[str, Any] = {
        "verifyAttestationSignatures": verify,
        "extractPayload": extract,
    }
    environment = celpy.Environment()

    def value(text: str, known: dict[str, Any]) -> Any:
        program = environment.program(environment.compile(text), functions=functions)
        return program.evaluate(known)

    known = {
        "images": json_to_cel(images),
        "attestations": json_to_cel({name: name for name in types}),
        "attestors": json_to_cel({each["name"]: each["name"] for each in spec["attestors"]}),
    }
    (variable,) = spec["variables"]
    named = celpy.celtypes.StringType(variable["name"])
    known["variables"] = celpy.celtypes.MapType({named: value(variable["expression"], known)})
    return {each["message"]: bool(value(each["expression"], known)) for each in spec["validations"]}


CHANGES: list[tuple[str, dict[str, Any]]] = [
    (SUMMARY, {"verificationResult": "FAILED"}),
    (SUMMARY, {"verifier": {"id": "urn:other"}}),
    (TEST_RESULT, {"result": "FAILED"}),
    (TEST_RESULT, {"failedTests": ["default: pytest"]}),
    (PROVENANCE, {"buildDefinition": {"buildType": "urn:other"}}),
]


def test_the_validating_policy_lets_in_what_passed(attested: dict[str, Any]) -> None:
    assert set(verdicts(attested, VERDICT).values()) == {True}
    assert len(verdicts(attested, VERDICT)) == 6


@pytest.mark.parametrize(("kind", "change"), CHANGES)
def test_the_validating_policy_refuses_another_verdict(
    attested: dict[str, Any], kind: str, change: dict[str, Any]
) -> None:
    other = {**attested, kind: {**attested[kind], **change}}
    assert list(verdicts(other, VERDICT).values()).count(False) == 1


@pytest.mark.parametrize("kind", sorted(VERDICT))
def test_the_validating_policy_refuses_another_key(attested: dict[str, Any], kind: str) -> None:
    assert list(verdicts(attested, VERDICT - {kind}).values()).count(False) == 1


def failing(statements: dict[str, Any]) -> list[str]:
    """The conditions of `verifyImages` that these predicates do not meet."""
    (rule,) = policy("kyverno/verify-images.yaml")["spec"]["rules"]
    (verify,) = rule["verifyImages"]
    assert {each["type"] for each in verify["attestations"]} == VERDICT
    out = []
    for each in verify["attestations"]:
        (conditions,) = each["conditions"]
        assert conditions["all"]
        for condition in conditions["all"]:
            assert condition["operator"] == "Equals"
            path = condition["key"].removeprefix("{{").removesuffix("}}").strip()
            if jmespath.search(path, statements[each["type"]]) != condition["value"]:
                out.append(path)
    return out


def test_verify_images_lets_in_what_passed(attested: dict[str, Any]) -> None:
    assert failing(attested) == []


@pytest.mark.parametrize(
    ("kind", "change"), [each for each in CHANGES if "failedTests" not in each[1]]
)
def test_verify_images_refuses_another_verdict(
    attested: dict[str, Any], kind: str, change: dict[str, Any]
) -> None:
    assert len(failing({**attested, kind: {**attested[kind], **change}})) == 1


def test_the_image_policy_names_the_types_that_are_attested(attested: dict[str, Any]) -> None:
    """Its CUE runs in tests/e2e/test_registry.py, by cosign."""
    assert {kind for kind, _ in cue_policies()} == VERDICT <= attested.keys()
    for kind, text in cue_policies():
        assert f'predicateType: "{kind}"' in text
