"""What apt can do of what is wanted: groups that it refuses, or for which it would remove
something, are found and left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from careen.model.patching import Barrier
from careen.patch.deb.apt.output import Simulation

MAX_SIMULATIONS = 200

Objection = tuple[Barrier, str]
"""What is wrong with what apt would do, and why a group that needs it stays."""


@dataclass(frozen=True, slots=True)
class Settled:
    """`words` are those of the groups that apt takes together, `simulation` what they do, `refused`
    why each other group was left out.
    """

    words: tuple[str, ...]
    simulation: Simulation
    refused: Mapping[str, Objection]


def settle(
    wanted: Mapping[str, Sequence[str]],
    simulate: Callable[[Sequence[str]], Simulation],
    objection: Callable[[Simulation], Objection | None],
) -> Settled:
    """Take as many groups (name → words for apt) as go together, the first ones first. `objection`
    says what is wrong with a simulation, None for nothing.

    All at once mostly goes; where it does not, halves are tried on top of what was taken already.
    """
    taken: list[str] = []
    refused: dict[str, Objection] = {}
    last = Simulation()
    left = MAX_SIMULATIONS
    todo: list[tuple[str, ...]] = [tuple(wanted)] if wanted else []
    while todo:
        groups = todo.pop()
        words = [word for group in (*taken, *groups) for word in wanted[group]]
        if not left:
            refused.update(
                dict.fromkeys(
                    groups, (Barrier.PINNED, "apt refused too many others to go on asking")
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
    for group in list(refused) if taken else ():  # what was taken after it may be what it needed
        if not left:
            break
        left -= 1
        simulation = simulate([word for each in (*taken, group) for word in wanted[each]])
        if objection(simulation) is None:
            taken.append(group)
            last = simulation
            del refused[group]
    return Settled(tuple(word for group in taken for word in wanted[group]), last, refused)
