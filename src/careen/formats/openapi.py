"""OpenAPI documents (2.0, called Swagger, and 3.x): their operations and references.

The document comes from an untrusted service. Only references within the document are followed, and
nothing is fetched: of a server's URL only the path counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import unquote, urlsplit

from careen.errors import CareenError
from careen.formats.json_document import items, mapping, parse_object, text

MAX_BYTES = 8 * 1024 * 1024
"""Bytes; documents of large public services have three or four megabytes."""

MAX_OPERATIONS = 2000
MAX_PATH = 1024
_MAX_REFERENCES = 32
_MAX_POINTER = 32
_MAX_REFERENCE = 4096
_MAX_URL = 4096
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: method in upper case, and path template with the server's base path.

    Parameters stand in braces (`/v1/items/{id}`).
    """

    method: str
    path_template: str

    @property
    def name(self) -> str:
        """Name for answers and people, such as `POST /v1/embed`."""
        return f"{self.method} {self.path_template}"


def read_openapi(data: bytes, where: str) -> Mapping[str, Any] | None:
    """Return the OpenAPI document in `data`, or None for any other content.

    Invalid or too deep JSON and more than 8 MiB give None.
    """
    if len(data) > MAX_BYTES:
        return None
    try:
        document = parse_object(data, where, CareenError)
    except CareenError:
        return None
    version = document.get("openapi", document.get("swagger"))
    return (
        document
        if isinstance(version, str)
        and version[:2] in {"2.", "3."}
        and isinstance(document.get("paths"), dict)
        else None
    )


def openapi_operations(document: Mapping[str, Any]) -> tuple[Operation, ...]:
    """Return the declared operations by path, then in the order of METHODS; at most 2000."""
    return tuple(operation for operation, _, _ in declared(document))


def declared(
    document: Mapping[str, Any],
) -> tuple[tuple[Operation, Mapping[str, Any], Mapping[str, Any]], ...]:
    """Return each operation with its own object and that of its path, which holds common fields."""
    base = base_path(document)
    out: list[tuple[Operation, Mapping[str, Any], Mapping[str, Any]]] = []
    for template, common, own in _raw(document):
        here = ((method, own.get(method.lower())) for method in METHODS)
        out += (
            (Operation(method, f"{base}{template}"), found, common)
            for method, found in here
            if isinstance(found, dict)
        )
        if len(out) >= MAX_OPERATIONS:
            break
    return tuple(out[:MAX_OPERATIONS])


def _raw(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    paths = mapping(document.get("paths"))
    for template in sorted(
        key for key in paths if key.startswith("/") and len(key) <= MAX_PATH and key.isprintable()
    ):
        item = resolve(document, paths[template])
        yield template, item, item


def base_path(document: Mapping[str, Any]) -> str:
    """Return the path of the first server (3.x) or `basePath` (2.0), without a trailing slash.

    Returns "" without one, or if it is not a plain path.
    """
    server = next((mapping(item) for item in items(document.get("servers"))), {})
    written = text(document.get("basePath")) if "swagger" in document else text(server.get("url"))
    if len(written) > _MAX_URL:
        return ""
    variables = mapping(server.get("variables"))
    for name in islice(variables, _MAX_REFERENCES):
        default = text(mapping(variables[name]).get("default"))[:MAX_PATH]
        written = written.replace("{" + name + "}", default)[:MAX_PATH]
    try:
        path = urlsplit(written).path.rstrip("/")
    except ValueError:
        return ""
    return (
        path
        if path.startswith("/") and len(path) <= MAX_PATH and path.isprintable() and "{" not in path
        else ""
    )


def resolve(document: Mapping[str, Any], node: object) -> Mapping[str, Any]:
    """Follow `$ref` within the document; return {} for other, circular or dangling references."""
    for _ in range(_MAX_REFERENCES):
        here = mapping(node)
        reference = here.get("$ref")
        if not isinstance(reference, str):
            return here
        node = _at(document, reference)
    return {}


def _at(document: Mapping[str, Any], reference: str) -> object:
    if not reference.startswith("#/") or len(reference) > _MAX_REFERENCE:
        return None
    node: object = document
    steps = reference[2:].split("/", _MAX_POINTER)
    if len(steps) > _MAX_POINTER:
        return None
    for step in steps:
        key = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict):
            node = node.get(key)
        elif (
            isinstance(node, list)
            and key.isascii()
            and key.isdigit()
            and len(key) < len(str(MAX_BYTES))
        ):
            node = node[int(key)] if int(key) < len(node) else None
        else:
            return None
    return node
