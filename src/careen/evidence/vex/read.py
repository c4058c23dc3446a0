"""Reader of VEX; the format is recognised by content."""

from careen.errors import InputError
from careen.evidence.vex.csaf import is_csaf, read_csaf
from careen.evidence.vex.cyclonedx import is_cyclonedx, read_cyclonedx
from careen.evidence.vex.document import VexDocument
from careen.evidence.vex.json_access import parse
from careen.evidence.vex.openvex import is_attested, is_openvex, read_attested, read_openvex
from careen.formats.json_document import shown

_KNOWN = (
    "OpenVEX, CSAF 2.0 or 2.1, CycloneDX 1.4 to 1.7 with analyses, or an in-toto attestation of"
    " OpenVEX"
)


def read_vex(data: bytes, where: str) -> VexDocument:
    """Read one VEX document; `where` names it in errors.

    Unusable statements are listed in `problems`. Raises InputError with a one-line reason if it is
    invalid JSON, too large, of another format, withdrawn, or states nothing.
    """
    document = parse(data, where)
    if not isinstance(document, dict):
        msg = f"{where}: no VEX document: expected a JSON object, got {shown(document)}"
        raise InputError(msg)
    if is_openvex(document):
        return read_openvex(document, where)
    if is_attested(document):
        return read_attested(document, where)
    if is_cyclonedx(document):
        return read_cyclonedx(document, where)
    if is_csaf(document):
        return read_csaf(document, where)
    keys = ", ".join(sorted(str(key)[:40] for key in document)[:6]) or "no members"
    msg = f"{where}: no VEX document: expected {_KNOWN}, got a JSON object with {keys}"
    raise InputError(msg)
