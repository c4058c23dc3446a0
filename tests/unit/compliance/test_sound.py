"""The sound image that the planted faults change: no check fails on it."""

from pathlib import Path

from careen.compliance.registry import CHECKS
from careen.model.compliance.result import Result
from tests.support.compliance import results, subject


def test_no_check_fails_on_a_sound_image(tmp_path: Path) -> None:
    with subject(tmp_path) as sound:
        found = results(sound)
    assert {name: each.reason for name, each in found.items() if each.result is Result.FAIL} == {}
    assert found.keys() == CHECKS.keys()


def test_each_check_says_what_it_reads_and_how_to_fix_and_see_it() -> None:
    for name, check in CHECKS.items():
        assert name == check.id
        assert all((check.title, check.reads, check.fix, check.command)), name
