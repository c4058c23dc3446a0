"""What of earlier reports is not used stands in the notes of the new one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from careen.compliance.fedramp.rules import load_rules
from careen.evidence.fedramp.evaluation import FILE
from careen.pipeline.assessing.fedramp import Provider, fedramp_documents
from tests.support.compliance import TODAY, assessment, subject
from tests.support.scan_reports import REPORT


def notes(folder: Path, provider: Provider, image: str = REPORT.subject) -> list[str]:
    """Write the documents of an image to a folder, and return their notes."""
    (made := folder / image[-3:]).mkdir()
    with subject(made) as there:
        found = assessment(there, "fedramp")
    documents = fedramp_documents(replace(REPORT, subject=image), found, provider, ())
    (folder / FILE).write_bytes(documents[FILE])
    return list(json.loads(documents[FILE])["notes"])


def test_a_lost_history_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREEN_HISTORY", str(tmp_path / "history"))
    rules = load_rules(None, TODAY)
    last = Provider(rules, None, tmp_path)
    assert not [each for each in notes(tmp_path, last, "oci:image:1.1") if "last report" in each]
    said = [each for each in notes(tmp_path, last, "oci:image:1.2") if "last report" in each]
    assert len(said) == 1
    assert "of another image (oci:image:1.1): ages start again" in said[0]
    several = notes(tmp_path, Provider(rules, None, None, several=True), "oci:image:1.3")
    assert any("several images are assessed: no last report is read" in each for each in several)
