"""Which files the words of test commands name."""

from pathlib import Path

import pytest

from careen.model.runs.workload import ReadyCommand, TestCommand, TestPlace, Workload
from careen.pipeline.integrating import files_of_tests as module
from careen.pipeline.integrating.files_of_tests import UntoldError, files_of_tests
from careen.pipeline.watching.inputs import MAX_NAMED

MANY = "the test commands name more files than are compared"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("smoke.sh", "data/a b.json", "tests/t.py", "tests/sub/u.py", "out/report.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def named(*commands: str, place: TestPlace = TestPlace.HOST) -> list[str]:
    tests = tuple(TestCommand(place, command) for command in commands)
    found = files_of_tests([Workload(tests=tests[:1], held_out=tests[1:])], Path("out"))
    return sorted(map(str, found))


def untold(command: str) -> str:
    with pytest.raises(UntoldError) as refused:
        named(command)
    return str(refused.value)


def test_words_that_are_files_and_all_below_folders() -> None:
    assert named("sh ./smoke.sh") == ["smoke.sh"]
    assert named("cd tests && pytest -q t.py", "diff 'data/a b.json' <smoke.sh") == [
        "data/a b.json",
        "smoke.sh",
        "tests/sub/u.py",
        "tests/t.py",
    ]
    assert named('curl -fsS "$BASE_URL/health" && test 1 = 1') == []
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
    assert len(named("pytest tests")) == 2
    assert untold("pytest tests smoke.sh") == MANY
    monkeypatch.setattr(module, "_MAX_FILES", 100)
    with (here / "tests/model.bin").open("wb") as out:
        out.truncate(MAX_NAMED + 1)
    assert untold("pytest tests") == MANY


def test_a_link_that_leads_nowhere_and_one_that_loops(here: Path) -> None:
    (here / "tests/gone").symlink_to("nothing")
    (here / "tests/again").symlink_to(here / "tests")
    assert named("pytest tests") == ["tests/sub/u.py", "tests/t.py"]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("sh smoke.*", ["smoke.sh"]),
        ("SMOKE=smoke.sh sh", ["smoke.sh"]),
        ("curl -d @smoke.sh http://x/", ["smoke.sh"]),
        ("curl -d@smoke.sh http://x/", ["smoke.sh"]),
        ("curl -F file=@smoke.sh http://x/", ["smoke.sh"]),
        ("check --file=smoke.sh", ["smoke.sh"]),
        ("check -fsmoke.sh", ["smoke.sh"]),
        ("pytest tests/t.py::test_it", ["tests/t.py"]),
        ('sh -c "cd /; sh smoke.sh"', ["smoke.sh"]),
        ("timeout 9 sh -c 'bash -ec \"sh smoke.sh\"'", ["smoke.sh"]),
        ("! grep -q x \\\n  smoke.sh", ["smoke.sh"]),
    ],
)
def test_files_in_words_of_other_forms(
    here: Path, command: str, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "bare").mkdir()  # `cd /` must not be the folder of all files here
    monkeypatch.setattr(module, "_SYSTEM", ("/dev", "/proc", "/sys", "/"))
    assert named(command) == found


def test_a_command_that_tells_when_it_is_ready(here: Path) -> None:
    (here / "ready.sh").write_text("x")
    found = files_of_tests([Workload(ready=ReadyCommand("sh ready.sh"))], Path("out"))
    assert list(map(str, found)) == ["ready.sh"]


@pytest.mark.parametrize(
    "command",
    [
        "sh $SMOKE",
        'sh "${SMOKE}.sh" smoke.sh',
        "sh $(cat name) smoke.sh",
        "sh `cat name` smoke.sh",
        "curl $BASE_URLS",
    ],
)
def test_what_the_shell_puts_in_is_not_known(command: str) -> None:
    assert "has a variable or the output of a command in it" in untold(command)


@pytest.mark.parametrize(
    "command", ["make test", "pytest", "curl http://x/ | check", "true\nnpm test", "X=1 check"]
)
def test_a_program_that_names_no_file_may_use_any(command: str) -> None:
    assert untold(command) == (
        f"the test command {command!r} names no file, so what it uses is not known"
    )


@pytest.mark.parametrize(
    "command",
    [
        "true",
        "curl -fsS ${BASE_URL}/a?b=c >/dev/null && ! curl -f $BASE_URL/d",
        "if curl http://x/; then echo yes; else exit 1; fi",
        "set -e; for i in 1 2; do curl $BASE_URL/ && break; sleep 1; done",
        "A=1 curl http://127.0.0.1:$CAREEN_PORT_80/\nnc -z 127.0.0.1 80 < /dev/null",
    ],
)
def test_programs_that_use_only_what_their_words_say(command: str) -> None:
    assert named(command) == []


def test_files_of_the_kernel_are_not_read(here: Path) -> None:
    (here / "tests/of-kernel").symlink_to("/proc/uptime")
    (here / "tests/memory").symlink_to("/proc/self")
    assert named("sh smoke.sh /proc/sys/vm/drop_caches /dev/zero") == ["smoke.sh"]
    assert named("pytest tests") == ["tests/sub/u.py", "tests/t.py"]
