"""A scan sets aside findings about code that a vendored part does not have, and says why."""

import json
from typing import cast

from careen.advisories.database.store import Store
from careen.inventory.scan import scan as installed
from careen.inventory.scan import scan_contents
from careen.model.findings.triage import ScanReport
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.findings.finding_policy import FindingPolicy, hear
from careen.pipeline.findings.scan import Given, report_on
from careen.pipeline.findings.scan_outputs import Subject, document
from careen.pipeline.findings.scan_source import Stock
from careen.pipeline.findings.vex import subject_of
from tests.support.advisory_source import MemorySource
from tests.support.made_records import advisory, entry
from tests.support.trees import tree

VENDOR = "/usr/lib/python3/dist-packages/pip/_vendor"
PART: dict[str, str | bytes] = {
    f"{VENDOR}/__init__.py": "",
    f"{VENDOR}/vendor.txt": "setuptools==70.3.0\n",
    f"{VENDOR}/pkg_resources/__init__.py": "",
}
RECORDS = (
    advisory("GHSA-1", entry("PyPI", "setuptools", "+0 -78.1.1"), aliases=("CVE-2025-47273",)),
    advisory("GHSA-2", entry("PyPI", "setuptools", "+0 -99"), aliases=("CVE-2026-1001",)),
)


def scanned(rootfs: Rootfs) -> ScanReport:
    stock = Stock("app:1", "", scan_contents(rootfs, installed(rootfs)), None, rootfs)
    return report_on(
        Given(None, hear(FindingPolicy())), cast("Store", MemorySource(RECORDS)), stock
    )


def test_a_scan_counts_code_that_is_not_there_apart() -> None:
    rootfs = tree(PART)
    report = scanned(rootfs)
    assert [item.finding.id for item in report.findings] == ["CVE-2026-1001"]
    (aside,) = report.suppressed
    assert aside.triaged.finding.id == "CVE-2025-47273"
    assert "has pkg_resources alone" in aside.reason
    about = Subject(subject_of("app:1", None), None, rootfs)
    vex = json.loads(document("openvex", report, about))["statements"]
    stated = {each["vulnerability"]["name"]: each for each in vex}
    assert stated["CVE-2025-47273"]["status"] == "not_affected"
    assert stated["CVE-2025-47273"]["justification"] == "vulnerable_code_not_present"
    assert stated["CVE-2026-1001"]["status"] == "under_investigation"


def test_a_scan_counts_a_vendored_copy_with_the_code() -> None:
    report = scanned(tree({**PART, f"{VENDOR}/setuptools/package_index.py": ""}))
    assert [item.finding.id for item in report.findings] == ["CVE-2025-47273", "CVE-2026-1001"]
    assert not report.suppressed
