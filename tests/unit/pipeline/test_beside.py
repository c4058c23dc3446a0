"""The mark that lets a container of careen's own pod start."""

import contextlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from careen.errors import InputError
from careen.pipeline.recording import beside as module
from careen.pipeline.recording.beside import BesideRequest, beside


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A run in a pod that has no other container."""
    monkeypatch.setattr(module, "group_of_pod", lambda _: tmp_path)
    monkeypatch.setattr(module, "open_source", lambda *_: contextlib.nullcontext())
    monkeypatch.setattr(module, "examine", lambda *_: None)
    others = SimpleNamespace(close=lambda: None, add=lambda _: None)
    return SimpleNamespace(
        sensor=SimpleNamespace(watch_others=lambda: others),
        stage=lambda _: contextlib.nullcontext(),
        say=lambda _: None,
    )


def test_the_mark_goes_if_the_container_is_not_found(tmp_path: Path, session: Any) -> None:
    mark, seen = tmp_path / "run" / "watching", []
    session.say = lambda _: seen.append(mark.exists())
    request = BesideRequest("app", "0" * 32, "app:1", 0.05, mark)
    with pytest.raises(InputError, match="did not start while careen watched"):
        beside(request, lambda _: None, session)
    assert seen == [True]
    assert not mark.exists()


def test_the_mark_goes_if_the_sensor_fails(
    tmp_path: Path, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "watching"

    def find(*_: Any) -> Any:
        assert mark.exists()
        raise MemoryError

    monkeypatch.setattr(module._Pod, "find", find)
    with pytest.raises(MemoryError):
        beside(BesideRequest("app", "0" * 32, "app:1", 60, mark), lambda _: None, session)
    assert not mark.exists()
