"""Requests derived from a service's OpenAPI document: allowed, extreme and forbidden ones."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any
from urllib.parse import quote, urlencode

from careen.explore.allowance import Allowance
from careen.explore.forms import BOUNDARY, FILES, multipart, written
from careen.explore.schema_values import SchemaValues, Style
from careen.explore.trials import Try
from careen.formats.json_document import items, mapping, text
from careen.formats.openapi import Operation, declared, resolve
from careen.tools.exchange import Request

_PARAMETERS = 40
_KINDS = 40
_NAME = 1000
_WORD = 2000  # maximum of characters of a value in a path, a query or a header
_OTHER_METHODS = ("PATCH", "PUT", "DELETE", "POST", "GET")
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_DEEP = 2000
_NUL_WORD = "a%00b"
_TELLING = (Style.FULL, Style.REQUIRED, Style.GREATEST)
"""The styles tried without `thorough`; the least values are mostly the required ones, too."""

_ENDS = re.compile(
    r"shut-?down|stop|exit|quit|kill|terminate|restart|reset|drain|delete|remove|unload|flush",
    re.IGNORECASE,
)


def api_tries(
    document: Mapping[str, Any],
    operations: int,
    choices: int,
    allowance: Allowance | None = None,
    *,
    thorough: bool = True,
) -> tuple[Try, ...]:
    """Return the tries for the first `operations` operations, the plainest of each first.

    `choices` limits, for each operation, the values of enumerations that are tried one by one.
    Without `thorough` only the most informative values are tried, and bodies that are refused
    before routing only once for each media type. If the allowance ends, the least important tries
    of all operations are left out.
    """
    known = declared(document)
    methods: dict[str, set[str]] = {}
    for operation, _, _ in known:
        methods.setdefault(operation.path_template, set()).add(operation.method)
    values = SchemaValues(document)
    shapes = [_Shape(document, values, *each) for each in known[:operations]]
    doors: dict[str, _Shape] = {}  # the first operation for each media type
    for shape in sorted(shapes, key=lambda shape: shape.destroys):
        doors.setdefault(shape.kind, shape)
    lists = [
        _tries(shape, choices, thorough, thorough or doors[shape.kind] is shape) for shape in shapes
    ]
    made = chain(_in_turns(lists), _on_paths(methods, operations))
    return _once(tuple((allowance or Allowance()).within(made)))


def _tries(shape: "_Shape", choices: int, thorough: bool, door: bool) -> Iterator[Try]:  # noqa: FBT001
    found = shape.tries(choices, thorough=thorough, door=door)
    return (replace(each, late=shape.destroys) for each in found)


def _on_paths(methods: Mapping[str, set[str]], most: int) -> Iterator[Try]:
    """Yield requests with methods that the paths do not declare."""
    for path, known in sorted(methods.items())[:most]:
        other = next(method for method in (*_OTHER_METHODS, "TRACE") if method not in known)
        target = quote(path.replace("{", "").replace("}", ""), safe="/")
        for method, name in (
            (other, "a method that it does not have"),
            ("OPTIONS", "what is allowed"),
            ("HEAD", "the head alone"),
        ):
            if method not in known:
                yield Try(f"{method} {path}: {name}", Request(method, target))


def _in_turns(lists: list[Iterator[Try]]) -> Iterator[Try]:
    """Yield the first try of each list, then the second of each, and so on.

    A cut then removes the least important tries of all operations.
    """
    while lists:
        left = []
        for each in lists:
            made = next(each, None)
            if made is not None:
                yield made
                left.append(each)
        lists = left


def _once(tries: tuple[Try, ...]) -> tuple[Try, ...]:
    """Remove tries with a repeated request or a repeated id."""
    by_request: dict[Request, Try] = {}
    for each in tries:
        by_request.setdefault(each.request, each)
    return tuple({each.id: each for each in reversed(by_request.values())}.values())[::-1]


class _Shape:
    """The parameters and the body of one operation."""

    def __init__(
        self,
        document: Mapping[str, Any],
        values: SchemaValues,
        operation: Operation,
        own: Mapping[str, Any],
        common: Mapping[str, Any],
    ) -> None:
        self._document = document
        self._values = values
        self._operation = operation
        stated = chain(items(common.get("parameters")), items(own.get("parameters")))
        both = (resolve(document, each) for each in islice(stated, _PARAMETERS))
        named = ((text(each.get("in")), text(each.get("name")), each) for each in both)
        self._parameters = {
            (place, name): each for place, name, each in named if 0 < len(name) <= _NAME
        }
        self._kind, self._schema = self._body(own)

    @property
    def kind(self) -> str:
        """The media type of its body, or ""."""
        return self._kind

    @property
    def destroys(self) -> bool:
        """Whether it may delete or end something, so that other operations come first."""
        return (
            self._operation.method == "DELETE"
            or _ENDS.search(self._operation.path_template) is not None
        )

    def _body(self, own: Mapping[str, Any]) -> tuple[str, object]:
        """Return media type and schema of the body, or ("", None).

        JSON is preferred, then forms, then the first type.
        """
        content = mapping(resolve(self._document, own.get("requestBody")).get("content"))
        chosen = next((kind for kind in islice(content, _KINDS) if kind.startswith(_JSON)), None)
        chosen = (
            chosen
            or next((wanted for wanted in (_MULTIPART, _FORM) if wanted in content), None)
            or next(iter(content), None)
        )
        if chosen is not None:
            return chosen[:100], resolve(self._document, content[chosen]).get("schema")
        for (place, _), parameter in self._parameters.items():  # OpenAPI 2.0
            if place == "body":
                return _JSON, parameter.get("schema")
        fields = {
            name: parameter
            for (place, name), parameter in self._parameters.items()
            if place == "formData"
        }
        return (
            (_MULTIPART, {"type": "object", "properties": fields, "required": list(fields)})
            if fields
            else ("", None)
        )

    def _try(self, name: str, request: Request, *, plain: bool = False) -> Try:
        return Try(f"{self._operation.name}: {name}", request, self._operation.name, plain)

    def _work(self, name: str, request: Request) -> Try:
        return Try(f"{self._operation.name}: {name}", request, self._operation.name, works=True)

    def _request(
        self,
        style: Style,
        body: bytes | None = None,
        kind: str = "",
        replaced: Mapping[tuple[str, str], str] | None = None,
    ) -> Request:
        path, query, headers = self._operation.path_template, [], []
        for (place, name), parameter in self._parameters.items():
            if place not in {"path", "query", "header"}:
                continue
            schema = parameter.get("schema") or parameter
            given = (replaced or {}).get((place, name))
            optional = place != "path" and parameter.get("required") is not True
            if given is None and optional and style in {Style.REQUIRED, Style.LEAST}:
                continue
            example = parameter.get("example") if style in {Style.FULL, Style.REQUIRED} else None
            word = given if given is not None else self._word(example, schema, style, name)
            if place == "path":
                path = path.replace(
                    "{" + name + "}", given if given is not None else quote(word, safe="") or "x"
                )
            elif place == "query":
                query.append((name, word))
            elif (
                word.isascii()
                and word.isprintable()
                and name.replace("-", "").replace("_", "").isalnum()
            ):
                headers.append((name, word))
        target = quote(path, safe="/%") + (
            f"?{urlencode(query, errors='replace')}" if query else ""
        )
        return Request(
            self._operation.method,
            target,
            (*headers, *((("Content-Type", kind),) if kind else ())),
            body or b"",
        )

    def _word(self, example: object, schema: object, style: Style, name: str) -> str:
        if example is None or not self._values.fits(example):
            example = self._values.value(schema, style, name)
        return written(example)[:_WORD]

    def tries(self, choices: int, *, thorough: bool, door: bool) -> Iterator[Try]:
        """Yield the plainest try, then cheap refused ones, then those that make the service work.

        `door` includes requests that are refused before routing.
        """
        allowed = list(self.allowed(choices, Style if thorough else _TELLING))
        yield from (each for each in allowed if each.plain)
        if door:
            yield from self._refused_before_routing()
        yield from self.not_allowed(thorough=thorough)
        yield from (each for each in allowed if not each.plain)

    def allowed(self, choices: int, styles: Iterable[Style]) -> Iterator[Try]:
        """Yield requests that the document allows."""
        for style in styles:
            for number, (kind, body) in enumerate(self._bodies(style)):
                name = style.value if number == 0 else f"{style.value}, {FILES[number][0]}"
                request = self._request(style, body, kind)
                yield (
                    self._try(name, request, plain=True)
                    if style is Style.FULL and number == 0
                    else self._work(name, request)
                )
        if self._kind.startswith(_JSON):
            yield from self._choices(choices)
        for (place, name), parameter in self._parameters.items():
            schema = parameter.get("schema") or parameter
            if place == "query":
                words = [
                    written(each)
                    for _, each in self._values.choices({"properties": {name: schema}})
                ]
                if self._values.kind(schema) == "boolean":
                    words = ["true", "false"]
                for word in words[:choices]:
                    kind, body = next(iter(self._bodies(Style.FULL)))
                    yield self._work(
                        f"{name}={word}",
                        self._request(Style.REQUIRED, body, kind, {(place, name): word}),
                    )

    def _choices(self, most: int) -> Iterator[Try]:
        whole = self._values.value(self._schema, Style.FULL)
        if not isinstance(whole, dict):
            return
        other: list[tuple[str, Any]] = list(self._values.choices(self._schema))
        other += [
            (name, not whole[name])
            for name in self._values.flags(self._schema)
            if isinstance(whole.get(name), bool)
        ]
        for name, word in other[:most]:
            body = _dump({**whole, name: word})
            yield self._work(
                f"{name}={written(word)[:60]}", self._request(Style.FULL, body, self._kind)
            )

    def _bodies(self, style: Style) -> Iterator[tuple[str, bytes]]:
        """Yield media types and bodies: one for each kind of file if the form takes files."""
        value = self._values.value(self._schema, style) if self._kind else None
        if not self._kind:
            yield "", b""
        elif self._kind.startswith(_MULTIPART):
            files = self._files()
            for file in FILES if files and style is Style.FULL else FILES[:1]:
                yield f"{_MULTIPART}; boundary={BOUNDARY}", multipart(mapping(value), files, file)
        elif self._kind == _FORM:
            yield (
                self._kind,
                urlencode(
                    [(name, written(each)) for name, each in mapping(value).items()],
                    errors="replace",
                ).encode(),
            )
        elif self._kind.startswith(_JSON):
            yield self._kind, _dump(value)
        else:
            yield self._kind, written(value).encode("utf-8", "replace") or b"text"

    def _files(self) -> dict[str, bool]:
        """Return the names of form fields that hold files, and whether they hold several."""
        found: dict[str, bool] = {}
        properties = mapping(resolve(self._document, self._schema).get("properties"))
        for name in islice(properties, _PARAMETERS):
            if len(name) > _NAME:
                continue
            field = self._values.property(self._schema, name)
            several = self._values.kind(field) == "array"
            inner = resolve(self._document, field.get("items")) if several else field
            if (
                inner.get("format") == "binary"
                or inner.get("type") == "file"
                or "contentMediaType" in inner
            ):
                found[name] = several
        return found

    def _refused_before_routing(self) -> Iterator[Try]:
        """Yield bodies that the parser refuses for any operation."""
        kind, body = next(iter(self._bodies(Style.FULL)))
        if self._kind:
            yield self._try(
                "a body of an unknown character set",
                self._request(Style.FULL, body, f"{kind.partition(';')[0]}; charset=x-none"),
            )
            yield self._try(
                "a body that is no text", self._request(Style.FULL, b"\xff\xfe\x00\x80", kind)
            )
        if self._kind.startswith(_JSON):
            yield self._try(
                "JSON nested deep", self._request(Style.FULL, b"[" * _DEEP + b"]" * _DEEP, kind)
            )
            yield self._try("null", self._request(Style.FULL, b"null", kind))
            yield self._try("a packed body that is not packed", self._packed(body, kind))

    def not_allowed(self, *, thorough: bool) -> Iterator[Try]:
        """Yield requests that break the document's rules, one rule at a time."""
        kind, body = next(iter(self._bodies(Style.FULL)))
        if self._kind:
            yield self._try("no body", self._request(Style.FULL, b"", kind))
            yield self._try("a body of another type", self._request(Style.FULL, body, "text/plain"))
        if self._kind.startswith(_JSON):
            yield self._try(
                "JSON that breaks off",
                self._request(Style.FULL, body[: len(body) // 2] or b"{", kind),
            )
            yield from self._wrong_fields(kind, thorough=thorough)
        if self._kind.startswith(_MULTIPART):
            yield self._try(
                "parts that break off", self._request(Style.FULL, body[: len(body) // 2], kind)
            )
            yield self._try("parts without a boundary", self._request(Style.FULL, body, _MULTIPART))
        for (place, name), parameter in self._parameters.items():
            if place in {"query", "path"}:
                for word, what in (
                    (("%20%FF", "no text"), (_NUL_WORD, "a NUL"), ("not-a-number", "a word"))
                    if place == "path"
                    else (("not-a-number", "a word"),)
                ):
                    yield self._try(
                        f"{what} as {name}",
                        self._request(Style.FULL, body, kind, {(place, name): word}),
                    )
            if place == "query" and parameter.get("required") is True:
                yield self._try(
                    "no query",
                    Request(self._operation.method, quote(self._operation.path_template, safe="/")),
                )

    def _packed(self, body: bytes, kind: str) -> Request:
        plain = self._request(Style.FULL, body, kind)
        return Request(
            plain.method, plain.target, (*plain.headers, ("Content-Encoding", "gzip")), plain.body
        )

    def _wrong_fields(self, kind: str, *, thorough: bool) -> Iterator[Try]:
        whole = self._values.value(self._schema, Style.FULL)
        if not isinstance(whole, dict):
            yield self._try("an object", self._request(Style.FULL, b'{"a": 1}', kind))
            return
        for name in self._values.required(self._schema)[: 3 if thorough else 1]:
            rest = {key: value for key, value in whole.items() if key != name}
            yield self._try(f"without {name[:60]}", self._request(Style.FULL, _dump(rest), kind))
        wrong = {
            key: {"wrong": []} if not isinstance(value, dict) else "wrong"
            for key, value in whole.items()
        }
        yield self._try(
            "all fields of the wrong type", self._request(Style.FULL, _dump(wrong), kind)
        )
        if thorough:
            yield self._try(
                "all fields null", self._request(Style.FULL, _dump(dict.fromkeys(whole)), kind)
            )
            yield self._work(
                "an unknown field",
                self._request(Style.FULL, _dump({**whole, "careen-unknown": 1}), kind),
            )


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
