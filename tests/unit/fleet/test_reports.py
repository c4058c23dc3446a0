"""Report directories of careen: the original and the result are two images of the fleet."""

import json
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ToolError
from careen.evidence.directory.manifest import read_manifest
from careen.model.fleet.grade import Grade
from careen.model.fleet.question import Filters
from careen.model.runs.trace import Use
from careen.pipeline.fleet.gathering import Gathering
from careen.pipeline.fleet.index import index
from careen.report.terminal_output.progress import SilentProgress
from tests.support.finished_run import finished_run
from tests.support.fleet import Fleet, sbom

SITE = "/usr/lib/python3/dist-packages"
METADATA = f"{SITE}/foo-1.0.dist-info/METADATA"
RECORD = f"{SITE}/foo-1.0.dist-info/RECORD"
FILES = {
    f"{SITE}/foo/core.so": ("code", Use.MAPPED),
    METADATA: ("Metadata-Version: 2.1\nName: foo\nVersion: 1.0\n", None),
    RECORD: ("foo/core.so,,\nfoo-1.0.dist-info/METADATA,,\nfoo-1.0.dist-info/RECORD,,\n", None),
}
FOO = "pkg:pypi/foo@1.0"


def fleet_of(tmp_path: Path) -> tuple[Fleet, Path]:
    """Return a fleet and the report of a run that passed, with an SBOM of the result."""
    fleet = Fleet(tmp_path)
    report = finished_run(tmp_path, FILES)
    manifest = read_manifest((report / "manifest.json").read_bytes())
    document = json.loads(sbom(2, [FOO]))
    document["metadata"]["component"]["version"] = manifest.result.digest
    (report / "sbom.cdx.json").write_text(json.dumps(document))
    return fleet, report


def test_a_report_gives_the_original_and_the_result(tmp_path: Path) -> None:
    fleet, report = fleet_of(tmp_path)
    manifest = read_manifest((report / "manifest.json").read_bytes())
    done = fleet.index(report)
    assert (done.refused, done.images, done.fleet) == ((), 2, 2)
    assert fleet.index(report).unchanged == 1
    hits = {hit.image: hit for hit in fleet.ask("pkg:pypi/foo").hits}
    result = hits.pop(manifest.result.digest)
    (original,) = hits.values()
    assert (original.grade, original.state, original.path) == (Grade.EXECUTED, "unverified", RECORD)
    assert result.state == "verified"
    verified = fleet.ask("pkg:pypi/foo", Filters(state="verified"))
    assert [hit.image for hit in verified.hits] == [manifest.result.digest]


def test_a_use_that_the_original_alone_shows_is_no_absence_in_the_result(tmp_path: Path) -> None:
    fleet, report = fleet_of(tmp_path)
    manifest = read_manifest((report / "manifest.json").read_bytes())
    document = json.loads((report / "sbom.cdx.json").read_text())
    document["components"].append({"type": "library", "name": "bar", "purl": "pkg:pypi/bar@1"})
    (report / "sbom.cdx.json").write_text(json.dumps(document))
    fleet.index(report)
    (hit,) = fleet.ask("pkg:pypi/bar").hits
    assert (hit.image, hit.grade) == (manifest.result.digest, Grade.NOT_KNOWN)
    assert "original" in hit.why


def test_a_failed_run_is_no_verified_image(tmp_path: Path) -> None:
    fleet, report = fleet_of(tmp_path)
    (report / "manifest.json").unlink()  # a failed run leaves none
    assert fleet.index(report).refused == ()
    assert fleet.ask("pkg:pypi/foo", Filters(state="verified")).hits == ()


def test_a_report_whose_check_ends_early_is_one_line_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet, report = fleet_of(tmp_path)
    other = fleet.write("other.json", sbom(3, [FOO]))

    def ended(*_: object) -> None:
        msg = "cosign did not end"
        raise ToolError(msg)

    monkeypatch.setattr(Gathering, "check_report", ended)
    session: Any = None
    paths = (report, other)
    done = index(fleet.store, paths, SilentProgress(), gathering=Gathering(session))
    assert [each.problem for each in done.refused] == ["cosign did not end"]
    assert done.images == 1
