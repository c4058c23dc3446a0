"""Which upgrades break the tests: dropped alone, whatever the number, and the rest kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.patching import Upgrade
from careen.pipeline.upgrading.breaking import drop_breaking
from careen.pipeline.upgrading.patching import Attempt, Patching


def upgrade(name: str, group: str = "", manager: str = "python /usr") -> Upgrade:
    return Upgrade(
        f"pkg:pypi/{name}@1",
        name,
        Ecosystem.PYPI,
        "1",
        "2",
        manager,
        group or name,
        closes=(f"CVE-{name}",),
    )


@dataclass
class Tried:
    """Stands for an image with some upgrades."""

    upgrades: tuple[Upgrade, ...]
    closed: bool = False

    @property
    def names(self) -> set[str]:
        return {each.name for each in self.upgrades}

    def close(self) -> None:
        self.closed = True


@dataclass
class Images:
    """Makes such images, and remembers them."""

    made: list[Tried] = field(default_factory=list)
    session: "Images | None" = None

    def __post_init__(self) -> None:
        self.session = self

    def say(self, text: str) -> None:
        assert text

    def attempt(self, upgrades: Sequence[Upgrade]) -> Attempt:
        self.made.append(Tried(tuple(upgrades)))
        return cast("Attempt", self.made[-1])


def broken_by(*culprits: str) -> object:
    def judge(attempt: Attempt) -> str:
        found = sorted(cast("Tried", attempt).names & set(culprits))
        return f"workload 'serve': check.sh: {found[0]} is not as it was" if found else ""

    return judge


def search(upgrades: Sequence[Upgrade], *culprits: str) -> tuple[Images, set[str], set[str], int]:
    images = Images()
    first = images.attempt(upgrades)
    judge = broken_by(*culprits)
    kept = drop_breaking(cast("Patching", images), first, judge(first), judge)  # type: ignore[arg-type, operator]
    left = cast("Tried | None", kept.attempt)
    assert left is None or not left.closed
    assert all(
        each.closed for each in images.made[1:] if each is not left
    )  # none is left behind but the one that is handed on
    return (
        images,
        {each.name for item in kept.dropped for each in item.upgrades},
        left.names if left is not None else set(),
        kept.trials,
    )


def test_one_of_eleven_is_dropped_alone() -> None:
    upgrades = [upgrade(f"p{number}") for number in range(11)]
    _, dropped, kept, trials = search(upgrades, "p7")
    assert dropped == {"p7"}
    assert kept == {f"p{number}" for number in range(11)} - {"p7"}
    assert trials <= 8


@pytest.mark.parametrize("culprits", [("p0", "p10"), ("p3", "p4"), ("p1", "p5", "p9")])
def test_several_that_break_are_all_dropped(culprits: tuple[str, ...]) -> None:
    upgrades = [upgrade(f"p{number}") for number in range(11)]
    _, dropped, kept, _ = search(upgrades, *culprits)
    assert dropped == set(culprits)
    assert len(kept) == 11 - len(culprits)


def test_a_group_goes_whole_and_one_of_the_same_name_elsewhere_stays() -> None:
    upgrades = [
        upgrade("a", "pair"),
        upgrade("b", "pair"),
        upgrade("c"),
        upgrade("d", "pair", "npm /app"),
    ]
    _, dropped, kept, _ = search(upgrades, "b")
    assert dropped == {"a", "b"}
    assert kept == {"c", "d"}


def test_the_only_upgrade_is_dropped_without_a_trial() -> None:
    _, dropped, kept, trials = search([upgrade("a")], "a")
    assert (dropped, kept, trials) == ({"a"}, set(), 0)


def test_each_is_dropped_with_a_failure_that_it_was_part_of() -> None:
    images = Images()
    judge = broken_by("p1", "p4")
    first = images.attempt([upgrade(f"p{number}") for number in range(6)])
    kept = drop_breaking(cast("Patching", images), first, judge(first), judge)  # type: ignore[arg-type, operator]
    assert {item.group for item in kept.dropped} == {"p1", "p4"}
    assert all("is not as it was" in item.reason for item in kept.dropped)


def test_where_only_the_original_passes_nothing_is_kept() -> None:
    images = Images()
    first = images.attempt([upgrade("a"), upgrade("b"), upgrade("c")])
    kept = drop_breaking(
        cast("Patching", images), first, "it fails", lambda _: "it fails, whatever is in it"
    )
    assert kept.attempt is None
    assert {item.group for item in kept.dropped} == {"a", "b", "c"}
