"""What one run of a pipeline leaves for the next."""

import json
import os
from pathlib import Path

import pytest

from careen.errors import ConfigError
from careen.model.integration import Figure, KnownFinding
from careen.pipeline.integrating.state import NAME, Stored, read_state, write_state

STORED = Stored(
    mode="harden",
    done="hardened and verified",
    place="p",
    image="sha256:a",
    layers=("base", "app"),
    configuration="c",
    advisories="d",
    result="sha256:r",
    made="2026-01-01T00:00:00Z",
    places={"docker://r.example/a:1": "sha256:m"},
    files={"logs/x.log": "00"},
    findings=(KnownFinding("CVE-1", "pkg:x", "x", "1", "high", "executed", kev=True),),
    fixable=frozenset({("CVE-1", "x", "1")}),
    figures=(Figure("size", 10, None, "bytes"),),
    attested=("docker://r.example/a@sha256:m",),
    milliseconds=12,
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read_state(tmp_path) is None
    write_state(tmp_path, STORED)
    assert read_state(tmp_path) == STORED


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("version", 2, "expected 'careen.ci-state' version 1"),
        ("image", 5, "image: expected a string"),
        ("findings", [["a"]], "findings[0]: expected 7 values, got 1"),
        ("places", [["a", "b", "c"]], "places[0]: expected 2 values, got 3"),
        ("figures", [["size", -1, 0, ""]], "expected an integer that is not negative"),
        ("unknown", 1, "unknown key"),
    ],
)
def test_a_damaged_state_is_named(tmp_path: Path, key: str, value: object, complaint: str) -> None:
    write_state(tmp_path, STORED)
    place = tmp_path / NAME
    place.write_text(json.dumps({**json.loads(place.read_text()), key: value}))
    with pytest.raises(ConfigError) as caught:
        read_state(tmp_path)
    assert complaint in str(caught.value)
    assert str(place) in str(caught.value)


@pytest.mark.parametrize("size", [0, 1, 50])
def test_a_cut_state_is_named(tmp_path: Path, size: int) -> None:
    write_state(tmp_path, STORED)
    place = tmp_path / NAME
    place.write_bytes(place.read_bytes()[:size])
    with pytest.raises(ConfigError, match="not valid JSON"):
        read_state(tmp_path)


def test_a_pipe_or_a_link_in_place_of_the_state_is_not_read(tmp_path: Path) -> None:
    place = tmp_path / NAME
    os.mkfifo(place)
    with pytest.raises(ConfigError, match="not a regular file"):
        read_state(tmp_path)
    place.unlink()
    place.mkdir()
    with pytest.raises(ConfigError, match="not a regular file"):
        read_state(tmp_path)
    place.rmdir()
    place.symlink_to("/dev/zero")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_state(tmp_path)
