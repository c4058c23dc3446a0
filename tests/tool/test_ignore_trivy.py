"""The real trivy reads the lists that careen writes, and hides the same findings."""

import datetime as dt
import json
from pathlib import Path

import pytest

from careen.triage.ignore.load import shape_of
from careen.triage.ignore.matching import RuleIndex
from careen.triage.ignore.shape import NewEntry
from tests.support.triage import finding, package
from tests.support.trivy_db import run_trivy, write_trivy_db

pytestmark = pytest.mark.trivy

PACKAGES = {"torch": "pkg:pypi/torch@2.5.1", "idna": "pkg:pypi/idna@3.6"}
TORCH, IDNA, BOTH = "CVE-2024-0002", "CVE-2024-0004", "CVE-2024-0006"
ALL = {TORCH, IDNA, BOTH}
LISTS = (".trivyignore", ".trivyignore.yaml")


@pytest.fixture
def sbom(tmp_path: Path) -> Path:
    components = [
        {
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": purl.rpartition("@")[2],
            "purl": purl,
            "properties": [{"name": "aquasecurity:trivy:PkgType", "value": "python-pkg"}],
        }
        for name, purl in PACKAGES.items()
    ]
    path = tmp_path / "sbom.cdx.json"
    path.write_text(
        json.dumps(
            {
                "bomFormat": "CycloneDX",
                "specVersion": "1.5",
                "version": 1,
                "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
                "metadata": {"component": {"type": "container", "bom-ref": "app", "name": "app"}},
                "components": components,
            }
        )
    )
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    record = {"PatchedVersions": ["99"], "VulnerableVersions": ["<99"]}
    write_trivy_db(
        tmp_path / "cache",
        {
            "pip::Example": {
                "torch": {TORCH: record, BOTH: record},
                "idna": {IDNA: record, BOTH: record},
            }
        },
        dict.fromkeys(ALL, "HIGH"),
    )
    return tmp_path / "cache"


def entry(identifier: str, name: str, day: dt.date) -> NewEntry:
    reason = f"'ours': \"{name}\" # behind a proxy (executed: careen, 2026-11-30)"
    return NewEntry(identifier, (), name, PACKAGES[name], reason, day)


def written(name: str, folder: Path, *entries: NewEntry) -> Path:
    path = folder / name
    path.write_bytes(shape_of(name, b"", name).add(b"", entries, name))
    return path


def left_by_careen(path: Path, day: dt.date) -> set[str]:
    """What careen's reading of the list leaves of the findings."""
    data = path.read_bytes()
    rules = shape_of(path.name, data, path.name).parse(data, path.name).rules
    index = RuleIndex(rules)
    left = set()
    for identifier, names in ((TORCH, ["torch"]), (IDNA, ["idna"]), (BOTH, ["torch", "idna"])):
        for name in names:
            about = finding(package(name, purl=PACKAGES[name]), identifier=identifier)
            ends = [rules[number].end for number in index.of(about)]
            if not any(end is None or end >= day for end in ends):
                left.add(identifier)
    return left


@pytest.mark.parametrize("name", LISTS)
def test_trivy_hides_what_is_written_and_careen_reads_the_same(
    sbom: Path, cache: Path, tmp_path: Path, name: str
) -> None:
    assert run_trivy(cache, "sbom", str(sbom)) == ALL
    today = dt.datetime.now(dt.UTC).date()
    later = today + dt.timedelta(days=30)
    path = written(name, tmp_path, entry(TORCH, "torch", later), entry(BOTH, "torch", later))
    found = run_trivy(cache, "sbom", str(sbom), "--ignorefile", str(path))
    assert found == ({IDNA} if name == ".trivyignore" else {IDNA, BOTH})  # idna's stays
    assert found == left_by_careen(path, today)
    data = path.read_bytes()
    rules = shape_of(name, data, name).parse(data, name).rules
    path.write_bytes(shape_of(name, data, name).remove(data, {rules[0].place}, name))
    assert TORCH in run_trivy(cache, "sbom", str(sbom), "--ignorefile", str(path))


@pytest.mark.parametrize("name", LISTS)
def test_an_entry_ends_for_both_on_the_same_day(
    sbom: Path, cache: Path, tmp_path: Path, name: str
) -> None:
    today = dt.datetime.now(dt.UTC).date()
    path = written(name, tmp_path, entry(TORCH, "torch", today))
    assert TORCH in run_trivy(cache, "sbom", str(sbom), "--ignorefile", str(path))
    assert TORCH in left_by_careen(path, today)
    assert TORCH not in left_by_careen(path, today - dt.timedelta(days=1))
