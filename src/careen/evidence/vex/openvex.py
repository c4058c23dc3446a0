"""Reader of OpenVEX (github.com/openvex/spec), attestations and forms before 0.2.0 included."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from careen.errors import InputError
from careen.evidence.vex.document import VexDocument
from careen.evidence.vex.json_access import Problems, parse, text, texts
from careen.formats.json_document import items, mapping, objects, shown
from careen.model.findings.vex import Justification, VexProduct, VexStatement, VexStatus

CONTEXT = "https://openvex.dev/ns"

# A later statement may revoke an earlier one.
MAX_STATEMENTS = 250_000
"""Limit of statements per document; the largest published ones have a few thousand.

Larger documents are refused, not truncated.
"""
_VERSION = re.compile(r"/v(\d+\.\d+\.\d+)$")
_INTOTO = re.compile(r"https://in-toto\.io/Statement/v[01](\.\d)?")


def is_openvex(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON object is an OpenVEX document, by its `@context`."""
    return any(context.startswith(CONTEXT) for context in _contexts(document))


def is_attested(document: Mapping[str, Any]) -> bool:
    """Return whether it is an in-toto statement of OpenVEX, or a DSSE envelope for one."""
    if document.get("payloadType") == "application/vnd.in-toto+json":
        return True
    return _INTOTO.fullmatch(text(document.get("_type"))) is not None and text(
        document.get("predicateType")
    ).startswith(CONTEXT)


def read_attested(document: Mapping[str, Any], where: str) -> VexDocument:
    """Read an attestation's predicate; statements without products are about its subjects.

    The signature is not checked. Raises InputError.
    """
    if "payload" in document:
        try:
            payload = base64.b64decode(text_of_payload(document), validate=True)
        except (binascii.Error, ValueError) as error:
            msg = f"{where}: payload of the attestation is not base64: {error}"
            raise InputError(msg) from error
        document = mapping(parse(payload, f"{where}: payload"))
        if not is_attested(document) or "payload" in document:
            msg = (
                f"{where}: an attestation of {shown(document.get('predicateType'))}, expected"
                " OpenVEX"
            )
            raise InputError(msg)
    subjects = tuple(
        product for subject in objects(document.get("subject")) for product in _subject(subject)
    )
    return read_openvex(mapping(document.get("predicate")), where, subjects)


def text_of_payload(document: Mapping[str, Any]) -> str:
    """Return the base64 text of a DSSE envelope's payload, or "" if there is none."""
    payload = document.get("payload")
    return payload if isinstance(payload, str) else ""


def _subject(subject: Mapping[str, Any]) -> Iterator[VexProduct]:
    if name := text(subject.get("name")):
        yield VexProduct(name)
    for algorithm, value in mapping(subject.get("digest")).items():
        if text(value):
            yield VexProduct(f"{algorithm}:{text(value)}")


def _contexts(document: Mapping[str, Any]) -> tuple[str, ...]:
    context = document.get("@context")
    return (context,) if isinstance(context, str) else texts(context)


def read_openvex(
    document: Mapping[str, Any], where: str, inherited: tuple[VexProduct, ...] = ()
) -> VexDocument:
    """Read a document; unusable statements are listed as problems.

    Raises InputError if it has no statements, or too many.
    """
    version = next(
        (match[1] for context in _contexts(document) if (match := _VERSION.search(context))),
        "0.0.1",
    )
    identifier, author, timestamp = (
        text(document.get("@id")),
        text(document.get("author")),
        text(document.get("timestamp")),
    )
    if not items(document.get("statements")):
        msg = f"{where}: an OpenVEX document without statements"
        raise InputError(msg)
    if len(items(document.get("statements"))) > MAX_STATEMENTS:
        msg = (
            f"{where}: {len(items(document.get('statements')))} statements are more than the"
            f" {MAX_STATEMENTS} that are read of one document"
        )
        raise InputError(msg)
    problems = Problems()
    statements = []
    for number, raw in enumerate(items(document.get("statements"))):
        place = f"statements[{number}]"
        read = _statement(mapping(raw), place, inherited, problems)
        if read is not None:
            statements.append(
                VexStatement(
                    **read,
                    author=author,
                    document=identifier,
                    timestamp=text(mapping(raw).get("last_updated"))
                    or text(mapping(raw).get("timestamp"))
                    or timestamp,
                )
            )
    return VexDocument(
        identifier, author, timestamp, f"OpenVEX {version}", tuple(statements), problems.all()
    )


