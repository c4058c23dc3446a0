"""Repair as a user meets it: what `careen harden` says of it, how it ends without it, and that an
interrupted round leaves nothing behind.
"""

import json
import signal

import pytest

from tests.support.careen_command import Careen, mounts_below
from tests.support.repairs import DATA, LIBRARY, PARTS, keeper_archive

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.runc]


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"docker-archive:{keeper_archive(tmp_path_factory.mktemp('keeper-command'))}"


def words(keeper: str, *more: str) -> tuple[str, ...]:
    return (
        "harden",
        keeper,
        "-o",
        "oci:out",
        "--ready",
        "exit",
        "--engine",
        "embedded",
        "--explore",
        "off",
        "--report-dir",
        "report",
        *more,
    )


def test_what_was_restored_is_in_the_verdict_the_plan_and_the_summary(
    keeper: str, offline: Careen
) -> None:
    ended = offline(*words(keeper, "--remove", LIBRARY, "--json"))
    report = offline.folder / "report"
    (round_one,) = json.loads((report / "verify.json").read_text())["rounds"]
    (restored,) = round_one["restored"]
    assert (restored["path"], restored["how"], restored["rule"]) == (
        LIBRARY,
        "attributed",
        f"without --remove {LIBRARY}",
    )
    assert restored["why"].startswith(
        "said: /bin/keeper: error while loading shared libraries: libgreet.so.1"
    )
    assert round_one["passed"] is True
    (group,) = [
        group
        for group in json.loads((report / "plan.json").read_text())["keep"]
        if group["code"] == "repair"
    ]
    assert group["paths"] == [LIBRARY]
    assert [item["paths"] for item in ended.document["repair"]] == [1]
    assert (offline.folder / "out" / "index.json").is_file()


def test_a_flaky_test_of_a_batch_job_does_not_keep_the_experiments_from_being_compared(
    keeper: str, offline: Careen
) -> None:
    count = offline.folder / "count"
    command = (
        f"n=$(( $(cat {count} 2>/dev/null || echo 0) + 1 )); echo $n > {count}; case $n in 1|4|6)"
        " true;; *) false;; esac"
    )
    ended = offline(
        *(word if word != "off" else "safe" for word in words(keeper)), "--test", command
    )
    verdict = json.loads((offline.folder / "report" / "verify.json").read_text())
    assert [(item["passed"], item["runs"]) for item in verdict["flaky"]] == [(2, 3)]
    assert verdict["compared"]["experiments"] > 1
    assert verdict["passed"], ended.err


def test_without_rounds_it_ends_with_status_3_and_promotes_nothing(
    keeper: str, offline: Careen
) -> None:
    line = offline.refused(*words(keeper, "--remove", LIBRARY, "--repair-rounds", "0"), status=3)
    assert "libgreet.so.1: cannot open shared object file" in line
    assert "repair" not in line
    assert not (offline.folder / "out").exists()


def test_a_failure_with_another_cause_ends_with_status_3_and_says_what_was_tried(
    keeper: str, offline: Careen
) -> None:
    count = offline.folder / "count"
    command = (
        f"n=$(( $(cat {count} 2>/dev/null || echo 0) + 1 )); echo $n > {count}; case $n in 1|4|5|6)"
        ' true;; *) echo "the moon is wrong"; false;; esac'
    )
    line = offline.refused(*words(keeper, "--test", command), status=3)
    assert "the moon is wrong" in line
    assert "even with all removed paths restored: the failure is not caused by the plan" in line
    assert not (offline.folder / "out").exists()


@pytest.mark.parametrize(
    ("by", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_an_interrupted_round_leaves_nothing_behind(
    keeper: str, offline: Careen, by: signal.Signals, status: int
) -> None:
    paths = [f"{DATA}/{name}" for name in PARTS]
    removed = [word for path in paths for word in ("--remove", path)]
    given = words(keeper, *removed, "--", "read", *paths)
    ended = offline.interrupted(*given, when="repair: attempt 1", by=by)
    assert ended.status == status
    if by is signal.SIGKILL:
        rows = {row["name"]: row for row in offline("doctor", "--json").document}
        assert rows["killed runs"]["detail"] == "cleaned up after 1"
    assert offline.runs() == []
    assert mounts_below(offline.folder) == []
    assert not (offline.folder / "out").exists()
    assert sorted(path.name for path in offline.folder.iterdir()) == ["report", "work"]
