"""An upgrade in words, or why no fix is known."""

from careen.model.findings.advisory import VendorStatus
from careen.model.findings.finding import Finding
from careen.report.terminal_output.screen import Signs, shown

_NO_FIX = {
    VendorStatus.DEFERRED: ": the vendor has deferred the fix",
    VendorStatus.WONT_FIX: ": the vendor will not fix it",
    VendorStatus.END_OF_LIFE: ": the release is end-of-life",
    VendorStatus.UNDETERMINED: ": the vendor has not decided",
}


def upgrade(finding: Finding, signs: Signs, place: str = "") -> str:
    """Return `NAME VERSION → FIXED` or `NAME VERSION (no fix known: …)`.

    `place` follows the version.
    """
    here = f"{finding.name} {finding.version}{f' {place}' if place else ''}"
    return shown(
        f"{here} {signs.arrow} {finding.fixed[0]}" if finding.fixed else unfixed(here, finding),
        signs,
    )


def unfixed(here: str, finding: Finding) -> str:
    """Return `NAME VERSION (no fix known: …)`; `here` is name and version."""
    return f"{here} (no fix known{_NO_FIX.get(finding.status, '')})"
