"""What containers that tests start do unseen makes the profile incomplete, and every later number
and gate obeys.
"""

import json
from pathlib import Path

import pytest

from tests.support.careen_command import Careen
from tests.support.images import directory, docker_archive, file, layer
from tests.support.watched import compile_actor

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.docker]
# by a 32-bit number, which the sensor counts and does not decode
LOSSY = "docker run --rm $CAREEN_IMAGE compat:/etc/file"
LOST = "1 event was lost (1 compat32)"


@pytest.fixture
def source(tmp_path: Path) -> str:
    items = [
        directory("bin"),
        directory("etc"),
        file("bin/act", compile_actor(), 0o755),
        file("etc/file", "text"),
        file("etc/other", "text"),
    ]
    config = {"config": {"Entrypoint": ["/bin/act"], "Cmd": ["open:/etc/other"]}}
    return f"docker-archive:{docker_archive(tmp_path / 'image.tar', [layer(*items)], ('careen-test-incomplete:1',), config)}"


def test_losses_of_containers_that_tests_started_are_losses_everywhere(
    careen: Careen, source: str
) -> None:
    ended = careen(
        "profile",
        source,
        "--engine",
        "docker",
        "--ready",
        "exit",
        "--test",
        LOSSY,
        "-o",
        "rbom.json",
        "--cyclonedx",
        "rbom.cdx.json",
    )
    text = " ".join(ended.out.split())
    assert f"INCOMPLETE: {LOST}" in text
    assert "no event lost" not in text
    assert f"Adequacy — the profile is incomplete: {LOST}" in text
    assert "careen plan" not in text
    properties = json.loads((careen.folder / "rbom.cdx.json").read_text())["metadata"]["properties"]
    assert {"name": "careen:complete", "value": "false"} in properties
    assert LOST in careen.refused("plan", source, "--rbom", "rbom.json")


def test_such_a_profile_is_not_stripped_by(careen: Careen, source: str) -> None:
    line = careen.refused(
        "harden", source, "--engine", "docker", "--ready", "exit", "--test", LOSSY, "-o", "oci:out"
    )
    assert LOST in line
    assert not (careen.folder / "out").exists()
