"""How far careen goes to free one Node package of those that pin it."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from careen.patch.forbidden import ForbiddenError
from careen.patch.npm.raising import MAX_TRIED, PinUpgrader


class Chain:
    """A planner over packages p0, p1 … of which each pins the one before it, in every version."""

    def __init__(self, length: int) -> None:
        self.asked = 0
        self.nodes = {self.place(number): self.node(number) for number in range(length)}
        self.tree = SimpleNamespace(
            dependents=self.dependents, nodes=self.nodes, bundler=lambda _: None
        )
        self.registry = SimpleNamespace(published=self.published)

    @staticmethod
    def place(number: int) -> str:
        return f"/app/node_modules/p{number}"

    def node(self, number: int) -> Any:
        wants = {f"p{number - 1}": "1.0.0"} if number else {}
        return SimpleNamespace(
            place=self.place(number),
            name=f"p{number}",
            shown=f"p{number}@1.0.0",
            changed=False,
            bundles=(),
            wants=lambda: wants,
        )

    def dependents(self, place: str) -> list[tuple[Any, str]]:
        above = self.place(int(place.rpartition("p")[2]) + 1)
        return [(self.nodes[above], "1.0.0")] if above in self.nodes else []

    def published(self, name: str, version: str) -> Any:
        self.asked += 1
        free = {"name": name, "version": version, "dependencies": {}}
        return SimpleNamespace(manifest=free)

    def mark(self) -> int:
        return 0

    def reset(self, _: int) -> None:
        return None

    def upgrade(self, place: str, version: str, purl: str) -> Sequence[Any]:
        raise AssertionError((place, version, purl))


def test_a_long_chain_of_pins_is_given_up_and_not_tried_in_all_combinations() -> None:
    chain = Chain(40)
    purls = {place: f"pkg:npm/{place.rpartition('/')[2]}@1.0.0" for place in chain.nodes}
    purls.pop(chain.place(39))  # the project itself, which nobody raises
    versions = [f"1.0.{number}" for number in range(1, 9)]
    raiser = PinUpgrader(chain, purls, lambda _: versions, lambda *_: 0)  # type: ignore[arg-type]
    with pytest.raises(ForbiddenError, match="depends on"):
        raiser.free(chain.place(0), ["2.0.0"])
    assert MAX_TRIED <= chain.asked < 20 * MAX_TRIED
