"""Search for the groups of packages that apt can upgrade without refusals or removals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from careen.model.patching import BlockReason
from careen.patch.deb.apt.output import Simulation

MAX_SIMULATIONS = 200

Objection = tuple[BlockReason, str]
"""Reason why a simulation is not acceptable: the barrier and the text."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Result of the search.

    `words` are the accepted groups' arguments for apt, `simulation` is their effect, and `refused`
    maps every other group to its reason.
    """

    words: tuple[str, ...]
    simulation: Simulation
    refused: Mapping[str, Objection]


def settle(
    wanted: Mapping[str, Sequence[str]],
    simulate: Callable[[Sequence[str]], Simulation],
    objection: Callable[[Simulation], Objection | None],
) -> Settled:
    """Accept as many groups (name → arguments for apt) as apt takes together, the first ones first.

    `objection` returns what is wrong with a simulation, None for nothing. At most
    MAX_SIMULATIONS simulations are run.
    """
    taken: list[str] = []
    refused: dict[str, Objection] = {}
    last = Simulation()
    left = MAX_SIMULATIONS
    # All at once mostly works; otherwise halves are tried on top of what was accepted.
    todo: list[tuple[str, ...]] = [tuple(wanted)] if wanted else []
    while todo:
        groups = todo.pop()
        words = [word for group in (*taken, *groups) for word in wanted[group]]
        if not left:
            refused.update(
                dict.fromkeys(
                    groups,
                    (
                        BlockReason.PINNED,
                        "apt refused too many other versions, so the search stopped",
                    ),
                )
            )
            continue
        left -= 1
        simulation = simulate(words)
        why = objection(simulation)
        if why is None:
            taken += groups
            last = simulation
        elif len(groups) == 1:
            refused[groups[0]] = why
        else:
            half = len(groups) // 2
            todo += [groups[half:], groups[:half]]
    for group in list(refused) if taken else ():  # it may need a group that was accepted later
        if not left:
            break
        left -= 1
        simulation = simulate([word for each in (*taken, group) for word in wanted[each]])
        if objection(simulation) is None:
            taken.append(group)
            last = simulation
            del refused[group]
    return Settled(tuple(word for group in taken for word in wanted[group]), last, refused)
