"""Predicates by in-toto's own messages, and by their descriptions where its package has none.

Fields that a message does not know are refused.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import (  # type: ignore[import-untyped]
    descriptor_pb2,
    descriptor_pool,
    json_format,
    message_factory,
    struct_pb2,
    timestamp_pb2,
)
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import (  # type: ignore[import-untyped]
    Provenance,
)
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import (  # type: ignore[import-untyped]
    TestResult,
)
from in_toto_attestation.v1.resource_descriptor import (  # type: ignore[import-untyped]
    ResourceDescriptor,
)

DESCRIPTORS = (
    Path(__file__).resolve().parents[1]
    / "golden"
    / "schemas"
    / "in-toto-predicates-2026-08-17.descriptors.json"
)
VULNERABILITIES = "https://in-toto.io/attestation/vulns/v0.2"
SUMMARY = "https://slsa.dev/verification_summary/v1"


def predicate(kind: str, document: Any) -> Iterator[str]:
    """Yield what is wrong with a predicate of a type that in-toto describes; raises ParseError."""
    message = _DESCRIBED.get(kind)
    if message is None:
        return
    made = _described(message) if isinstance(message, str) else message
    yield from _unnamed(json_format.ParseDict(document, made()))


def summary(kind: str, document: Any) -> Iterator[str]:
    """Yield what is wrong with a verification summary, by message and by SLSA's text.

    The text has `verifier.version` (a map of strings), which in-toto's message lacks.
    """
    verifier = dict(document.get("verifier", {}))
    versions = verifier.pop("version", {})
    if not all(isinstance(word, str) for item in versions.items() for word in item):
        yield f"verifier.version: {versions!r} is no map of strings"
    yield from predicate(kind, {**document, "verifier": verifier})
    for name in ("resourceUri", "policy", "verificationResult", "verifiedLevels"):
        if name not in document:
            yield f"{name} is required"
    if not verifier.get("id"):
        yield "verifier.id is required"
    if document.get("verificationResult") not in ("PASSED", "FAILED"):
        yield "verificationResult: neither PASSED nor FAILED"


def vulnerabilities(kind: str, document: Any) -> Iterator[str]:
    """Yield what is wrong with a list of vulnerabilities, by message and what in-toto requires."""
    yield from predicate(kind, document)
    scanner, metadata = document["scanner"], document["metadata"]
    for name, value in (
        ("scanner.uri", scanner.get("uri")),
        ("scanner.db.lastUpdate", scanner.get("db", {}).get("lastUpdate")),
        ("metadata.scanStartedOn", metadata.get("scanStartedOn")),
        ("metadata.scanFinishedOn", metadata.get("scanFinishedOn")),
        *((f"scanner.result[{at}].id", it.get("id")) for at, it in enumerate(scanner["result"])),
    ):
        if not value:
            yield f"{name} is required"


@functools.cache
def _described(name: str) -> Any:
    """Return the class of a message by its description."""
    pool = descriptor_pool.DescriptorPool()
    for known in (struct_pb2, timestamp_pb2):
        file = descriptor_pb2.FileDescriptorProto()
        known.DESCRIPTOR.CopyToProto(file)
        pool.Add(file)
    described = json_format.Parse(DESCRIPTORS.read_text(), descriptor_pb2.FileDescriptorSet())
    for file in described.file:
        pool.Add(file)
    found = pool.FindMessageTypeByName(f"in_toto_attestation.predicates.{name}")
    return message_factory.GetMessageClass(found)


_DESCRIBED: Mapping[str, Any] = {
    "https://slsa.dev/provenance/v1": Provenance,
    "https://in-toto.io/attestation/test-result/v0.1": TestResult,
    VULNERABILITIES: "vulns.v02.Vulns",
    SUMMARY: "vsa.v1.VerificationSummary",
}
CHECKS: Mapping[str, Callable[[str, Any], Iterator[str]]] = {
    SUMMARY: summary,
    VULNERABILITIES: vulnerabilities,
}


def _unnamed(message: Any) -> Iterator[str]:
    """Yield what in-toto's library says of each resource descriptor in a message."""
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        several = [value] if hasattr(value, "ListFields") else list(value)
        for each in several:
            if each.DESCRIPTOR.full_name == "in_toto_attestation.v1.ResourceDescriptor":
                try:
                    ResourceDescriptor.copy_from_pb(each).validate()
                except ValueError as error:
                    yield f"{field.name}: {error}"
            elif hasattr(each, "ListFields"):
                yield from _unnamed(each)
