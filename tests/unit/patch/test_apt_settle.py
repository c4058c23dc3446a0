"""Which groups go together."""

from collections.abc import Sequence

from careen.model.patching import BlockReason
from careen.patch.deb.apt.output import Simulation, Step
from careen.patch.deb.apt.settle import Objection, settle

GROUPS = {name: [f"{name}=2"] for name in "abcdefgh"}


def objection(simulation: Simulation) -> Objection | None:
    return (BlockReason.PINNED, simulation.problem) if simulation.problem else None


def test_all_at_once_asks_once() -> None:
    asked: list[Sequence[str]] = []

    def simulate(words: Sequence[str]) -> Simulation:
        asked.append(words)
        return Simulation(tuple(Step(word[0], "1", "2", "all") for word in words))

    settled = settle(GROUPS, simulate, objection)
    assert len(asked) == 1
    assert len(settled.words) == len(settled.simulation.steps) == 8
    assert settled.refused == {}


def test_exactly_what_is_refused_is_left_out() -> None:
    def simulate(words: Sequence[str]) -> Simulation:
        bad = [word for word in words if word[0] in "cf"]
        return (
            Simulation(problem=f"{bad[0]} does not go")
            if bad
            else Simulation(tuple(Step(word[0], "1", "2", "all") for word in words))
        )

    settled = settle(GROUPS, simulate, objection)
    assert settled.refused == {
        "c": (BlockReason.PINNED, "c=2 does not go"),
        "f": (BlockReason.PINNED, "f=2 does not go"),
    }
    assert [step.name for step in settled.simulation.steps] == list("abdegh")


def test_what_needs_a_later_group_is_taken_with_it() -> None:
    def simulate(words: Sequence[str]) -> Simulation:
        alone = "a=2" in words and "h=2" not in words
        never = "b=2" in words
        return (
            Simulation(problem="no")
            if alone or never
            else Simulation(tuple(Step(word[0], "1", "2", "all") for word in words))
        )

    assert set(settle(GROUPS, simulate, objection).refused) == {"b"}


def test_nothing_wanted_asks_nothing() -> None:
    assert settle({}, lambda _: Simulation(problem="never"), objection).words == ()
