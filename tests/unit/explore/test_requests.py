"""The requests that an OpenAPI document leads to. The document is a stranger's: however it is made,
the work is bounded and nothing is fetched.
"""

import json
from typing import Any

import pytest

from careen.explore.api_requests import api_tries
from careen.explore.common_requests import common_tries
from careen.explore.schema_values import SchemaValues, Style
from careen.explore.trials import Try

pytestmark = pytest.mark.slow


def document(paths: dict[str, Any], **schemas: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}


def taking(schema: Any, kind: str = "application/json") -> dict[str, Any]:
    return {"/x": {"post": {"requestBody": {"content": {kind: {"schema": schema}}}}}}


def tries(found: dict[str, Any], choices: int = 8) -> dict[str, Try]:
    return {each.id: each for each in api_tries(found, 50, choices)}


def body(found: dict[str, Try], name: str) -> Any:
    return json.loads(found[f"POST /x: {name}"].request.body)


ORDER = {
    "type": "object",
    "required": ["name", "count"],
    "properties": {
        "name": {"type": "string", "minLength": 3, "maxLength": 10},
        "count": {"type": "integer", "minimum": 2, "exclusiveMaximum": 9},
        "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "form": {"enum": ["plain", "rich", "raw"], "default": "rich"},
        "stream": {"type": "boolean", "default": False},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "zone": {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Zone"}]},
    },
}
ZONE = {
    "allOf": [
        {"type": "object", "properties": {"tz": {"type": "string"}}},
        {"properties": {"at": {"type": "string", "format": "date-time"}}, "required": ["at"]},
    ]
}


def test_allowed_bodies() -> None:
    found = tries(document(taking(ORDER), Zone=ZONE))
    assert body(found, "all fields") == {
        "name": "apple",
        "count": 2,
        "share": 1,
        "form": "rich",
        "stream": False,
        "tags": ["river", "a green field"],
        "zone": {"tz": "Asia/Kathmandu", "at": "2024-02-29T12:30:00Z"},
    }
    assert body(found, "required fields only") == {"name": "apple", "count": 2}
    assert body(found, "least values") == {"name": "aaa", "count": 2}
    greatest = body(found, "greatest values")
    assert (greatest["name"], greatest["count"], greatest["form"], greatest["share"]) == (
        "Grüße aus ",
        8,
        "raw",
        1,
    )


def test_each_word_of_a_closed_list_and_each_flag_is_tried() -> None:
    found = tries(document(taking(ORDER), Zone=ZONE))
    assert (
        body(found, "form=plain")["form"],
        body(found, "form=raw")["form"],
        body(found, "stream=true")["stream"],
    ) == ("plain", "raw", True)
    assert "POST /x: form=raw" not in tries(document(taking(ORDER), Zone=ZONE), choices=1)


def test_what_is_not_allowed_breaks_one_rule_at_a_time() -> None:
    found = tries(document(taking(ORDER), Zone=ZONE))
    assert found["POST /x: no body"].request.body == b""
    assert (
        dict(found["POST /x: a body of another type"].request.headers)["Content-Type"]
        == "text/plain"
    )
    assert body(found, "without name").keys() == body(found, "all fields").keys() - {"name"}
    assert body(found, "all fields of the wrong type")["count"] == {"wrong": []}
    assert body(found, "an unknown field")["careen-unknown"] == 1
    with pytest.raises(json.JSONDecodeError):
        body(found, "JSON that breaks off")
    other = found["PATCH /x: a method that it does not have"]
    assert (other.request.method, other.operation, other.plain) == ("PATCH", "", False)


def test_examples_of_the_document_come_first() -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "examples": ["given"]},
            "b": {"type": "integer", "example": 7},
            "c": {"const": "fixed"},
        },
    }
    assert body(tries(document(taking(schema))), "all fields") == {
        "a": "given",
        "b": 7,
        "c": "fixed",
    }


def test_parameters_go_where_they_belong() -> None:
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
        {"name": "tz", "in": "query", "schema": {"type": "string"}},
        {"name": "full", "in": "query", "schema": {"type": "boolean"}},
        {"name": "X-Request-Id", "in": "header", "schema": {"type": "string", "format": "uuid"}},
    ]
    found = tries(document({"/items/{id}": {"parameters": parameters, "get": {}}}))
    plain = found["GET /items/{id}: all fields"]
    assert plain.request.target == "/items/1?tz=Asia%2FKathmandu&full=true"
    assert dict(plain.request.headers) == {"X-Request-Id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}
    assert (plain.operation, plain.plain) == ("GET /items/{id}", True)
    assert found["GET /items/{id}: required fields only"].request.target == "/items/1"
    assert found["GET /items/{id}: full=false"].request.target == "/items/1?full=false"
    assert found["GET /items/{id}: a word as id"].request.target.startswith("/items/not-a-number")


def test_files_are_sent_in_three_kinds() -> None:
    schema = {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}, "note": {"type": "string"}},
    }
    found = tries(document(taking(schema, "multipart/form-data")))
    text, picture = (
        found["POST /x: all fields"].request,
        found["POST /x: all fields, dots.png"].request,
    )
    assert b'name="file"; filename="notes.txt"' in text.body
    assert b"\r\n\x89PNG" not in text.body
    assert b"Content-Type: image/png\r\n\r\n\x89PNG\r\n" in picture.body
    assert b'name="note"\r\n\r\nriver' in picture.body
    assert "POST /x: parts without a boundary" in found


