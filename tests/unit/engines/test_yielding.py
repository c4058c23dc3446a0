"""A container that leaves the processors to others."""

from dataclasses import replace

import pytest

from careen.engines.bounds import SHARES
from careen.engines.client.engine import docker_options
from careen.engines.embedded import spec
from careen.engines.embedded.accounts import Identity
from careen.engines.embedded.spec import Container, Process, runtime_spec
from careen.model.runs.workload import RunOptions


def test_a_container_that_yields_has_few_processor_shares() -> None:
    words = docker_options(RunOptions(yields=True), ())
    assert words[words.index("--cpu-shares") + 1] == str(SHARES)
    assert "--cpu-shares" not in docker_options(RunOptions(), ())


def test_the_embedded_engine_gives_such_a_container_few_shares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spec, "has_controller", lambda _: True)
    usual = Container("ab" * 32, "/root", "/net", (), (), 1, read_only=True)
    process = Process(("/serve",), (), "/", Identity(0, 0, (0,), "/root"))
    found = [
        runtime_spec(replace(usual, yields=yields), process)["linux"]["resources"].get("cpu")
        for yields in (True, False)
    ]
    assert found == [{"shares": SHARES}, None]
