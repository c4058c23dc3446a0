"""`--gpus` as names of CDI devices."""

import json
from pathlib import Path
from typing import Any

import pytest

from careen.engines.embedded import cdi
from careen.engines.embedded.cdi import device_edits
from careen.engines.gpus import cdi_names, is_cdi_name
from careen.errors import InputError, ToolError

GPU = "nvidia.com/gpu"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("all", ["all"]),
        ("2", ["0", "1"]),
        ("count=1", ["0"]),
        ("device=0", ["0"]),
        ("device=0,1", ["0", "1"]),
        ('"device=0,1",capabilities=compute', ["0", "1"]),
        ("device=GPU-3a23c669", ["GPU-3a23c669"]),
        ("device=0:1", ["0:1"]),
        ("all,capabilities=utility", ["all"]),
        ("driver=nvidia,count=-1", ["all"]),
        ("device=0,0", ["0"]),
    ],
)
def test_dockers_words_are_cdi_names(text: str, names: list[str]) -> None:
    assert cdi_names(text) == tuple(f"{GPU}={name}" for name in names)


def test_cdi_names_stay_as_they_are() -> None:
    assert cdi_names("amd.com/gpu=all,vendor.io/nic=x") == ("amd.com/gpu=all", "vendor.io/nic=x")
    assert is_cdi_name("amd.com/gpu=0")
    assert not is_cdi_name("device=0")


@pytest.mark.parametrize(
    "text",
    ["", "0", "none", "-2", "99999", "device=", "device=a b", "driver=x,all", "a=b", "capabilities=gpu", "x/y=--all"],
)  # fmt: skip
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--gpus"):
        cdi_names(text)


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(cdi, "SPEC_DIRECTORIES", (tmp_path,))
    return tmp_path


def spec(folder: Path, edits: object, **more: Any) -> None:
    found = {"kind": GPU, "devices": [{"name": "0", "containerEdits": edits}], **more}
    (folder / "a.json").write_text(json.dumps(found))


@pytest.mark.root
def test_edits_of_several_devices_are_taken_once(specs: Path) -> None:
    common = {"env": ["A=1"], "additionalGids": [44]}
    one = {"deviceNodes": [{"path": "/dev/null", "permissions": "rw", "uid": 7}]}
    two = {"mounts": [{"hostPath": "/lib", "containerPath": "/lib", "options": ["ro"]}]}
    devices = [
        {"name": "0", "containerEdits": one},
        {"name": "1", "containerEdits": two},
    ]
    spec(specs, {}, containerEdits=common, devices=devices)
    found = device_edits((f"{GPU}=0", f"{GPU}=1"))
    assert found.variables() == {"A": "1"}
    assert found.groups == (44,)
    (device,), (rule,) = found.devices, found.rules
    assert (device["path"], device["type"], device["major"], device["minor"], device["uid"]) == (
        "/dev/null",
        "c",
        1,
        3,
        7,
    )
    assert rule == {"allow": True, "type": "c", "access": "rw", "major": 1, "minor": 3}
    assert [mount["options"] for mount in found.mounts] == [["ro"]]


@pytest.mark.parametrize(
    "edits",
    [
        {"deviceNodes": [{"path": "/none/such"}]},
        {"deviceNodes": [{"path": "/etc"}]},
        {"deviceNodes": [{}]},
        {"deviceNodes": {}},
        {"mounts": [{"hostPath": "/lib"}]},
        {"hooks": [{"hookName": "later", "path": "/bin/true"}]},
        {"env": [1]},
        [],
    ],
)
@pytest.mark.root
def test_a_damaged_specification_is_told(edits: object, specs: Path) -> None:
    spec(specs, edits)
    with pytest.raises(ToolError) as caught:
        device_edits((f"{GPU}=0",))
    assert "\n" not in str(caught.value)