def _statement(
    raw: Mapping[str, Any], place: str, inherited: tuple[VexProduct, ...], problems: Problems
) -> dict[str, Any] | None:
    identifier, aliases = _vulnerability(raw.get("vulnerability"))
    if not identifier:
        problems.add(place, f"names no vulnerability: {shown(raw.get('vulnerability'))}")
        return None
    try:
        status = VexStatus(raw.get("status"))
    except ValueError:
        problems.add(place, f"status {shown(raw.get('status'))} is none of OpenVEX's")
        return None
    shared = texts(raw.get("subcomponents"))  # form before 0.2.0
    products = (
        tuple(
            dict.fromkeys(
                product
                for item in items(raw.get("products"))
                for product in _products(item, shared)
            )
        )
        or inherited
    )
    if not products:
        problems.add(place, f"{identifier} is stated of no product that can be read")
        return None
    justification, impact = _justification(raw, place, problems), text(raw.get("impact_statement"))
    if status is VexStatus.NOT_AFFECTED and justification is None and not impact:
        problems.add(
            place, f"{identifier} is not_affected without a justification or an impact statement"
        )
    return {
        "vulnerability": identifier,
        "aliases": aliases,
        "status": status,
        "products": products,
        "justification": justification if status is VexStatus.NOT_AFFECTED else None,
        "note": " — ".join(
            dict.fromkeys(part for part in (impact, text(raw.get("status_notes"))) if part)
        ),
        "action": text(raw.get("action_statement")),
    }


def _vulnerability(raw: Any) -> tuple[str, tuple[str, ...]]:
    if isinstance(raw, str):
        return text(raw), ()
    read = mapping(raw)
    name = text(read.get("name")) or text(read.get("@id"))
    return name, tuple(alias for alias in texts(read.get("aliases")) if alias != name)


def _justification(raw: Mapping[str, Any], place: str, problems: Problems) -> Justification | None:
    stated = raw.get("justification")
    if stated in (None, ""):
        return None
    try:
        return Justification(stated)
    except ValueError:
        problems.add(
            place,
            f"justification {shown(stated)} is none of OpenVEX's; the statement stands without it",
        )
        return None


def _products(raw: Any, shared: tuple[str, ...]) -> Iterator[VexProduct]:
    """Yield one product for each of its identifiers."""
    # A scanner may know the product by any one of them.
    read = {"@id": raw} if isinstance(raw, str) else mapping(raw)
    parts = tuple(
        dict.fromkeys(
            name
            for part in items(read.get("subcomponents"))
            for name in _identifiers({"@id": part} if isinstance(part, str) else mapping(part))
        )
    )
    if items(read.get("subcomponents")) and not parts:
        # limited to unreadable components; without them, the statement would cover the whole
        # product
        return
    for identifier in _identifiers(read):
        yield VexProduct(identifier, parts or shared)


def _identifiers(raw: Mapping[str, Any]) -> tuple[str, ...]:
    hashes = (
        f"{name.lower().replace('sha-', 'sha')}:{text(value).lower()}"
        for name, value in mapping(raw.get("hashes")).items()
        if text(value)
    )
    stated = (
        text(raw.get("@id")),
        *(text(value) for value in mapping(raw.get("identifiers")).values()),
        *hashes,
    )
    return tuple(dict.fromkeys(name for name in stated if name))
