"""Reader of other scanners' reports; the format is recognised by content."""

from careen.errors import InputError
from careen.evidence.scanners.grype import is_grype, read_grype
from careen.evidence.scanners.report import ForeignReport
from careen.evidence.scanners.sarif import is_sarif, read_sarif
from careen.evidence.scanners.trivy import is_trivy, read_trivy
from careen.evidence.vex.json_access import parse
from careen.formats.json_document import shown


def read_report(data: bytes, where: str) -> ForeignReport:
    """Read a report of Trivy (JSON), Grype (JSON) or SARIF 2.1.0; `where` names it in errors.

    Unusable entries are listed in `problems`. Raises InputError with a one-line reason if it is no
    such report.
    """
    document = parse(data, where)
    if not isinstance(document, dict):
        msg = f"{where}: no scan report: expected a JSON object, got {shown(document)}"
        raise InputError(msg)
    if is_trivy(document):
        return read_trivy(document)
    if is_grype(document):
        return read_grype(document)
    if is_sarif(document):
        return read_sarif(document, where)
    keys = ", ".join(sorted(str(key)[:40] for key in document)[:6]) or "no members"
    msg = (
        f"{where}: no scan report: expected Trivy JSON, Grype JSON or SARIF 2.1.0, got a JSON"
        f" object with {keys}"
    )
    raise InputError(msg)
