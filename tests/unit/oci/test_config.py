"""Image configs: fields of other types are refused by name, and unknown ones are kept."""

import json
from typing import Any

import pytest

from careen.errors import ImageError
from careen.oci.config import layer_histories, parse_config
from careen.oci.limits import MAX_LAYERS

DIFF_ID = "sha256:" + "ab" * 32


def config(**changes: Any) -> bytes:
    document: dict[str, Any] = {
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [DIFF_ID]},
        "history": [{"created_by": "layer"}, {"created_by": "note", "empty_layer": True}],
        "x-own": {"kept": [1, None]},
    }
    document.update(changes)
    return json.dumps(document).encode()


def test_a_config_is_read_and_unknown_fields_are_kept() -> None:
    found = parse_config(config(config={"Cmd": ["a"], "x": 1}, variant="v8"), "c")
    assert found.document["x-own"] == {"kept": [1, None]}
    assert found.document["config"]["x"] == 1
    assert [str(each) for each in found.diff_ids] == [DIFF_ID]
    assert str(found.platform) == "linux/amd64/v8"


@pytest.mark.parametrize("value", [None, {}, {"Cmd": None, "Env": None, "Labels": None}])
def test_null_and_missing_mean_the_same(value: object) -> None:
    parse_config(config(config=value, created=None, history=None), "c")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "config that is a list": ({"config": ["x"]}, "c.config: expected an object, got ['x']"),
    "config that is a text": ({"config": "x"}, "c.config: expected an object, got 'x'"),
    "command that is a text": ({"config": {"Cmd": "a b"}}, "c.config.Cmd: expected an array"),
    "command with a number": ({"config": {"Cmd": ["a", 1]}}, "c.config.Cmd[1]: expected a string"),
    "entrypoint of objects": ({"config": {"Entrypoint": [{}]}}, "c.config.Entrypoint[0]"),
    "variable without a name": (
        {"config": {"Env": ["A=1", "=x"]}},
        "c.config.Env[1]: not NAME=VALUE: '=x'",
    ),
    "variable with NUL": ({"config": {"Env": ["A=\0"]}}, r"c.config.Env[0]: not NAME=VALUE"),
    "ports as a list": ({"config": {"ExposedPorts": ["80/tcp"]}}, "c.config.ExposedPorts"),
    "volumes as a list": ({"config": {"Volumes": ["/v"]}}, "c.config.Volumes"),
    "labels with numbers": ({"config": {"Labels": {"a": 1}}}, "c.config.Labels['a']"),
    "user as a number": ({"config": {"User": 0}}, "c.config.User: expected a string, got 0"),
    "health check as a list": (
        {"config": {"Healthcheck": []}},
        "c.config.Healthcheck: expected an object, got []",
    ),
    "health check with a negative time": (
        {"config": {"Healthcheck": {"Test": ["CMD"], "Interval": -1}}},
        "c.config.Healthcheck.Interval: expected a size in bytes, got -1",
    ),
    "health check of numbers": (
        {"config": {"Healthcheck": {"Test": [1]}}},
        "c.config.Healthcheck.Test[0]",
    ),
    "no root": ({"rootfs": None}, "c.rootfs: expected an object, got None"),
    "another kind of root": ({"rootfs": {"type": "zip"}}, "c.rootfs.type: expected 'layers'"),
    "diff ids as an object": ({"rootfs": {"diff_ids": {}}}, "c.rootfs.diff_ids"),
    "diff id that is none": ({"rootfs": {"diff_ids": ["x"]}}, "diff_ids"),
    "history as an object": ({"history": {}}, "c.history: expected an array"),
    "history of texts": ({"history": ["x"]}, "c.history[0]: expected an object"),
    "history with another flag": (
        {"history": [{"empty_layer": "yes"}]},
        "c.history[0].empty_layer: expected true or false, got 'yes'",
    ),
    "endless history": (
        {"history": [{}] * (10 * MAX_LAYERS + 1)},
        f"c.history: {10 * MAX_LAYERS + 1} entries are more than",
    ),
    "windows": ({"os": "windows"}, "careen reads linux images, this one is for 'windows'"),
    "architecture as a number": ({"architecture": 64}, "c.architecture: expected a string"),
    "time as a number": ({"created": 0}, "c.created: expected a string, got 0"),
    "long value": ({"os": ["x" * 1000]}, "c.os: expected a string, got ['xxx"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_field_of_another_type_is_refused_by_name(name: str) -> None:
    changes, expected = WRONG[name]
    with pytest.raises(ImageError) as caught:
        parse_config(config(**changes), "c")
    message = str(caught.value)
    assert expected in message
    assert "\n" not in message
    assert len(message) < 300


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"\xff", b'{"a": NaN}'])
def test_what_is_no_config_is_refused(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"^c: "):
        parse_config(data, "c")


def test_histories_go_with_their_layers_or_with_none() -> None:
    found = parse_config(config(), "c")
    assert layer_histories(found, 1) == ({"created_by": "layer"},)
    assert layer_histories(found, 2) == (None, None)
    assert layer_histories(found, 0) == ()
