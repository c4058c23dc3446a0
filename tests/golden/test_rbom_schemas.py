"""RBOMs against their schemas: careen's own, and the official one of CycloneDX 1.6."""

import copy
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings

from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, RunKind, RuntimeBom
from careen.model.runs.trace import Phase, Use
from careen.rbom.cyclonedx import to_cyclonedx
from careen.rbom.store import write_rbom
from careen.tools.process import run
from tests.support.boms import BOM, FOO, IMAGE, LIBC, PYTHON, boms

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schema/rbom-1.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
DOCUMENT = json.loads(write_rbom(BOM))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@given(boms())
def test_what_careen_writes_is_valid(bom: RuntimeBom) -> None:
    VALIDATOR.validate(json.loads(write_rbom(bom)))


MUTATIONS: dict[str, Callable[[Any], object]] = {
    "another format": lambda d: d.update(format="x"),
    "another version": lambda d: d.update(version=2),
    "no image": lambda d: d.pop("image"),
    "unknown member": lambda d: d.update(more=1),
    "a digest of another algorithm": lambda d: d["image"].update(config_digest="md5:" + "0" * 32),
    "a file without a hash": lambda d: d["files"][0].pop("sha256"),
    "a link with a hash": lambda d: d["files"][1].update(sha256="a" * 64),
    "a relative path": lambda d: d["files"][0].update(path="a"),
    "an unknown use": lambda d: d["files"][0]["uses"][0].update(use="eaten"),
    "no phase": lambda d: d["files"][0]["uses"][0].update(phases=[]),
    "an unknown phase": lambda d: d["syscalls"].update(stop=[]),
    "a negative count": lambda d: d.update(outside=-1),
    "a port that is none": lambda d: d["endpoints"][0].update(port=65536),
    "an unknown kind of sensor": lambda d: d["runs"][0]["sensor"].update(kind="guess"),
    "a kind of run that is none": lambda d: d["runs"][0].update(kind="guess"),
    "an adequacy that is no share": lambda d: d["runs"][0].update(adequacy=1.5),
    "a time that is none": lambda d: d["runs"][0].update(started="noon"),
    "a purl that is none": lambda d: d["packages"][0].update(purl="libc6"),
    "a loss that is no number": lambda d: d["runs"][0]["sensor"]["losses"].update(ring_full="no"),
    "a name in the place of an index": lambda d: d["missed"][0].update(executable=PYTHON),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_schema_refuses(name: str) -> None:
    changed = copy.deepcopy(DOCUMENT)
    MUTATIONS[name](changed)
    assert not VALIDATOR.is_valid(changed)


def test_the_example_of_the_documentation_is_valid() -> None:
    text = (Path(__file__).parents[2] / "docs/rbom.md").read_text()
    example = text.partition("```json\n")[2].partition("\n```")[0]
    VALIDATOR.validate(json.loads(example))


def complaint(data: bytes) -> object:
    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(data.decode())


def test_cyclonedx_is_valid_by_the_official_schema() -> None:
    assert complaint(to_cyclonedx(BOM)) is None
    assert complaint(to_cyclonedx(BOM).replace(b'"type": "file"', b'"type": "thing"')) is not None


@settings(max_examples=10, deadline=None)
@given(boms())
def test_any_rbom_is_valid_cyclonedx(bom: RuntimeBom) -> None:
    assert complaint(to_cyclonedx(bom)) is None


def test_cyclonedx_tells_what_the_rbom_tells() -> None:
    document = json.loads(to_cyclonedx(BOM))
    metadata = document["metadata"]
    facts = [(item["name"], item["value"]) for item in metadata["properties"]]
    assert metadata["timestamp"] == "2026-03-01T10:00:00Z"
    assert metadata["component"]["purl"] == f"pkg:oci/app@{IMAGE.manifest_digest}?tag=1"
    assert metadata["component"]["bom-ref"] == IMAGE.digest
    assert ("careen:complete", "true") in facts
    assert ("careen:outside", "7") in facts
    assert ("careen:syscalls:start", "mmap openat") in facts
    assert (
        "careen:endpoint",
        "bind inet 0.0.0.0 port 8000 by /usr/bin/python3.13 (start)",
    ) in facts
    assert ("careen:run:0:sensor", "ebpf") in facts
    assert ("careen:run:0:kind", "workload") in facts
    assert not [name for name, _ in facts if name == "careen:run:0:adequacy"]
    packages = {item["purl"]: item for item in document["components"] if item["type"] == "library"}
    loose = [item for item in document["components"] if item["type"] != "library"]
    libc, foo = packages[LIBC], packages[FOO]
    assert (libc["purl"], libc["name"], libc["version"]) == (LIBC, "libc6", "2.41-12")
    assert foo["purl"] == FOO
    assert foo["evidence"]["occurrences"] == [
        {"location": "/usr/lib/libc.so.6", "additionalContext": "mapped"}
    ]
    (library,) = libc["components"]
    assert library["hashes"] == [{"alg": "SHA-256", "content": "b" * 64}]
    assert {"name": "careen:executable", "value": PYTHON} in library["properties"]
    assert {"name": "careen:phase", "value": "start"} in library["properties"]
    assert {"name": "careen:use", "value": "mapped"} in library["properties"]
    assert {"name": "careen:layer", "value": IMAGE.diff_ids[0]} in library["properties"]
    assert [component["name"] for component in loose] == ["/app/\\xff", "/lib", "/usr/lib"]
    references = [component["bom-ref"] for component in (libc, foo, library, *loose)]
    assert len(set(references)) == len(references)
    assert document["compositions"] == [{"aggregate": "incomplete", "assemblies": [IMAGE.digest]}]


def test_cyclonedx_says_what_kind_of_run_it_was_and_how_adequate() -> None:
    tried = replace(
        BOM.runs[0], workload="explore:signals", kind=RunKind.EXPLORATION, adequacy=0.25
    )
    facts = json.loads(to_cyclonedx(replace(BOM, runs=(*BOM.runs, tried))))["metadata"][
        "properties"
    ]
    assert {"name": "careen:run:1:kind", "value": "exploration"} in facts
    assert {"name": "careen:run:1:adequacy", "value": "0.25"} in facts


def test_cyclonedx_never_shows_as_used_what_exploration_alone_used() -> None:
    tried = replace(BOM.runs[0], workload="explore:signals", kind=RunKind.EXPLORATION)
    used = next(file for file in BOM.files if LIBC in file.packages)
    by_trial = FileUse(Use.EXECUTED, frozenset({Phase.START}), PYTHON, "explore:signals")
    for uses, summary in (
        (used.uses, "mapped"),
        ((*used.uses, by_trial), "mapped"),
        ((by_trial,), "by exploration alone: executed"),
    ):
        bom = replace(BOM, runs=(*BOM.runs, tried), files=(replace(used, uses=uses),))
        document = to_cyclonedx(bom)
        assert complaint(document) is None
        package, *_ = (
            item for item in json.loads(document)["components"] if item.get("purl") == LIBC
        )
        assert package["evidence"]["occurrences"][0]["additionalContext"] == summary
        told = [(item["name"], item["value"]) for item in package["components"][0]["properties"]]
        assert ("careen:use", "executed") not in told
        assert (
            ("careen:explored", "executed") in told,
            ("careen:experiment", "explore:signals") in told,
        ) == (by_trial in uses, by_trial in uses)
        assert ("careen:workload", "explore:signals") not in told


@pytest.mark.parametrize(
    ("reference", "purl"),
    [
        (
            "registry.example.org:5000/team/app:2",
            f"pkg:oci/app@{IMAGE.manifest_digest}?repository_url=registry.example.org:5000/team/app&tag=2",
        ),
        ("app", f"pkg:oci/app@{IMAGE.manifest_digest}"),
        ("docker-archive:app.tar", None),
        ("oci:layout:tag", None),
    ],
)
def test_only_an_image_with_a_name_in_a_registry_has_an_oci_purl(
    reference: str, purl: str | None
) -> None:
    component = json.loads(to_cyclonedx(replace(BOM, image=replace(IMAGE, reference=reference))))[
        "metadata"
    ]["component"]
    assert component.get("purl") == purl
    assert (
        "purl"
        not in json.loads(to_cyclonedx(replace(BOM, image=replace(IMAGE, manifest_digest=None))))[
            "metadata"
        ]["component"]
    )


def test_cyclonedx_keeps_the_order_of_layers_and_layers_that_are_equal() -> None:
    layers = (IMAGE.diff_ids[1], IMAGE.diff_ids[0], IMAGE.diff_ids[1])
    component = json.loads(to_cyclonedx(replace(BOM, image=replace(IMAGE, diff_ids=layers))))[
        "metadata"
    ]["component"]
    facts = {item["name"]: item["value"] for item in component["properties"]}
    assert tuple(facts[f"careen:layer:{i}"] for i in range(3)) == layers


@pytest.mark.timeout(120)
def test_cyclonedx_of_thousands_of_files_takes_seconds() -> None:
    (library,) = (file for file in BOM.files if file.packages)
    files = tuple(
        replace(library, path=ImagePath(f"/usr/lib/{i:05}"), packages=(LIBC,) if i % 2 else ())
        for i in range(3000)
    )
    data = to_cyclonedx(replace(BOM, files=files))
    parts = json.loads(data)["components"]
    (libc,) = (item for item in parts if item.get("purl") == LIBC)
    assert [item["location"] for item in libc["evidence"]["occurrences"]] == [
        file.path for file in files if file.packages
    ]
    assert len(libc["components"]) == len(parts) - 1 == 1500


def test_cyclonedx_is_the_same_bytes_in_every_process() -> None:
    """Hashes of strings, and with them the order of sets, differ from one process to the next."""
    code = (
        "import sys; from tests.support.boms import BOM; from careen.rbom.cyclonedx import"
        " to_cyclonedx; sys.stdout.buffer.write(to_cyclonedx(BOM))"
    )
    for seed in ("1", "2"):
        found = run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=str(Path(__file__).parents[2]),
            timeout=60,
        )
        assert found.stdout == to_cyclonedx(BOM)


def test_cyclonedx_is_the_same_bytes_for_the_same_rbom() -> None:
    assert to_cyclonedx(BOM) == to_cyclonedx(BOM)
    other = json.loads(to_cyclonedx(RuntimeBom(IMAGE, BOM.runs, (), (), {}, (), {})))
    assert "timestamp" not in json.loads(to_cyclonedx(replace(BOM, runs=())))["metadata"]
    assert other["serialNumber"] != json.loads(to_cyclonedx(BOM))["serialNumber"]
