"""Nested indexes are walked in order, each level within its bounds."""

from collections.abc import Sequence

import pytest

from careen.errors import ImageError
from careen.oci.index.walk import walk
from careen.oci.limits import MAX_INDEX_DEPTH, MAX_MANIFESTS

TREE = {"a": ("b", "c"), "b": ("d", "e"), "f": ("g",)}


def test_what_is_nested_comes_where_its_index_is() -> None:
    seen: list[str] = []

    def visit(item: str) -> Sequence[str]:
        seen.append(item)
        return TREE.get(item, ())

    walk(("a", "f"), visit, "x")
    assert seen == ["a", "b", "d", "e", "c", "f", "g"]


def test_the_deepest_level_is_visited_and_no_deeper_one() -> None:
    seen: list[int] = []

    def visit(depth: int) -> Sequence[int]:
        seen.append(depth)
        return (depth + 1,)

    with pytest.raises(ImageError, match="x: indexes nested deeper than"):
        walk((0,), visit, "x")
    assert seen == list(range(MAX_INDEX_DEPTH + 1))


@pytest.mark.parametrize("many", [MAX_MANIFESTS, MAX_MANIFESTS + 1])
def test_as_many_manifests_as_are_read(many: int) -> None:
    seen: list[int] = []

    def visit(item: int) -> Sequence[int]:
        seen.append(item)
        return ()

    if many > MAX_MANIFESTS:
        with pytest.raises(ImageError, match="or more than"):
            walk(range(many), visit, "x")
    else:
        walk(range(many), visit, "x")
    assert len(seen) == MAX_MANIFESTS
