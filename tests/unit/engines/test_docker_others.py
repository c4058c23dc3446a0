"""Containers that others make of an image are told while they are made; careen's own are not.
Docker is a stand-in.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from careen.engines.client.client import DOCKER, Client
from careen.engines.client.others import watch_other_containers

IMAGE = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64


def event(number: int, action: str = "create", **attributes: str) -> str:
    return json.dumps(
        {"Action": action, "Actor": {"ID": f"{number:064x}", "Attributes": attributes}}
    )


def heard(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *lines: str,
    names: Mapping[str, str] | None = None,
    wanted: int = 1,
    started: int = 0,
) -> list[int]:
    (tmp_path / "events").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\ncat '{tmp_path}/events'\nexec sleep 60\n", encoding="utf-8")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(
        Client, "inspect_image", lambda _self, name: {"Id": (names or {}).get(name)}
    )
    told: list[int] = []
    with watch_other_containers(
        DOCKER, IMAGE, "careen.run", lambda container: told.append(int(container, 16))
    ) as others:
        until = time.monotonic() + 20.0
        while (len(told) < wanted or others.started < started) and time.monotonic() < until:
            time.sleep(0.01)
    assert others.started == started
    return told


def test_those_of_the_image_are_told_whatever_they_call_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"shop:1": IMAGE, "other:1": OTHER}
    lines = (
        event(1, image="other:1"),
        event(2, image="shop:1"),
        event(3, image=OTHER),
        event(4, image=IMAGE),
    )
    assert heard(tmp_path, monkeypatch, *lines, names=names, wanted=2) == [2, 4]


def test_careens_own_are_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert heard(
        tmp_path,
        monkeypatch,
        event(1, **{"image": IMAGE, "careen.run": "x"}),
        event(2, image=IMAGE),
    ) == [2]


def test_a_line_without_end_or_sense_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert heard(
        tmp_path,
        monkeypatch,
        event(1, image=IMAGE, label="x" * 200_000),
        "no JSON",
        "[]",
        event(2),
        event(3, image=IMAGE),
    ) == [3]


def test_those_that_start_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        event(1, image=IMAGE),
        event(1, "start", image=IMAGE),
        event(2, "start", image=OTHER),
        event(3, "start", **{"image": IMAGE, "careen.run": "x"}),
    )
    assert heard(
        tmp_path,
        monkeypatch,
        *lines,
        event(4, image=IMAGE),
        event(4, "start", image=IMAGE),
        wanted=2,
        started=2,
    ) == [1, 4]
