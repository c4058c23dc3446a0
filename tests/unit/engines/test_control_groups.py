"""Control groups of pods and containers, found in hierarchies that the test makes."""

from pathlib import Path

import pytest

from careen.engines import cgroups, control_groups
from careen.engines.control_groups import containers_in, group_in, group_of, group_of_pod
from careen.errors import ToolError

ONE, TWO = "1" * 64, "2" * 64
UID = "0a1b2c3d-1111-2222-3333-444455556666"
SLICE = f"kubepods-burstable-pod{UID.replace('-', '_')}.slice"
V2 = f"kubepods.slice/kubepods-burstable.slice/{SLICE}"
V1 = f"kubepods/burstable/pod{UID}"


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = cgroups.hierarchies
    monkeypatch.setattr(control_groups, "HIERARCHIES", tmp_path)
    monkeypatch.setattr(control_groups, "hierarchies", lambda: found(tmp_path))
    return tmp_path


def unified(base: Path, *groups: str) -> None:
    (base / "cgroup.controllers").touch()
    for group in groups:
        (base / group).mkdir(parents=True)


def test_a_container_and_its_pod_are_found_on_v2(base: Path) -> None:
    scope = f"{V2}/cri-containerd-{ONE}.scope"
    unified(base, scope, f"{V2}/cri-containerd-{TWO}.scope", "system.slice/ssh.service")
    assert group_of(ONE) == base / scope
    assert group_of_pod(UID) == base / V2
    assert containers_in(base / V2) == {ONE, TWO}
    assert group_in(base / V2, TWO) == base / V2 / f"cri-containerd-{TWO}.scope"
    assert group_in(base / V2, "3" * 64) == base / V2 / ("3" * 64)


def test_a_container_and_its_pod_are_found_on_v1(base: Path) -> None:
    for controller in ("cpu", "pids", "systemd"):
        (base / controller / V1 / ONE).mkdir(parents=True)
    assert group_of(ONE) == base / "pids" / V1 / ONE
    assert group_of_pod(UID) == base / "pids" / V1


def test_the_process_that_watches_a_container_is_not_it(base: Path) -> None:
    unified(base, f"{V2}/crio-conmon-{ONE}.scope")
    assert containers_in(base / V2) == set()
    with pytest.raises(ToolError, match="is of container 111111111111: it has ended, is on"):
        group_of(ONE)


def test_what_the_node_hides_is_one_line(base: Path) -> None:
    with pytest.raises(ToolError, match=r"has no hierarchy at all; mount the node's") as error:
        group_of(ONE)
    unified(base, "init")
    (base / "cgroup.type").touch()  # the root of a namespace, not of the machine
    with pytest.raises(
        ToolError, match=r"careen may see only the control groups of .* own"
    ) as hidden:
        group_of_pod(UID)
    for each in (error, hidden):
        assert "\n" not in str(each.value)


def test_a_search_has_an_end(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_groups, "_GROUPS", 50)
    unified(base, *(f"many/{number}" for number in range(100)), f"{V2}/{ONE}")
    with pytest.raises(ToolError):
        group_of(ONE)
    deep = base / "/".join(["d"] * 20)
    (deep / ONE).mkdir(parents=True)
    monkeypatch.setattr(control_groups, "_GROUPS", 65536)
    assert group_of(ONE) == base / V2 / ONE
    with pytest.raises(ToolError):
        group_of_pod("1" * 32)


def test_a_group_that_is_gone_has_no_containers(tmp_path: Path) -> None:
    assert containers_in(tmp_path / "none") == frozenset()
