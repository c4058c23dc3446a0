"""What a signal during or after the promotion says of the result's name."""

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest

from careen.errors import ToolError
from careen.pipeline.hardening import judged
from careen.pipeline.run import promote
from careen.pipeline.run.settings import Destination

NAMED = "the image passed, and may have its name already: web:2"


def signalled(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def failed(*_: object) -> NoReturn:
    raise ToolError("no room")


def notes(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", ()))


def test_a_signal_while_the_image_gets_its_name_tells_the_name() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        promote._named(Destination("web:2"), {}, signalled, ())
    assert notes(caught.value) == [NAMED]


def test_a_failure_to_give_a_name_tells_none() -> None:
    with pytest.raises(ToolError) as caught:
        promote._named(Destination("web:2"), {}, failed, ())
    assert notes(caught.value) == []


def test_a_signal_after_the_promotion_tells_where_the_image_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("write_verdict", "packed_first", "_prove_fips", "_findings", "Passed", "Facts"):
        monkeypatch.setattr(judged, name, lambda *_, **__: None)
    monkeypatch.setattr(judged, "summarise", signalled)
    proof = SimpleNamespace(verdict=SimpleNamespace(passed=True), prepared=None)
    image = SimpleNamespace(result=SimpleNamespace(image=None), original=None)
    proven = SimpleNamespace(rounds=(), proof=proof, candidate=image, plan=None)
    known = SimpleNamespace(exploration=None)
    planned = SimpleNamespace(seen=None, baseline=known, bom=None, adequacy=None, patch=None)
    case = SimpleNamespace(
        proven=proven, planned=planned, opened=SimpleNamespace(original=None, ended=None)
    )
    request = SimpleNamespace(
        destination=None, report_directory=tmp_path, deliver=lambda *_: ("web:2",)
    )
    session = SimpleNamespace(stage=lambda _: nullcontext())
    with pytest.raises(KeyboardInterrupt) as caught:
        judged.judge_and_promote(cast("Any", request), cast("Any", case), cast("Any", session))
    assert notes(caught.value) == ["the image passed, and is promoted: web:2"]
