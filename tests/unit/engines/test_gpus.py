"""`--gpus` as names of CDI devices."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from careen.engines.embedded import cdi
from careen.engines.embedded.cdi import device_edits
from careen.engines.embedded.yaml_document import read_yaml
from careen.engines.gpus import cdi_names, is_cdi_name
from careen.errors import ImageError, InputError, ToolError

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


GENERATED = """---
cdiVersion: 0.5.0
containerEdits:
  env:
  - NVIDIA_VISIBLE_DEVICES=void
  hooks:
  - args:
    - nvidia-cdi-hook
    - create-symlinks
    - --link
    - libcuda.so.1::/usr/lib/x86_64-linux-gnu/libcuda.so
    hookName: createContainer
    path: /usr/bin/nvidia-cdi-hook
  mounts:
  - containerPath: /run/driver.socket
    hostPath: /run/driver.socket
    options: [ro, nosuid, nodev, rbind, rprivate, noexec]
devices:
- containerEdits:
    deviceNodes:
    - path: /dev/null
      fileMode: 0660
      gid: 44
  name: "0"
- containerEdits: {}
  name: 0:1
kind: nvidia.com/gpu
"""
"""As nvidia-ctk writes it."""


@pytest.mark.root
def test_a_specification_may_be_yaml(specs: Path) -> None:
    (specs / "nvidia.yaml").write_text(GENERATED)
    found = device_edits((f"{GPU}=0", f"{GPU}=0:1"))
    assert found.variables() == {"NVIDIA_VISIBLE_DEVICES": "void"}
    assert [(one["path"], one["fileMode"], one["gid"]) for one in found.devices] == [
        ("/dev/null", 0o660, 44)
    ]
    assert found.mounts[0]["options"][0] == "ro"
    assert found.hooks is not None
    assert found.hooks["createContainer"][0]["args"][3].startswith("libcuda.so.1::")
    (specs / "nvidia.yaml").write_text(GENERATED + " " * (1 << 20))
    with pytest.raises(ToolError, match="not read, as it is larger than 1048576 bytes"):
        device_edits((f"{GPU}=0",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [on, yes, 0x10, 010, 0o10, -3, ~, null, true, 1.5, 2001-01-01, <<, '']", None),
        ("a: &x [1]\nb: *x", "a YAML alias (*x)"),
        ("a: 1\na: 2", "a key occurs twice"),
        ("a: !!python/object:os.system {}", "a YAML tag"),
        ("a: !!set {x: null}", "a YAML tag"),
        ("a: !!binary aGk=", "a YAML tag"),
        ("a: 1\nb: !!bool maybe", "a YAML tag ('tag:yaml.org,2002:bool')"),
        ('a: !!int ""', "a YAML tag"),
        ("a: !!timestamp foo", "a YAML tag"),
        ("a: !!float 1" + ":1" * 300, "a YAML tag"),
        ("a: ! b", "a YAML tag"),
        ("!<x%0Ay> {}", "a YAML tag"),
        ("a: 1\n---\nb: 2", "not valid YAML"),
        ("[" * 1000 + "]" * 1000, "nested deeper than"),
        ("[" * 300_000, "nest"),
        ("a: \x00", "not valid YAML"),
        ("{", "not valid YAML"),
        ("? [1]\n: 2", "not valid YAML"),
    ],
)
def test_yaml_is_read_as_json(text: str, expected: str | None) -> None:
    if expected is None:
        assert read_yaml(text.encode(), "x.yaml") == {
            "a": ["on", "yes", 16, 8, 8, -3, None, None, True, "1.5", "2001-01-01", "<<", ""]
        }
        return
    with pytest.raises(ImageError, match=re.escape(expected)) as caught:
        read_yaml(text.encode(), "x.yaml")
    assert str(caught.value).startswith("x.yaml: ")
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ImageError, match="not valid YAML"):
        read_yaml(b"a: \xff\xfe\xfd", "x.yaml")


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