def test_what_a_service_may_call_is_its_own_loopback() -> None:
    schema = {
        "type": "object",
        "properties": {"callback": {"type": "string"}, "page": {"type": "string", "format": "uri"}},
    }
    assert set(body(tries(document(taking(schema))), "all fields").values()) == {
        "http://127.0.0.1:9/"
    }


def test_the_plainest_of_each_comes_first_and_what_ends_the_service_is_marked() -> None:
    found = api_tries(
        document(
            {"/a": {"get": {}, "delete": {}}, "/admin/shutdown": {"post": {}}, "/b": {"post": {}}}
        ),
        50,
        8,
    )
    assert [each.operation for each in found if each.plain] == [
        "GET /a",
        "DELETE /a",
        "POST /admin/shutdown",
        "POST /b",
    ]
    assert {each.operation for each in found if each.late} == {"DELETE /a", "POST /admin/shutdown"}


def test_the_same_document_gives_the_same_tries_and_none_twice() -> None:
    found = api_tries(document(taking(ORDER), Zone=ZONE), 50, 8)
    assert found == api_tries(document(taking(ORDER), Zone=ZONE), 50, 8)
    assert len({each.id for each in found}) == len({each.request for each in found}) == len(found)
    assert len({each.id for each in common_tries()}) == len(common_tries())


def test_swagger_2_bodies_and_forms() -> None:
    parameters = [
        {
            "in": "body",
            "name": "body",
            "schema": {"type": "object", "properties": {"a": {"type": "integer"}}},
        }
    ]
    assert body(
        tries({"swagger": "2.0", "paths": {"/x": {"post": {"parameters": parameters}}}}),
        "all fields",
    ) == {"a": 1}
    form = [{"in": "formData", "name": "upload", "type": "file"}]
    found = tries({"swagger": "2.0", "paths": {"/x": {"post": {"parameters": form}}}})
    assert b'filename="notes.txt"' in found["POST /x: all fields"].request.body


DEEP: dict[str, Any] = {
    "type": "object",
    "properties": {f"p{number}": {"$ref": "#/components/schemas/Deep"} for number in range(40)},
}
DEEP["required"] = list(DEEP["properties"])


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/Deep"},
        {"$ref": "http://127.0.0.1:1/schema.json"},
        {"$ref": "#/components/schemas/Loop"},
        {"allOf": [{"$ref": "#/components/schemas/Deep"}] * 1000},
        {"anyOf": [{"anyOf": [{"anyOf": [{"type": "string"}]}]}]},
        {
            "type": "array",
            "minItems": 10**18,
            "items": {
                "type": "array",
                "minItems": 10**18,
                "items": {"type": "string", "minLength": 10**18},
            },
        },
        {"type": "number", "minimum": 1e308, "exclusiveMinimum": 1e308, "multipleOf": 1e-308},
        {"type": "integer", "multipleOf": 0, "minimum": "x", "maximum": []},
        {"type": ["null"], "enum": []},
        {"type": {}, "properties": [], "required": {"a": 1}, "items": 7},
        {"type": "string", "pattern": "(a+)+$", "enum": [[], {}, None, "\ud800"]},
        {
            "type": "object",
            "properties": {
                "\ud800": {"type": "string"},
                'a"\r\nX: y': {"format": "binary", "type": "string"},
            },
        },
        7,
        None,
    ],
)
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "text/\r\nx: y",
    ],
)
def test_hostile_schemas_cost_little(schema: Any, kind: str) -> None:
    found = api_tries(
        document(taking(schema, kind), Deep=DEEP, Loop={"$ref": "#/components/schemas/Loop"}), 50, 8
    )
    assert found
    assert sum(len(each.request.body) for each in found) < 4_000_000


def test_a_million_operations_lead_to_a_bounded_number_of_tries() -> None:
    operation = {"parameters": [{"name": f"a{number}", "in": "query"} for number in range(1000)]}
    paths = {f"/{number}": {"get": operation} for number in range(100_000)}
    assert len(api_tries(document(paths), 40, 8)) < 4000


def test_values_of_nested_objects_stop_somewhere() -> None:
    value = SchemaValues(document({}, Deep=DEEP)).value(
        {"$ref": "#/components/schemas/Deep"}, Style.FULL
    )
    assert len(json.dumps(value)) < 100_000


def test_in_short_the_same_things_are_tried_with_fewer_values() -> None:
    paths = {
        f"/{name}": {"post": {"requestBody": {"content": {"application/json": {"schema": ORDER}}}}}
        for name in ("delete", "first", "second")
    }
    whole = api_tries(document(paths, Zone=ZONE), 50, 8)
    short = api_tries(document(paths, Zone=ZONE), 50, 2, thorough=False)
    assert {each.id for each in short} < {each.id for each in whole}
    tried = {
        name: {each.id.partition(": ")[2] for each in short if each.operation == f"POST /{name}"}
        for name in ("delete", "first", "second")
    }
    assert tried["second"] == {
        *("all fields", "required fields only", "greatest values", "form=plain", "form=raw"),
        *(
            "no body",
            "a body of another type",
            "JSON that breaks off",
            "without name",
            "all fields of the wrong type",
        ),
    }
    door = {
        "a body of an unknown character set",
        "a body that is no text",
        "JSON nested deep",
        "null",
        "a packed body that is not packed",
    }
    assert tried["first"] - tried["second"] == door  # of one operation that does not end anything
    assert tried["delete"] == tried["second"]
    assert {each.id.partition(": ")[2] for each in short if each.works} == {
        "required fields only",
        "greatest values",
        "form=plain",
        "form=raw",
    }
