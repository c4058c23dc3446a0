"""Walk through nested image indexes, with bounds."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from careen.errors import ImageError
from careen.oci.limits import MAX_INDEX_DEPTH, MAX_MANIFESTS

_T = TypeVar("_T")


def walk(roots: Sequence[_T], visit: Callable[[_T], Sequence[_T]], where: str) -> None:
    """Visit what `roots` lead to, in order; `visit` returns what an index holds, else nothing.

    Raises ImageError for deep nesting, cycles included, and for too many manifests.
    """
    todo = [(item, 0) for item in reversed(roots)]
    seen = 0
    while todo:
        item, depth = todo.pop()
        seen += 1
        if depth > MAX_INDEX_DEPTH or seen > MAX_MANIFESTS:
            msg = (
                f"{where}: indexes nested deeper than {MAX_INDEX_DEPTH}, or more than"
                f" {MAX_MANIFESTS} manifests"
            )
            raise ImageError(msg)
        todo.extend((inner, depth + 1) for inner in reversed(visit(item)))
