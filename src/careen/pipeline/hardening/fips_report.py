"""The documents of FIPS mode in a report: `fips.json` and the CBOM."""

from careen.evidence.cyclonedx.cbom import to_cbom
from careen.model.cryptography.fips import FipsReport
from careen.pipeline.run.timestamp import now
from careen.report.documents.fips import fips_json

FIPS_REPORT = ("fips.json", "cbom.cdx.json")


def fips_documents(report: FipsReport) -> dict[str, bytes]:
    """Return the documents by name."""
    cbom = to_cbom(report.image, report.digest, report.inventory, created=now())
    return {FIPS_REPORT[0]: fips_json(report), FIPS_REPORT[1]: cbom}
