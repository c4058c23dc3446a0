"""The labelled set of real records: nothing may be missed, and hardly anything be wrong."""

import gzip
import json
from pathlib import Path

import pytest

from bench.debian_agreement import FOLDER, read_tracker
from careen.model.findings.advisory import Advisory
from tests.support.advisory_source import MemorySource, osv
from tests.support.labelled import read_labels, score

LABELS = Path(__file__).resolve().parents[1] / "support" / "labelled_real.txt"
LEAST_PRECISION = 1.0

pytestmark = pytest.mark.advisories


def records(name: str) -> list[Advisory]:
    with gzip.open(FOLDER / name, "rt") as lines:
        return [advisory for line in lines for advisory in osv(json.loads(line))]


@pytest.mark.no_cover
def test_nothing_of_the_labelled_set_is_missed_and_nothing_is_wrong() -> None:
    source = MemorySource(
        [
            *records("pypi-osv-slim.jsonl.gz"),
            *records("almalinux-osv.jsonl.gz"),
            *read_tracker(FOLDER),
        ]
    )
    labels = read_labels(LABELS.read_text())
    result = score(labels, source)
    assert sum(len(label.yes) + len(label.no) for label in labels) >= 300
    assert result.missed == []
    assert result.precision >= LEAST_PRECISION, result.wrong
    assert result.recall == 1.0
