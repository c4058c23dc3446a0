"""Validators that careen's authors did not write, for the documents of an evidence directory.

`python -m tests.support.official DIR` prints what is wrong with each, and what was looked at.
"""

import base64
import functools
import json
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format  # type: ignore[import-untyped]
from in_toto_attestation.v1 import statement_pb2  # type: ignore[import-untyped]
from in_toto_attestation.v1.statement import Statement  # type: ignore[import-untyped]
from sigstore_models.bundle.v1 import Bundle
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from tests.support.in_toto_predicates import CHECKS, predicate

ROOT = Path(__file__).resolve().parents[2]
OPENVEX = ROOT.parent / "shared" / "data" / "vuln" / "vex-corpus.tar.gz"
"""Has the schema of the OpenVEX specification, which no package carries."""

SARIF = ROOT / "tests" / "golden" / "schemas" / "sarif-2.1.0.schema.json"
OWN = ROOT / "docs" / "schema"

Validate = Callable[[bytes], Iterator[str]]


def cyclonedx(data: bytes) -> Iterator[str]:
    """CycloneDX 1.6, by the schema in cyclonedx-python-lib."""
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(data.decode())
    if error is not None:
        yield str(error)


def openvex(data: bytes) -> Iterator[str]:
    """OpenVEX 0.2.0, by the specification's own schema."""
    yield from _by(_openvex_schema(), json.loads(data))


@functools.cache
def _openvex_schema() -> Any:
    with tarfile.open(OPENVEX) as archive:
        stream = archive.extractfile("openvex-spec/openvex_json_schema.json")
        assert stream is not None
        return json.load(stream)


def sarif(data: bytes) -> Iterator[str]:
    """SARIF 2.1.0, by the schema of OASIS."""
    yield from _by(json.loads(SARIF.read_text()), json.loads(data))


def _by(schema: Any, document: Any) -> Iterator[str]:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    for error in jsonschema.Draft202012Validator(schema, format_checker=checker).iter_errors(
        document
    ):
        yield f"{error.json_path}: {error.message[:200]}"


def spdx(path: Path) -> Iterator[str]:
    """SPDX 2.3, by the rules of spdx-tools."""
    for message in validate_full_spdx_document(parse_file(str(path))):
        yield message.validation_message


def bundle(data: bytes) -> Iterator[str]:
    """A Sigstore bundle and the statement in it, by sigstore's and in-toto's own models."""
    Bundle.from_json(data)  # refuses what it does not know, and types that differ
    envelope = json.loads(data)["dsseEnvelope"]
    if envelope["payloadType"] != "application/vnd.in-toto+json":
        yield f"the payload is {envelope['payloadType']!r}"
    yield from statement(base64.b64decode(envelope["payload"], validate=True))


def statement(data: bytes) -> Iterator[str]:
    """An in-toto statement 1, and its predicate where in-toto describes it."""
    document = json.loads(data)
    parsed = json_format.Parse(data, statement_pb2.Statement())
    Statement.copy_from_pb(parsed).validate()
    kind = document["predicateType"]
    yield from CHECKS.get(kind, predicate)(kind, document["predicate"])


def own(name: str) -> Validate:
    """One of careen's formats, by its schema."""
    schema = json.loads((OWN / name).read_text())
    return lambda data: _by(schema, json.loads(data))


_BY_NAME: Mapping[str, Validate] = {
    "sbom.cdx.json": cyclonedx,
    "rbom.cdx.json": cyclonedx,
    "cbom.cdx.json": cyclonedx,
    "vex.openvex.json": openvex,
}
_OWN = {
    "findings.json": "scan-1.schema.json",
    "findings-hardened.json": "scan-1.schema.json",
    "index.json": "index-2.schema.json",
}


def complaints(report: Path, *, without: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Return what is wrong with each JSON file of a report; raises for one that nothing checks."""
    found: dict[str, list[str]] = {}
    for path in sorted(report.rglob("*.json")):
        name = path.relative_to(report).as_posix()
        if name not in without:
            found[name] = list(
                spdx(path) if name == "sbom.spdx.json" else checked(_of(name), path.read_bytes())
            )
    return found


def _of(name: str) -> Validate:
    if name.endswith(".sigstore.json"):
        return bundle
    schema = _OWN.get(name, f"{name.removesuffix('.json')}-1.schema.json")
    return _BY_NAME.get(name) or own(schema)


def checked(validate: Validate, data: bytes) -> Iterator[str]:
    """Yield what is wrong, what a library raises included."""
    try:
        yield from validate(data)
    except (ValueError, json_format.ParseError) as error:
        yield str(error)


if __name__ == "__main__":
    wrong = complaints(Path(sys.argv[1]))
    for name, lines in wrong.items():
        print(f"{name}: {'valid' if not lines else '; '.join(lines[:5])}")  # noqa: T201
    sys.exit(any(wrong.values()))
