"""The contents of an image are searched for while its workloads run, and only once."""

import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from careen.errors import BudgetError
from careen.inventory.inside import SearchStoppedError
from careen.model.packages.package import Inventory
from careen.pipeline.findings import contents as module
from careen.pipeline.findings.contents import Contents
from careen.pipeline.run.known_images import KnownImages
from tests.support.trees import tree

STOCK = Inventory({}, {})


class Search:
    """A cache of images in which each search is noted by its thread."""

    def __init__(self, patch: pytest.MonkeyPatch, processors: int = 1) -> None:
        self.threads: list[int] = []
        self.stops = False
        self.fails = False
        patch.setattr(module, "other_processors", lambda: processors)
        examined: Any = SimpleNamespace(
            image=SimpleNamespace(ref=None), rootfs=tree({}), inventory=STOCK
        )
        self.contents = Contents(examined, KnownImages())
        patch.setattr(KnownImages, "stock", self.stock)

    def stock(
        self, _ref: Any, _rootfs: Any, _managed: Any, _memory: Any, goes_on: Any
    ) -> Inventory:
        self.threads.append(threading.get_ident())
        if self.fails:
            raise BudgetError("too much")
        while self.stops:
            if not goes_on():
                raise SearchStoppedError
        return STOCK


def test_what_was_found_beside_is_not_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search(monkeypatch)
    turn = sys.getswitchinterval()
    with search.contents.searched_beside():
        assert sys.getswitchinterval() < turn
    assert search.contents.stock() is STOCK
    assert len(search.threads) == 1
    assert search.threads[0] != threading.get_ident()
    assert sys.getswitchinterval() == turn


def test_a_single_processor_is_left_to_the_workload(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search(monkeypatch, processors=0)
    with search.contents.searched_beside():
        pass
    assert search.threads == []
    assert search.contents.stock() is STOCK
    assert search.threads == [threading.get_ident()]


def test_a_workload_that_fails_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search(monkeypatch)
    search.stops = True
    with pytest.raises(KeyError), search.contents.searched_beside():
        raise KeyError
    search.stops = False
    assert search.contents.stock() is STOCK
    assert search.threads[1:] == [threading.get_ident()]


def test_a_failure_is_met_again_by_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search(monkeypatch)
    search.fails = True
    with search.contents.searched_beside():
        pass
    with pytest.raises(BudgetError, match="too much"):
        search.contents.stock()
