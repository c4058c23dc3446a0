"""The new image is loaded while its bytes are read, and stays only if it is to be promoted."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from careen.errors import ToolError
from careen.model.runs.engine import PreparedImage
from careen.model.verdict import Verdict
from careen.pipeline.proof import verify as proving
from careen.pipeline.proof.verify import Baseline, Proof, loading, verify

PREPARED = PreparedImage("image", "image")
SOUND, BROKEN = Verdict((), ()), Verdict((), (), ("a layer is not what was planned",))


class Engine:
    """An engine that loads when it is told to."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.trouble: Exception | None = None
        self.discarded: list[PreparedImage] = []

    def load_image(self, _: Any) -> PreparedImage:
        assert self.go_on.wait(30.0)
        if self.trouble is not None:
            raise self.trouble
        return PREPARED

    def discard(self, image: PreparedImage) -> None:
        self.discarded.append(image)


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.go_on.set()


def session(engine: Engine) -> Any:
    return SimpleNamespace(engine=engine, say=lambda _: None)


IMAGE: Any = SimpleNamespace(rootfs=lambda: None)


def verified(
    engine: Engine, verdict: Verdict, monkeypatch: pytest.MonkeyPatch, *, fails: bool = False
) -> Proof:
    def behave(_candidate: Any, prepared: PreparedImage, *_: Any) -> Proof:
        if fails:
            raise KeyError
        return Proof(SOUND, prepared)

    monkeypatch.setattr(proving, "inspect_candidate", lambda *_: verdict)
    monkeypatch.setattr(proving, "behave", behave)
    candidate: Any = None
    engine.go_on.clear()
    with loading(IMAGE, session(engine)) as loaded:
        assert not loaded.done()  # what is in the block does not wait for it
        engine.go_on.set()
        return verify(candidate, loaded, Baseline(()), None, session(engine))


def test_a_sound_image_stays(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verified(engine, SOUND, monkeypatch).prepared == PREPARED
    assert engine.discarded == []


def test_an_image_with_a_breach_is_discarded_and_not_run(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = verified(engine, BROKEN, monkeypatch, fails=True)
    assert (found.verdict.structure, found.prepared) == (BROKEN.structure, None)
    assert engine.discarded == [PREPARED]


def test_a_breach_is_said_even_if_the_image_cannot_be_loaded(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.trouble = ToolError("docker does not answer")
    assert verified(engine, BROKEN, monkeypatch).verdict.structure == BROKEN.structure
    with pytest.raises(ToolError, match="docker does not answer"):
        verified(engine, SOUND, monkeypatch)
    assert engine.discarded == []


def test_an_image_whose_run_is_broken_off_is_discarded(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyError):
        verified(engine, SOUND, monkeypatch, fails=True)
    assert engine.discarded == [PREPARED]


def test_an_image_that_cannot_be_read_is_discarded_once_it_is_loaded(engine: Engine) -> None:
    with suppress(KeyboardInterrupt), loading(IMAGE, session(engine)):
        threading.Timer(0.2, engine.go_on.set).start()
        raise KeyboardInterrupt
    assert engine.discarded == [PREPARED]
