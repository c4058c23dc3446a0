"""Adequacy of a real run: a small service whose tests leave one operation out, with the real
sensor, the relay and the exploration.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.api_image import RERANK_BYTES, TESTS, api_archive
from tests.support.careen_command import NO_DAEMON, Careen

pytestmark = [pytest.mark.runc, pytest.mark.root, pytest.mark.bpf]
SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"


@dataclass(frozen=True, slots=True)
class Run:
    careen: Careen
    line: str

    def read(self, name: str) -> Any:
        return json.loads((self.careen.folder / "report" / name).read_text())

    def part(self, name: str) -> Any:
        (found,) = (part for part in self.read("adequacy.json")["parts"] if part["id"] == name)
        return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run that ends with what it measured: it asks for more than the tests can show."""
    folder = tmp_path_factory.mktemp("adequacy")
    (folder / "test_api.py").write_text(TESTS)
    tests = f"{sys.executable} -m pytest -q -p no:cacheprovider {folder / 'test_api.py'}"
    careen = Careen(folder, NO_DAEMON)
    words = [
        "--test",
        tests,
        "--explore",
        "safe",
        "--engine",
        "embedded",
        "--report-dir",
        "report",
        "-o",
        "oci:layout:v1",
    ]
    minimum = ["--min-adequacy", "60", "--below-adequacy", "refuse"]
    return Run(
        careen,
        careen.refused(
            "harden", f"docker-archive:{api_archive(folder)}", *words, *minimum, status=2
        ),
    )


def test_below_the_minimum_it_is_refused_with_the_reason_and_nothing_is_promoted(run: Run) -> None:
    assert (
        run.line
        == "the profile's adequacy is 54 %, but at least 60 % is required: the tests never call"
        " POST /rerank; it accounts for 2 MB, nothing was promoted; see report/adequacy.json"
    )
    assert not (run.careen.folder / "layout").exists()


def test_what_hangs_on_the_operation_that_no_test_calls_is_its_model(run: Run) -> None:
    assert run.read("adequacy.json")["hanging"]["POST /rerank"] == RERANK_BYTES


def test_operations_are_counted_by_what_the_tests_asked_for(run: Run) -> None:
    part = run.part("operations")
    assert (part["covered"], part["total"], part["missing"]) == (2, 3, ["POST /rerank"])


def test_each_case_is_a_step_and_the_first_found_the_model(run: Run) -> None:
    found = run.read("adequacy.json")
    assert [step["new_files"] for step in found["steps"]] == [1, 0, 0, 0, 0, 0]
    assert "test_embed" in found["steps"][0]["name"]
    assert (run.part("saturation")["covered"], run.part("saturation")["total"]) == (5, 5)
    assert found["unseen"] == pytest.approx(0.45072, abs=1e-5)
    assert found["before"] >= 1


def test_the_port_was_used_and_the_script_was_not(run: Run) -> None:
    assert run.part("ports")["share"] == 1.0
    assert run.part("entry-points")["missing"] == ["script /app/migrate.sh"]
    assert run.part("application-modules")["share"] is None


def test_the_score_is_the_weakest_part_and_stands_in_the_rbom(run: Run) -> None:
    found = run.read("adequacy.json")
    assert found["score"] == pytest.approx(1 - 0.45072, abs=1e-5)
    scores = [
        item.get("adequacy")
        for item in run.read("rbom.json")["runs"]
        if item.get("kind", "workload") == "workload"
    ]
    assert scores == [pytest.approx(found["score"], abs=1e-5)]


def test_the_document_is_valid_by_its_schema(run: Run) -> None:
    jsonschema.Draft202012Validator(
        json.loads((SCHEMAS / "adequacy-1.schema.json").read_text())
    ).validate(run.read("adequacy.json"))
