"""What verbs print with `--json`: the schemas in docs/schema are those of the values, and the
values are valid by them.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from careen.report.documents.document import to_json
from tests.support.schemas import FOLDER, PRINTED, REPORTED, document, file_of

WRITTEN_BY_HAND = {
    "attest-1.schema.json",
    "ci-1.schema.json",
    "evidence-1.schema.json",
    "history-event-1.schema.json",
    "index-2.schema.json",
    "manifest-1.schema.json",
    "guard-1.schema.json",
    "patch-plan-1.schema.json",
    "plan-1.schema.json",
    "platforms-1.schema.json",
    "rbom-1.schema.json",
    "fedramp-1.schema.json",
    "scan-1.schema.json",
    "services-1.schema.json",
    "split-1.schema.json",
    "summary-1.schema.json",
    "verify-1.schema.json",
    "sbom-properties-1.json",
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type, with numbers that JSON has and a plain path."""
    st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
    st.register_type_strategy(Path, st.just(Path("/x/y")))
    return st.from_type(kind)


@pytest.mark.parametrize("name", [*PRINTED, *REPORTED])
def test_a_schema_is_that_of_the_values(name: str) -> None:
    assert file_of(name).read_text(encoding="utf-8") == document(name), (
        "stale: run `make docs`, and note the change in CHANGELOG.md"
    )


@pytest.mark.parametrize("name", PRINTED)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_printed_is_valid(name: str, data: st.DataObject) -> None:
    schema = json.loads(document(name))
    jsonschema.Draft202012Validator.check_schema(schema)
    printed = json.loads(to_json(data.draw(values(PRINTED[name]))))
    assert [
        error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(printed)
    ] == []


def test_every_schema_belongs_to_something_that_is_printed() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {
        *WRITTEN_BY_HAND,
        *(file_of(name).name for name in (*PRINTED, *REPORTED)),
    }


def test_what_is_no_value_of_the_type_is_refused() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(document("db-status")))
    status = {"path": "/db", "size": 1, "limit": 7, "feeds": []}
    assert validator.is_valid(status)
    assert not validator.is_valid({**status, "size": "1"})
    assert not validator.is_valid({**status, "more": 1})
    assert not validator.is_valid({key: item for key, item in status.items() if key != "limit"})
