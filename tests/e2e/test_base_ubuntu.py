"""A base of Ubuntu's shape: mmdebstrap with the sources and the key that the user gives."""

import json
from pathlib import Path

import pytest

from tests.support.base_archive import base_archive
from tests.support.careen_command import Careen
from tests.support.deb_archive import Deb

pytestmark = pytest.mark.mmdebstrap

NOBLE = (
    'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n'
    'PRETTY_NAME="Ubuntu of a test"\n'
)
NAMES = (
    *("base-files", "ca-certificates", "libc-bin", "libc6"),
    *("libgcc-s1", "libstdc++6", "netbase", "tzdata", "zlib1g"),
)


def test_an_archive_of_ubuntus_shape(tmp_path: Path) -> None:
    archive = base_archive(tmp_path / "archive", "noble", NOBLE)
    archive.offer([Deb(name, "1", files={f"/usr/share/{name}/x": name}) for name in NAMES])
    (tmp_path / "run").mkdir()
    careen = Careen(tmp_path / "run", {"XDG_DATA_HOME": str(tmp_path / "data")})
    build = ("base", "build", "ubuntu:24.04", "--no-test", "--source-key", archive.key)
    words = ("--source", archive.line, "--variant", "compat", "--report-dir", "report", "--json")
    built = careen(*build, *words, "-o", "oci:out").document
    assert built["unproven"] == "never built from Ubuntu's own archive"
    made = json.loads((careen.folder / "report/provenance.json").read_bytes())["buildDefinition"]
    uris = {each["uri"] for each in made["resolvedDependencies"]}
    assert "pkg:deb/ubuntu/base-files@1?arch=all" in uris
    assert made["internalParameters"]["unproven"] == built["unproven"]
    other = archive.line.replace("noble", "trixie")
    said = careen.refused(*build, "--source", other, "-o", "oci:other")
    assert "the suite is 'trixie'; expected noble" in said
    assert not (careen.folder / "other").exists()
