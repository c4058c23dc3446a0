"""Repair on a real image that lacks something after hardening: what comes back, how it was found,
and what does not come back.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from careen.model.plan import Level
from careen.model.runs.workload import ReadyLog, TestCommand, TestPlace
from tests.support.careen_command import images_of
from tests.support.repairs import DATA, LIBRARY, PARTS, Damage, job, keeper_archive, mend

LEAFS = ("kale.txt", "kelp.txt")
WHOLE = 3
"""Runs of all tests besides the trials: on the original, on the first hardened image and on the
mended one.
"""

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.runc]


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"docker-archive:{keeper_archive(tmp_path_factory.mktemp('keeper'))}"


def test_a_removed_library_comes_back_in_one_round(keeper: str, tmp_path: Path) -> None:
    mended = mend(keeper, Damage((job("greet"),), remove=(LIBRARY,)), tmp_path)
    assert mended.verdict.passed
    assert mended.restored == {LIBRARY: ("attributed", f"without --remove {LIBRARY}")}
    (only,) = mended.rounds
    assert only.passed
    assert "libgreet.so.1: cannot open shared object file" in only.failure
    assert (only.number, only.paths) == (1, 1)
    assert only.bytes == mended.sizes[LIBRARY]
    assert mended.plan.keep[LIBRARY].code == "repair"


def test_of_a_listed_directory_only_what_the_test_needs_comes_back(
    keeper: str, tmp_path: Path
) -> None:
    mended = mend(keeper, Damage((job("count", DATA, "k", "2"),), level=Level.OBSERVED), tmp_path)
    assert mended.verdict.passed
    assert set(mended.restored) == {f"{DATA}/kale.txt", f"{DATA}/kelp.txt"}
    assert set(mended.restored.values()) == {
        ("attributed", f"--keep {DATA}/kale.txt"),
        ("attributed", f"--keep {DATA}/kelp.txt"),
    }
    assert not [
        path for path in mended.plan.keep if "ballast" in path or path.endswith(("leek.txt", "top"))
    ]
    assert mended.trials <= 12


@pytest.mark.parametrize(("leafs", "narrow"), [(2, True), (3, False)])
def test_trials_run_the_failing_tests_alone_unless_those_need_the_others(
    keeper: str, tmp_path: Path, leafs: int, *, narrow: bool
) -> None:
    """Of three leafs the second test makes one itself."""
    runs = tmp_path / "runs"
    tests = (
        TestCommand(TestPlace.HOST, f"echo run >> {runs}"),
        TestCommand(
            TestPlace.CONTAINER,
            f"/bin/keeper mark {DATA}/{'kiwi' if leafs > len(LEAFS) else 'other'}",
        ),
        TestCommand(TestPlace.CONTAINER, f"/bin/keeper count {DATA} k {leafs}"),
    )
    waiting = replace(job("wait"), ready=ReadyLog("up"), tests=tests)
    mended = mend(keeper, Damage((waiting,), level=Level.OBSERVED), tmp_path / "work")
    assert mended.verdict.passed
    assert set(mended.restored) == {f"{DATA}/{name}" for name in LEAFS}
    others = len(runs.read_text().splitlines())
    assert (others < mended.trials + WHOLE) is narrow


def counting(tmp_path: Path, passing: str) -> str:
    """A test command that counts its runs in a file and passes in those whose number `passing`
    matches (a shell pattern).
    """
    count = tmp_path / "count"
    return (
        f"n=$(( $(cat {count} 2>/dev/null || echo 0) + 1 )); echo $n > {count}; case $n in"
        f' {passing}) true;; *) echo "run $n: wrong colour"; false;; esac'
    )


def test_a_flaky_test_is_recognised_on_the_original_and_repairs_nothing(
    keeper: str, tmp_path: Path
) -> None:
    command = counting(
        tmp_path,
        "1|4|6",
        # the profile, the first of the repetitions there, and after the second one the hardened
        # image
    )
    mended = mend(keeper, Damage((job("greet", tests=(command,)),)), tmp_path / "work")
    (only,) = mended.flaky
    assert (only.workload, only.test, only.passed, only.runs) == ("default", command, 2, 3)
    assert mended.restored == {}
    assert mended.trials == 0
    assert mended.verdict.passed
    assert f"{command!r} is flaky: on the original it passed 2 of 3 times" in mended.lines[0]


def test_what_fails_sometimes_on_the_original_and_always_here_is_not_excused(
    keeper: str, tmp_path: Path
) -> None:
    mended = mend(
        keeper, Damage((job("greet", tests=(counting(tmp_path, "1|4"),)),)), tmp_path / "work"
    )
    assert mended.flaky == ()
    assert not mended.verdict.passed
    assert "wrong colour" in mended.verdict.failures()[0]


def test_what_fails_once_and_then_no_more_restores_nothing(keeper: str, tmp_path: Path) -> None:
    """Every trial would pass, so a search would end at any one path and say that the test passes
    with it alone.
    """
    mended = mend(
        keeper, Damage((job("greet", tests=(counting(tmp_path, "[13-9]|1?"),)),)), tmp_path / "work"
    )
    assert (mended.restored, mended.trials, mended.verdict.passed) == ({}, 1, False)
    assert mended.note.startswith("the failure did not recur on the same image")


def test_a_flaky_test_does_not_hide_another_workload_that_fails(
    keeper: str, tmp_path: Path
) -> None:
    flaky = job("greet", tests=(counting(tmp_path, "1|4|6"),))
    other = replace(job("read", f"{DATA}/kale.txt"), name="other")
    mended = mend(keeper, Damage((flaky, other), remove=(f"{DATA}/kale.txt",)), tmp_path / "work")
    assert [item.workload for item in mended.flaky] == ["default"]
    assert set(mended.restored) == {f"{DATA}/kale.txt"}
    assert mended.verdict.passed


def test_files_that_are_missed_one_after_the_other_come_back_within_the_rounds(
    keeper: str, tmp_path: Path
) -> None:
    """The program ends at the first file that it cannot read, so each attempt shows one more."""
    paths = [f"{DATA}/{name}" for name in PARTS]
    mended = mend(keeper, Damage((job("read", *paths),), remove=tuple(paths)), tmp_path)
    assert mended.verdict.passed
    assert set(mended.restored) == set(paths)
    assert len(mended.rounds) == 2
    assert not [path for path in mended.plan.keep if "ballast" in path]
    first, second = mended.rounds
    assert (first.paths, first.passed, second.passed) == (1, False, True)


def test_files_that_no_profile_saw_come_back_too(keeper: str, tmp_path: Path) -> None:
    """Here the profile's own evidence cannot help: the failing workload never looked at them on the
    original.
    """
    paths = [f"{DATA}/{name}" for name in PARTS]
    mended = mend(keeper, Damage((job("read", *paths),), remove=tuple(paths), seen=False), tmp_path)
    assert mended.verdict.passed
    assert set(mended.restored) == set(paths)
    assert len(mended.rounds) == 2


@pytest.mark.docker
def test_the_same_on_docker(keeper: str, tmp_path: Path) -> None:
    before = images_of("keeper")
    mended = mend(keeper, Damage((job("greet"),), remove=(LIBRARY,)), tmp_path, "docker")
    assert mended.verdict.passed
    assert set(mended.restored) == {LIBRARY}
    assert images_of("keeper") == before


@pytest.mark.docker
def test_what_no_evidence_shows_is_searched_for(tmp_path: Path) -> None:
    """The test reads two files through the engine and says nothing: no process of the container
    ever asks for them.
    """
    keeper = f"docker-archive:{keeper_archive(tmp_path, 'keeper', ballast=2)}"
    needed = ("/opt/ballast-1.bin", f"{DATA}/mint.txt")
    quiet = " && ".join(
        f'docker cp "$CAREEN_CONTAINER:{path}" - >/dev/null 2>&1' for path in needed
    )
    waiting = replace(
        job("wait"), ready=ReadyLog("up"), tests=(TestCommand(TestPlace.HOST, quiet),)
    )
    mended = mend(keeper, Damage((waiting,), level=Level.OBSERVED), tmp_path, "docker")
    assert mended.verdict.passed
    assert {path: how for path, (how, _) in mended.restored.items()} == dict.fromkeys(
        needed, "searched"
    )
    assert 2 < mended.trials <= 20
