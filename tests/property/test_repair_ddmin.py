"""Delta debugging on random questions: what it finds is enough, nothing of it can be spared, and it
asks no more than it may.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.repair.ddmin import NotEnoughError, Trials, ddmin, isolate

Search = Callable[[Sequence[int], Trials[int]], Any]
EACH = pytest.mark.parametrize("search_in", [ddmin, isolate])
SIZES = st.integers(min_value=1, max_value=60)


@st.composite
def monotone(draw: st.DrawFn) -> tuple[int, list[frozenset[int]]]:
    """A number of items, and the sets of which at least one must be there as a whole: every
    monotone question is of this kind.
    """
    size = draw(SIZES)
    one = st.frozensets(st.integers(min_value=0, max_value=size - 1), min_size=1, max_size=5)
    return size, draw(st.lists(one, min_size=1, max_size=4))


@EACH
@given(monotone())
def test_the_result_is_enough_and_minimal(
    search_in: Search, question: tuple[int, list[frozenset[int]]]
) -> None:
    size, wanted = question

    def enough(items: frozenset[int]) -> bool:
        return any(each <= items for each in wanted)

    found = search_in(range(size), Trials(enough, 10_000))
    kept = frozenset(found.items)
    assert found.minimal
    assert enough(kept)
    assert not any(enough(kept - {item}) for item in kept)
    assert list(found.items) == sorted(found.items)


@given(st.integers(min_value=1, max_value=3000), st.data())
def test_one_culprit_is_found_in_logarithmic_time(size: int, data: st.DataObject) -> None:
    culprit = data.draw(st.integers(min_value=0, max_value=size - 1))
    trials: Trials[int] = Trials(lambda items: culprit in items, 10_000)
    assert ddmin(range(size), trials).items == (culprit,)
    assert trials.used <= 2 * math.ceil(math.log2(size)) if size > 1 else trials.used == 0


@given(st.integers(min_value=2, max_value=500), st.data())
def test_isolating_asks_little_for_each_culprit(size: int, data: st.DataObject) -> None:
    wanted = data.draw(
        st.frozensets(st.integers(min_value=0, max_value=size - 1), min_size=1, max_size=8)
    )
    trials: Trials[int] = Trials(lambda items: wanted <= items, 10_000)
    assert isolate(range(size), trials).items == tuple(sorted(wanted))
    assert trials.used <= len(wanted) * (math.ceil(math.log2(size)) + 1) + 1


def test_what_is_never_enough_is_noticed_early() -> None:
    trials: Trials[int] = Trials(lambda _: False, 10_000)
    with pytest.raises(NotEnoughError):
        isolate(range(1000), trials)
    assert trials.used <= 10 + 2


@EACH
@given(monotone(), st.integers(min_value=0, max_value=30))
def test_when_the_trials_run_out_the_result_is_still_enough(
    search_in: Search, question: tuple[int, list[frozenset[int]]], limit: int
) -> None:
    size, wanted = question
    asked = []

    def enough(items: frozenset[int]) -> bool:
        asked.append(items)
        return any(each <= items for each in wanted)

    found = search_in(range(size), Trials(enough, limit))
    assert any(each <= frozenset(found.items) for each in wanted) or frozenset(
        found.items
    ) == frozenset(range(size))
    assert len(asked) <= limit
    assert len(asked) == len(set(asked))


@EACH
@given(monotone())
def test_the_same_question_gives_the_same_answers_in_the_same_order(
    search_in: Search, question: tuple[int, list[frozenset[int]]]
) -> None:
    size, wanted = question

    def asked() -> list[frozenset[int]]:
        out: list[frozenset[int]] = []

        def enough(items: frozenset[int]) -> bool:
            out.append(items)
            return any(each <= items for each in wanted)

        search_in(range(size), Trials(enough, 10_000))
        return out

    assert asked() == asked()
