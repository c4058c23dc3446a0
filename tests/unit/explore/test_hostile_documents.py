"""OpenAPI documents that ask for much work: it is bounded in steps and in bytes, however large they
are.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from careen.explore.allowance import MOST_BYTES, Allowance
from careen.explore.api_requests import api_tries
from careen.explore.schema_values import SchemaValues, Style
from careen.formats.openapi import base_path, openapi_operations

pytestmark = pytest.mark.slow

MADE = {"application/json": {"schema": {"$ref": "#/components/schemas/T"}}}


class Counted(dict[str, Any]):
    """A JSON object that counts the members that are read of it, one by one or all at once."""

    steps = 0

    def __iter__(self) -> Iterator[str]:
        for key in super().__iter__():
            Counted.steps += 1
            yield key

    def keys(self) -> Any:
        return list(self)

    def items(self) -> Any:
        return [(key, self[key]) for key in self]

    def values(self) -> Any:
        return [self[key] for key in self]


def document(schemas: dict[str, Any], operations: int = 2) -> dict[str, Any]:
    paths = {f"/x{i}": {"post": {"requestBody": {"content": MADE}}} for i in range(operations)}
    return {"openapi": "3.0.0", "info": {}, "paths": paths, "components": {"schemas": schemas}}


def read(plain: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(plain), object_hook=Counted)
    return found


def steps(plain: dict[str, Any], thorough: bool) -> int:
    found = read(plain)
    Counted.steps = 0
    assert api_tries(found, 40, 4, thorough=thorough)
    return Counted.steps


def joined(size: int) -> dict[str, Any]:
    """Each of 500 nodes joins sixteen parts of many properties."""
    properties: dict[str, Any] = {f"p{i:02}": {"$ref": "#/components/schemas/T"} for i in range(40)}
    properties.update({f"q{i:06}": {} for i in range(size)})
    part = {"type": "object", "properties": properties, "required": [f"q{i}" for i in range(size)]}
    return {"S": part, "T": {"allOf": [{"$ref": "#/components/schemas/S"}] * 16}}


def alternatives(size: int) -> dict[str, Any]:
    """Each of 500 nodes takes one of its alternatives, which have many members of other names."""
    others = {f"x-{i}": i for i in range(size)}
    properties = {f"p{i:02}": {"$ref": "#/components/schemas/T"} for i in range(40)}
    part = {"type": "object", "properties": properties, **others}
    return {"S": part, "T": {"anyOf": [{"$ref": "#/components/schemas/S"}], **others}}


@pytest.mark.parametrize("thorough", [False, True])
@pytest.mark.parametrize("made", [joined, alternatives])
def test_the_work_does_not_grow_with_what_schemas_hold(made: Any, thorough: bool) -> None:
    few, many = (steps(document(made(size)), thorough) for size in (500, 5000))
    assert many == few
    assert many < 200_000


def test_a_joined_schema_is_joined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    joined_ = SchemaValues._joined

    def count(self: SchemaValues, schema: object) -> Any:
        made.append(schema)
        return joined_(self, schema)

    monkeypatch.setattr(SchemaValues, "_joined", count)
    found = document(joined(0), operations=40)
    assert len(api_tries(found, 40, 4)) > 40
    assert len(made) < 200  # 41 references and what they lead to, for 40 operations of 500 nodes


def test_a_joined_schema_has_the_first_forty_names_and_the_last_statement_of_each() -> None:
    parts = [
        {"properties": {f"a{i}": {"const": "first"} for i in range(30)}, "required": ["a1"]},
        {"properties": {f"a{i}": {"const": "second"} for i in range(20, 60)}, "required": ["a2"]},
    ]
    schema = {"allOf": parts, "properties": {"a0": {"const": "own"}, "z": {}}, "required": ["a0"]}
    values = SchemaValues(document({}))
    value = values.value(schema, Style.FULL)
    assert list(value) == [f"a{i}" for i in range(40)]
    assert (value["a0"], value["a19"], value["a20"]) == ("own", "first", "second")
    assert values.required(schema) == ("a1", "a2", "a0")


LARGE = "A" * 300_000


@pytest.mark.parametrize(
    "named",
    [
        {"type": "string", "example": LARGE},
        {"const": LARGE},
        {"enum": [LARGE]},
        {"type": "array", "default": [[0] * 400_000]},
        {"type": "object", "properties": {LARGE: {"type": "object", "properties": {}}}},
    ],
    ids=["example", "const", "enum", "default", "name"],
)
def test_what_is_taken_over_from_a_document_is_bounded(named: dict[str, Any]) -> None:
    properties = {f"p{i}": {"$ref": "#/components/schemas/E"} for i in range(40)}
    schemas = {"T": {"type": "object", "properties": properties}, "E": named}
    value = SchemaValues(document(schemas)).value(schemas["T"], Style.FULL)
    assert len(json.dumps(value)) < 3 << 20


def test_requests_of_a_document_have_a_bound_in_bytes() -> None:
    schemas = {"T": {"type": "object", "properties": {"a": {"example": LARGE}}}}
    allowance = Allowance()
    found = api_tries(document(schemas, operations=200), 400, 40, allowance)
    assert allowance.ended
    assert sum(len(each.request.body) for each in found) <= MOST_BYTES
    assert len({each.operation for each in found}) >= 200  # the least of all operations is cut


def test_requests_of_a_document_have_a_bound_in_time() -> None:
    allowance = Allowance(seconds=-1.0)
    assert api_tries(document({"T": {"type": "string"}}), 40, 4, allowance) == ()
    assert allowance.ended


def test_a_servers_url_of_many_variables_is_no_path() -> None:
    variables = {"a": {"default": "/" + "b" * 100_000}}
    server = {"url": "{a}" * 100_000, "variables": variables}
    assert base_path({"openapi": "3.0.0", "servers": [server]}) == ""
    short = {"url": "{a}" * 300, "variables": variables}
    assert len(base_path({"openapi": "3.0.0", "servers": [short]})) <= 1024


def test_a_reference_of_a_megabyte_leads_nowhere() -> None:
    name = "A" * 1_000_000
    found = document({name: {"const": 1}})
    paths = {"/x": {"$ref": f"#/components/schemas/{name}"}}
    assert openapi_operations({**found, "paths": paths}) == ()
    assert SchemaValues(found).value({"$ref": f"#/components/schemas/{name}"}, Style.FULL) is None
