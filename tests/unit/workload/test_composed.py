"""The configuration of an image as a compose service changes it."""

import json
from typing import Any

import pytest

from careen.model.image import Healthcheck, ImageConfig
from careen.model.runs.compose import ComposeService
from careen.model.runs.workload import RunOptions
from careen.workload.composed import config_in

IMAGE = ImageConfig({
    "os": "linux",
    "config": {
        "Entrypoint": ["/entry"],
        "Cmd": ["serve"],
        "User": "app",
        "Healthcheck": {"Test": ["CMD", "check"], "Timeout": 2_000_000_000, "Retries": 4},
    },
})  # fmt: skip


def config(**service: Any) -> ImageConfig:
    document = json.dumps({"services": {"api": service}})
    return config_in(IMAGE, RunOptions(compose=ComposeService("api", "/", document)))


def test_without_a_service_nothing_changes() -> None:
    assert config_in(IMAGE, RunOptions()) is IMAGE
    assert config(image="x").document == IMAGE.document


def test_a_command_replaces_arguments_and_an_entrypoint_drops_them() -> None:
    found = config(command=["a", "$$b"])
    assert (found.entrypoint, found.cmd) == (("/entry",), ("a", "$b"))
    found = config(entrypoint=["x"], command=None)
    assert (found.entrypoint, found.cmd) == (("x",), ())
    found = config(
        entrypoint=["x"], command=["y"], user="1", stop_signal="SIGINT", working_dir="/w"
    )
    assert (found.entrypoint, found.cmd, found.user) == (("x",), ("y",), "1")
    assert (found.stop_signal, found.working_dir) == ("SIGINT", "/w")


@pytest.mark.parametrize(
    ("check", "found"),
    [
        (
            {"test": ["CMD-SHELL", "a $$b"], "timeout": "1m1.5s", "retries": 2},
            Healthcheck(("CMD-SHELL", "a $b"), 61.5, 2),
        ),
        ({"timeout": "500ms"}, Healthcheck(("CMD", "check"), 0.5, 4)),
        ({"disable": True}, None),
        ({"test": ["NONE"]}, None),
    ],
)
def test_the_health_check_is_the_services(check: dict[str, Any], found: Healthcheck | None) -> None:
    assert config(healthcheck=check).healthcheck == found
