"""A hardened image is configured as its original."""

from typing import Any

import pytest

from careen.model.image import ImageConfig
from careen.verify.structure import config_differences

ORIGINAL: dict[str, Any] = {
    "architecture": "amd64",
    "os": "linux",
    "created": "2024-01-01T00:00:00Z",
    "config": {
        "Env": ["PATH=/bin"],
        "Cmd": ["app"],
        "Labels": {"a": "1"},
        "OnBuild": None,
        "x-unknown": {"y": [1]},
    },
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "1" * 64]},
    "history": [{"created_by": "a"}],
}


def changed(**fields: Any) -> ImageConfig:
    return ImageConfig({**ORIGINAL, **fields})


def test_what_a_new_image_says_of_itself_is_its_own() -> None:
    result = changed(
        created="2025-01-01T00:00:00Z", history=[{}, {}], rootfs={"type": "layers", "diff_ids": []}
    )
    assert config_differences(ImageConfig(ORIGINAL), result) == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"config": {**ORIGINAL["config"], "User": "0"}}, ('config.User: not set -> "0"',)),
        (
            {"config": {**ORIGINAL["config"], "Env": ["PATH=/sbin"]}},
            ('config.Env: ["PATH=/bin"] -> ["PATH=/sbin"]',),
        ),
        (
            {"config": {**ORIGINAL["config"], "x-unknown": {"y": [True]}}},
            ("config.x-unknown.y: [1] -> [true]",),
        ),
        (
            {"config": {**ORIGINAL["config"], "Labels": {"b": "1"}}},
            ('config.Labels.a: "1" -> not set', 'config.Labels.b: not set -> "1"'),
        ),
        (
            {
                "config": {
                    key: value for key, value in ORIGINAL["config"].items() if key != "OnBuild"
                }
            },
            ("config.OnBuild: null -> not set",),
        ),
        ({"rootfs": {"type": "other", "diff_ids": []}}, ('rootfs.type: "layers" -> "other"',)),
        ({"os.version": "1"}, ('os.version: not set -> "1"',)),
        ({"architecture": "arm64"}, ('architecture: "amd64" -> "arm64"',)),
    ],
)
def test_every_other_field_counts(fields: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert config_differences(ImageConfig(ORIGINAL), changed(**fields)) == expected


def test_a_value_that_is_nested_without_end_or_long_is_shown_cut() -> None:
    deep: Any = "end"
    for _ in range(500):
        deep = {"a": deep}
    (line,) = config_differences(
        ImageConfig(ORIGINAL), changed(config={**ORIGINAL["config"], "z": deep})
    )
    assert line.startswith("config.z: not set -> {")
    assert len(line) < 250
    other: Any = "other end"
    for _ in range(500):
        other = {"a": other}
    before = changed(config={"z": deep})
    (line,) = config_differences(before, changed(config={"z": other}))
    assert line.startswith("config.z.a.a.a.a.a.a.a: {")
