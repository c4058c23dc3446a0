"""The results of several services, and the override that names their images."""

import io
import json
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from rich.console import Console

from careen.report.documents.compose import NamedService, override
from careen.report.views.services import print_services, services_json, services_lines

SCHEMAS = Path(__file__).parents[3] / "docs" / "schema"


def schema(name: str) -> Resource[Any]:
    text = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    return Resource.from_contents(json.loads(text))


def test_the_override_names_images_and_drops_builds() -> None:
    class Loader(yaml.SafeLoader):
        """A loader that shows the tag."""

    Loader.add_constructor("!reset", lambda *_: "reset")
    written = override(
        {"a": NamedService("r.example/a:1", built=True), "on": NamedService("b", built=False)}
    )
    assert yaml.load(written, Loader) == {  # noqa: S506 — a safe loader with one tag more
        "services": {"a": {"image": "r.example/a:1", "build": "reset"}, "on": {"image": "b"}}
    }


def test_a_failure_is_told_beside_what_passed() -> None:
    results = [(("api", "worker"), None, "the tests fail\x1b[0m")]
    out = io.StringIO()
    print_services(Console(file=out, width=100), results, "x/compose.hardened.yaml")
    assert "api, worker: the tests fail" in out.getvalue()
    assert "\x1b" not in out.getvalue()
    assert "x/compose.hardened.yaml" in out.getvalue()
    assert services_lines(results)[0].startswith("api, worker: the tests fail")
    document = json.loads(services_json(results, ""))
    assert document["override"] is None
    known: Registry[Any] = Registry().with_resource(
        "urn:careen:schema:summary-1", schema("summary-1")
    )
    validator = Draft202012Validator(schema("services-1").contents, registry=known)
    assert validator.is_valid(document)
    assert not validator.is_valid({**document, "services": [{"names": ["a"], "summary": {}}]})
    assert document["services"] == [
        {"names": ["api", "worker"], "summary": None, "failure": "the tests fail\x1b[0m"}
    ]
