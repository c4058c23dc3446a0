"""Control groups on cgroup v1, v2 and both: what is read of them, and how they end."""

import subprocess
from pathlib import Path

import pytest

from careen.engines import cgroups
from careen.engines.hold import Hold, can_freeze, new_frozen_cgroup_name, remove_hold, thaw_hold
from careen.errors import ToolError

ID = "ab" * 32


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that counts as /sys/fs/cgroup."""
    folder = tmp_path / "cgroup"
    folder.mkdir()
    monkeypatch.setattr(cgroups, "HIERARCHIES", folder)
    monkeypatch.setattr(cgroups, "hierarchies", lambda: cgroups_of(folder))
    return folder


cgroups_of = cgroups.hierarchies


def unified(base: Path, controllers: str = "cpu memory pids") -> Path:
    (base / "cgroup.controllers").write_text(controllers + "\n")
    return base


def separate(base: Path, *names: str) -> None:
    for name in names:
        (base / name).mkdir()
        (base / name / "cgroup.procs").touch()


def group(hierarchy: Path, **files: str) -> Path:
    folder = hierarchy / "careen" / ID
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_v2_is_one_hierarchy(base: Path) -> None:
    unified(base)
    (base / "system.slice").mkdir()
    assert cgroups_of(base) == [base]
    assert cgroups.is_unified()
    assert not cgroups.is_mixed()
    assert cgroups.has_controller("pids", base)
    assert not cgroups.has_controller("io", base)


def test_v1_is_one_for_each_controller_without_the_links_to_joined_ones(base: Path) -> None:
    separate(base, "memory", "cpu,cpuacct")
    (base / "cpu").symlink_to("cpu,cpuacct")
    assert sorted(path.name for path in cgroups_of(base)) == ["cpu,cpuacct", "memory"]
    assert not cgroups.is_unified()
    assert not cgroups.is_mixed()
    assert cgroups.has_controller("memory", base)
    assert not cgroups.has_controller("pids", base)


def test_both_at_once_are_mixed(base: Path) -> None:
    separate(base, "memory")
    (base / "unified").mkdir()
    unified(base / "unified")
    assert cgroups.is_mixed()
    assert not cgroups.is_unified()


def test_a_machine_without_control_groups_has_none(tmp_path: Path) -> None:
    assert cgroups_of(tmp_path / "none") == []
    assert not cgroups.has_controller("memory", tmp_path / "none")
    assert not can_freeze(tmp_path / "none")


@pytest.mark.parametrize(
    ("files", "kills"),
    [
        ({"memory__events": "low 0\noom 3\noom_kill 2\n"}, 2),
        ({"memory__oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n"}, 5),
        ({"memory__oom_control": "oom_kill_disable 0\n"}, 0),  # before kernel 4.13
        ({"memory__events": "oom_kill many\n"}, 0),
        ({}, 0),
    ],
)
def test_kills_for_memory_are_counted(base: Path, files: dict[str, str], kills: int) -> None:
    group(unified(base), **files)
    assert cgroups.oom_kills(ID) == kills


def test_a_group_that_is_gone_has_no_counts(base: Path) -> None:
    unified(base)
    assert cgroups.oom_kills(ID) == 0
    assert cgroups.memory_peak(ID) is None


def test_swap_is_accounted_where_a_limit_of_it_can_be_set(base: Path) -> None:
    unified(base)
    (base / "system.slice").mkdir()
    assert not cgroups.accounts_swap()
    (base / "system.slice" / "memory.swap.max").touch()
    assert cgroups.accounts_swap()


def test_swap_on_v1(base: Path) -> None:
    separate(base, "memory")
    assert not cgroups.accounts_swap()
    (base / "memory" / "memory.memsw.limit_in_bytes").touch()
    assert cgroups.accounts_swap()


def test_the_end_of_a_group_kills_its_processes_in_nested_groups_too(base: Path) -> None:
    inner = group(unified(base)) / "inner"
    inner.mkdir()
    with subprocess.Popen(("sleep", "60")) as sleeper:
        (inner / "cgroup.procs").write_text(f"{sleeper.pid}\n")
        try:
            cgroups.end_cgroup(ID, seconds=0.0)
            assert sleeper.wait(10) == -9
        finally:
            sleeper.kill()


def test_the_end_removes_the_groups_and_their_parent(base: Path) -> None:
    (group(unified(base)) / "inner").mkdir()
    cgroups.end_cgroup(ID)
    assert not (base / "careen").exists()
    cgroups.end_cgroup(ID)  # and does nothing if there are none


def test_the_parent_stays_while_another_run_has_a_group_in_it(base: Path) -> None:
    group(unified(base))
    (base / "careen" / "other").mkdir()
    cgroups.end_cgroup(ID)
    assert [path.name for path in (base / "careen").iterdir()] == ["other"]


def frozen(base: Path) -> Hold:
    hold = Hold(new_frozen_cgroup_name("cgroupfs"), base)
    hold.freeze()
    return hold


def test_a_hold_freezes_and_thaws_on_v2(base: Path) -> None:
    assert can_freeze(unified(base))
    hold = frozen(base)
    control = base / hold.name / "cgroup.freeze"
    assert control.read_text() == "1"
    hold.thaw()
    assert control.read_text() == "0"


def test_a_hold_freezes_and_thaws_on_v1(base: Path) -> None:
    separate(base, "freezer", "memory")
    assert can_freeze(base)
    hold = frozen(base)
    control = base / "freezer" / hold.name / "freezer.state"
    assert control.read_text() == "FROZEN"
    hold.thaw()
    assert control.read_text() == "THAWED"


def test_a_hold_is_removed_from_every_hierarchy_with_the_groups_in_it(base: Path) -> None:
    separate(base, "freezer", "memory")
    hold = Hold(new_frozen_cgroup_name("cgroupfs"), base)
    for name in ("freezer", "memory"):
        (base / name / hold.name / "container").mkdir(parents=True)
    hold.remove()
    assert not list(base.glob(f"*/{hold.name}"))
    hold.remove()
    hold.thaw()


def test_a_machine_without_a_freezer_is_told(base: Path) -> None:
    hold = Hold(new_frozen_cgroup_name("cgroupfs"), base)
    with pytest.raises(ToolError, match="no freezer control group"):
        hold.freeze()
    hold.thaw()  # cleaning up is not the place to complain


def test_a_hold_that_still_has_processes_is_an_error(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("careen.engines.hold._SETTLE_SECONDS", 0.0)
    unified(base)
    hold = frozen(base)
    (base / hold.name / "busy").touch()  # rmdir fails as for a group with a process
    with pytest.raises(ToolError, match="still has processes"):
        hold.remove()


@pytest.mark.parametrize("name", ["", "system.slice", "careenhold/../..", "/careenhold1"])
@pytest.mark.parametrize("use", [Hold, thaw_hold, remove_hold])
def test_only_groups_of_careen_are_touched(name: str, use: type[Hold]) -> None:
    """The names come from the journal of a dead run."""
    with pytest.raises(ToolError, match="not a control group of ours"):
        use(name)


def test_names_are_new_and_fit_the_driver() -> None:
    names = {new_frozen_cgroup_name("systemd") for _ in range(10)}
    assert len(names) == 10
    assert all(name.endswith(".slice") and "-" not in name for name in names)
    assert not new_frozen_cgroup_name("cgroupfs").endswith(".slice")
