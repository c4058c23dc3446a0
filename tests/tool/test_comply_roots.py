"""`careen comply` on real roots of other families, with all frameworks: Alpine's, one like a
distroless image, one by rpm.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from careen.compliance.frameworks import own_frameworks
from careen.tools.process import run
from tests.support.careen_command import Careen
from tests.support.other_roots import layout

pytestmark = [
    *(pytest.mark.root, pytest.mark.gitleaks, pytest.mark.oscap, pytest.mark.slow),
    pytest.mark.timeout(300),  # the root of Alpine is fetched
]

ITEMS = {
    "cis-docker": 12,
    "cis-linux": 96,
    "stig-gpos": 198,
    "container-guide": 13,
    "fips": 11,
    "fedramp": 29,
    "soc2": 14,
    "800-190": 15,
}


def assessed(name: str, folder: Path) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    """Return the results of the checks of a root, and its assessment."""
    image = layout(name, folder)
    careen = Careen(folder)
    words = ("--framework", ",".join(own_frameworks()), "--oscap", "auto", "--report-dir", "out")
    assert careen("comply", f"oci:{image}", *words).status == 0
    (found,) = json.loads((folder / "out/comply.json").read_bytes())["assessments"]
    assert {each["id"]: len(each["items"]) for each in found["frameworks"]} == ITEMS
    xccdf = folder / "out/xccdf-stig-gpos.xml"
    assert run(("oscap", "xccdf", "validate", str(xccdf)), timeout=60).status == 0
    return {each["check"]: each["result"] for each in found["checks"]}, found


def test_alpine(tmp_path: Path) -> None:
    said, found = assessed("alpine", tmp_path)
    assert found["packages"] >= 59
    assert "no benchmark for alpine 3.23" in found["second_opinion"]["reason"]
    assert said["package-files-unchanged"] == said["apk-has-keys"] == "pass"
    assert said["secrets"] == "pass"  # tables of libunistring are excused by their package
    assert said["no-package-managers"] == said["no-privilege-tools"] == "fail"
    assert said["release-supported"] != "not-evaluable"
    assert {said["apt-sources-signed-by"], said["rpm-verifies-signatures"]} == {"not-applicable"}
    kinds = {each["module"]["kind"] for each in found["cryptography"]["modules"]}
    assert "openssl" in kinds


@pytest.mark.dpkg
@pytest.mark.apt
def test_distroless(tmp_path: Path) -> None:
    said, found = assessed("distroless", tmp_path)
    assert found["packages"] >= 7
    assert said["no-package-managers"] == said["no-ssh-server"] == "pass"
    assert said["package-files-unchanged"] == "pass"
    assert said["secrets"] == "pass"
    assert said["user-not-root"] == "pass"
    assert said["apk-has-keys"] == said["rpm-verifies-signatures"] == "not-applicable"


@pytest.mark.rpm
def test_rpm(tmp_path: Path) -> None:
    said, found = assessed("rpm", tmp_path)
    assert found["packages"] == 5
    assert said["package-files-unchanged"] == "pass"
    assert said["apk-has-keys"] == said["apt-sources-signed-by"] == "not-applicable"
    assert said["secrets"] == "pass"
