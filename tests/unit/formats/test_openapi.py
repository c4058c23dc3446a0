"""OpenAPI documents: operations, references, and the operation of a request. The documents are a
stranger's.
"""

import json
from typing import Any

import pytest

from careen.formats.openapi import (
    MAX_BYTES,
    MAX_OPERATIONS,
    Operation,
    openapi_operations,
    read_openapi,
    resolve,
)
from careen.formats.openapi_match import OperationMatcher


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "paths": paths, **more}


def read(value: Any) -> Any:
    return read_openapi(json.dumps(value).encode(), "openapi.json")


def names(value: dict[str, Any]) -> list[str]:
    return [operation.name for operation in openapi_operations(value)]


def test_operations_are_sorted_and_what_is_none_is_passed_over() -> None:
    paths = {
        "/b": {"post": {}, "parameters": [], "x-thing": {}, "get": {}},
        "/a/{id}": {"delete": {}, "get": "text"},
        "no-slash": {"get": {}},
        "/list": [],
    }
    assert names(document(paths)) == ["DELETE /a/{id}", "GET /b", "POST /b"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"servers": [{"url": "https://example.com/api/v1/"}]}, "GET /api/v1/x"),
        (
            {"servers": [{"url": "/{stage}", "variables": {"stage": {"default": "prod"}}}]},
            "GET /prod/x",
        ),
        ({"servers": [{"url": "https://{host}"}]}, "GET /x"),
        ({"servers": [{"url": "relative"}]}, "GET /x"),
        ({"servers": [{"url": "http://[bad"}]}, "GET /x"),
        ({"servers": "text"}, "GET /x"),
    ],
)
def test_only_the_path_of_a_server_counts(more: dict[str, Any], expected: str) -> None:
    assert names(document({"/x": {"get": {}}}, **more)) == [expected]


def test_swagger_2_has_its_base_path() -> None:
    assert names({"swagger": "2.0", "basePath": "/v2", "paths": {"/x": {"get": {}}}}) == [
        "GET /v2/x"
    ]


def test_a_path_may_be_a_reference() -> None:
    found = document(
        {"/x": {"$ref": "#/components/pathItems/a~1b"}},
        components={"pathItems": {"a/b": {"get": {}}}},
    )
    assert names(found) == ["GET /x"]


def test_references_lead_inside_the_document_only() -> None:
    found = document(
        {}, a={"$ref": "#/b/0"}, b=[{"$ref": "#/c"}], c={"type": "string"}, loop={"$ref": "#/loop"}
    )
    assert resolve(found, {"$ref": "#/a"}) == {"type": "string"}
    for reference in (
        "#/loop",
        "http://127.0.0.1:1/x.json#/a",
        "other.json",
        "#",
        "#/b/99999999999999999999",
        "#/b/x",
        "#/c/type/y",
        "#/" + "a/" * 100_000,
    ):
        assert resolve(found, {"$ref": reference}) == {}


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"openapi": 3, "paths": {}},
        {"openapi": "4.0", "paths": {}},
        {"openapi": "3.0.0"},
        {"openapi": "3.0.0", "paths": []},
    ],
)
def test_what_is_no_document(value: Any) -> None:
    assert read(value) is None


def test_bytes_that_are_no_document() -> None:
    deep = b'{"openapi": "3.0.0", "paths": {"/x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
    for data in (b"", b"<html>", b"\xff\xfe", deep, b" " * (MAX_BYTES + 1)):
        assert read_openapi(data, "x") is None


def test_a_million_operations_are_cut_off() -> None:
    found = document({f"/{number}": {"get": {}, "post": {}} for number in range(200_000)})
    assert len(openapi_operations(found)) == MAX_OPERATIONS


OPERATIONS = [
    Operation("GET", "/items/{id}"),
    Operation("GET", "/items/latest"),
    Operation("GET", "/items/{id}/parts/{part}"),
    Operation("GET", "/items/{id}/parts/all"),
    Operation("POST", "/items/"),
    Operation("GET", "/files/{path}"),
    Operation("GET", "/export/{name}.{format}"),
    Operation("GET", "/"),
]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/items/7", "/items/{id}"),
        ("get", "/items/7?x=/y", "/items/{id}"),
        ("GET", "/items/latest", "/items/latest"),
        ("GET", "/items/7/parts/all", "/items/{id}/parts/all"),
        ("GET", "/items/7/parts/8", "/items/{id}/parts/{part}"),
        ("GET", "/items/7/", "/items/{id}"),
        ("POST", "/items", "/items/"),
        ("GET", "/files/a/b/c", "/files/{path}"),
        ("GET", "/export/report.csv", "/export/{name}.{format}"),
        ("GET", "/export/a%20b.csv", "/export/{name}.{format}"),
        ("GET", "/", "/"),
        ("GET", "/export/.csv", None),
        ("GET", "/export/report", None),
        ("GET", "/items/", None),
        ("DELETE", "/items/7", None),
        ("GET", "/items/7/parts", None),
        ("GET", "/nothing", None),
    ],
)
def test_the_operation_of_a_request(method: str, path: str, expected: str | None) -> None:
    found = OperationMatcher(OPERATIONS).find(method, path)
    assert (found.path_template if found else None) == expected


@pytest.mark.timeout(60)
def test_a_template_of_nothing_but_parameters_costs_no_more_than_its_length() -> None:
    matcher = OperationMatcher([Operation("GET", "/" + "{a}a" * 200 + "!")])
    assert matcher.find("GET", "/" + "a" * 8000) is None
