"""Which layers docker need not be sent."""

from collections.abc import Iterator

import pytest

from careen.engines import shared_layers
from careen.engines.client.client import DOCKER, Client
from careen.engines.shared_layers import SharedLayers
from careen.errors import ToolError
from careen.tools.process import Finished


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    shared_layers._is_classic.cache_clear()
    yield
    shared_layers._is_classic.cache_clear()


def says(monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    def call(_self: Client, *_: str, doing: str) -> Finished:
        if text is None:
            raise ToolError(doing)
        return Finished(0, text.encode(), b"")

    monkeypatch.setattr(Client, "call", call)


@pytest.mark.parametrize(
    ("layers", "present"),
    [
        ("abcd", "abc"),
        ("abc", "abc"),
        ("ab", "ab"),
        ("xabc", ""),
        ("acb", "a"),
        ("abca", "bc"),
        ("bc", ""),
        ("yz", "yz"),
    ],
)
def test_only_the_lowest_layers_of_one_image_are_known(
    monkeypatch: pytest.MonkeyPatch, layers: str, present: str
) -> None:
    says(monkeypatch, 'overlay2 [["Supports d_type","true"]]')
    known = SharedLayers(DOCKER)
    known.note("one", "abc")
    known.note("two", "yz")
    assert known.present(layers) == frozenset(present)


def test_what_is_forgotten_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, "overlay2 []")
    known = SharedLayers(DOCKER)
    known.note("one", "abc")
    known.note("two", "ab")
    known.forget("one")
    known.forget("one")
    assert known.present("abc") == {"a", "b"}
    known.forget_all()
    assert known.present("abc") == frozenset()


@pytest.mark.parametrize(
    "said", ['overlayfs [["driver-type","io.containerd.snapshotter.v1"]]', None]
)
def test_nothing_is_known_of_other_stores(
    monkeypatch: pytest.MonkeyPatch, said: str | None
) -> None:
    says(monkeypatch, said)
    known = SharedLayers(DOCKER)
    known.note("one", "abc")
    assert known.present("abc") == frozenset()
