"""Which files the words of test commands name."""

from pathlib import Path

import pytest

from careen.model.runs.workload import TestCommand, TestPlace, Workload
from careen.pipeline.integrating import files_of_tests as module
from careen.pipeline.integrating.files_of_tests import files_of_tests
from careen.pipeline.watching.inputs import MAX_NAMED


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("smoke.sh", "data/a b.json", "tests/t.py", "tests/sub/u.py", "out/report.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def named(*commands: str, place: TestPlace = TestPlace.HOST) -> list[str] | None:
    tests = tuple(TestCommand(place, command) for command in commands)
    found = files_of_tests([Workload(tests=tests[:1], held_out=tests[1:])], Path("out"))
    return None if found is None else sorted(map(str, found))


def test_words_that_are_files_and_all_below_folders() -> None:
    assert named("sh ./smoke.sh") == ["smoke.sh"]
    assert named("cd tests && pytest -q t.py", "diff 'data/a b.json' <smoke.sh") == [
        "data/a b.json",
        "smoke.sh",
        "tests/sub/u.py",
        "tests/t.py",
    ]
    assert named("curl -fsS $BASE_URL/health") == []
    assert named("sh smoke.sh", place=TestPlace.CONTAINER) == []


def test_what_tests_write_is_left_out(here: Path) -> None:
    for name in ("tests/__pycache__/t.pyc", "tests/.pytest_cache/x", "tests/.hidden"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text("made")
    assert named("pytest .") == ["data/a b.json", "smoke.sh", "tests/sub/u.py", "tests/t.py"]


def test_words_that_are_no_shell_and_no_paths() -> None:
    assert named("sh smoke.sh 'it") == ["smoke.sh"]
    assert named(f"cat {'x' * 5000} nul\0 smoke.sh # smoke") == ["smoke.sh"]


def test_too_many_and_too_large_files_are_not_compared(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_FILES", 2)
    assert named("pytest tests") is not None
    assert named("pytest tests smoke.sh") is None
    monkeypatch.setattr(module, "_MAX_FILES", 100)
    with (here / "tests/model.bin").open("wb") as out:
        out.truncate(MAX_NAMED + 1)
    assert named("pytest tests") is None


def test_a_link_that_leads_nowhere_and_one_that_loops(here: Path) -> None:
    (here / "tests/gone").symlink_to("nothing")
    (here / "tests/again").symlink_to(here / "tests")
    assert named("pytest tests") == ["tests/sub/u.py", "tests/t.py"]
