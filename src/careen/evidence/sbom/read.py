"""Reader of SBOMs; the format is recognised by content."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from careen.errors import InputError
from careen.evidence.sbom.bounded_json import read_bytes, read_object
from careen.evidence.sbom.digest import digest_in
from careen.evidence.sbom.document import SbomDocument
from careen.evidence.sbom.read_cyclonedx import read_cyclonedx
from careen.evidence.sbom.read_spdx import read_spdx
from careen.evidence.sbom.read_syft import read_syft
from careen.formats.json_document import mapping, objects, text_at

READ = (
    "CycloneDX 1.2 to 1.7 (JSON), SPDX 2.2 and 2.3 (JSON), Syft JSON, or one of them in an in-toto"
    " statement"
)

_HEAD = 4096


def read_sbom(data: bytes | Path, where: str) -> SbomDocument:
    """Read an SBOM; `where` names it in errors.

    Raises InputError for a file that is unreadable, none of `READ`, or beyond the limits of
    `bounded_json` and `collect`. Unusable components do not raise; they become unknowns of the
    inventory.
    """
    raw = read_bytes(data, where)
    _refuse_other_syntax(raw, where)
    return _read(read_object(raw, where), where)


def _refuse_other_syntax(raw: bytes, where: str) -> None:
    head = raw[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"{"):
        return
    if head.startswith(b"<"):
        what = "CycloneDX in XML" if b"cyclonedx.org/schema/bom" in head else "XML"
        how = (
            "write it as JSON (`cyclonedx convert --output-format json`, or the option of the tool"
            " that made it)"
        )
    elif head.startswith((b"SPDXVersion:", b"#")) or b"\nSPDXVersion:" in head:
        what, how = (
            "SPDX in tag-value form",
            (
                "write it as JSON (`pyspdxtools -i FILE -o FILE.json`, or the option of the tool"
                " that made it)"
            ),
        )
    else:
        msg = f"{where}: not an SBOM: expected {READ}; it starts with {raw[:40]!r}"
        raise InputError(msg)
    msg = f"{where}: {what} is not read: {how}"
    raise InputError(msg)


def _read(document: Mapping[str, Any], where: str) -> SbomDocument:
    if "payloadType" in document and "payload" in document:
        document = _payload(document, where)
    if text_at(document, "_type").startswith("https://in-toto.io/Statement/"):
        return _in_statement(document, where)
    return _read_format(document, where)


def _read_format(document: Mapping[str, Any], where: str) -> SbomDocument:
    if document.get("bomFormat") == "CycloneDX":
        return read_cyclonedx(document, where)
    if "spdxVersion" in document:
        return read_spdx(document, where)
    if isinstance(document.get("artifacts"), list) and "syft" in text_at(
        document, "schema", "url"
    ) + text_at(document, "descriptor", "name"):
        return read_syft(document, where)
    if "@graph" in document and "spdx.org/rdf/3" in str(document.get("@context"))[:_HEAD]:
        msg = f"{where}: SPDX 3 is not read: expected {READ}"
        raise InputError(msg)
    msg = (
        f"{where}: not an SBOM: expected {READ}; its members are"
        f" {', '.join(sorted(document)[:8])!r}"
    )
    raise InputError(msg)


def _payload(envelope: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    """Return the content of a DSSE envelope without checking its signatures."""
    # An SBOM is trusted as much as the file that contains it.
    try:
        inner = base64.b64decode(text_at(envelope, "payload"), validate=True)
    except ValueError as error:  # also for a text that is not ASCII
        msg = f"{where}: payload: not base64: {error}"
        raise InputError(msg) from error
    return read_object(inner, f"{where}: payload")


def _in_statement(statement: Mapping[str, Any], where: str) -> SbomDocument:
    """Return the predicate as an SBOM of the statement's first subject."""
    # BuildKit and cosign attach SBOMs to images in this form.
    found = _read_format(mapping(statement.get("predicate")), f"{where}: predicate")
    subject = next(objects(statement.get("subject")), {})
    sha256 = text_at(subject, "digest", "sha256")
    return replace(
        found,
        subject=text_at(subject, "name") or found.subject,
        digest=digest_in(f"sha256:{sha256}") or found.digest,
    )
