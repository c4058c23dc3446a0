"""Which upgrades break the tests: tried by halves, dropped alone, the rest kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from careen.model.patching import Dropped, Upgrade
from careen.pipeline.upgrading.patching import Attempt, Group, Patching, group_of, of_groups
from careen.repair.ddmin import Trials, ddmin

Judge = Callable[[Attempt], str]
"""Returns why an image is not good enough, in one line; "" when it is."""

TRIALS = 40
"""Images that are made and tested at most to find the upgrades that break: one among n takes
2·log2(n).
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left when all that breaks has been dropped: the image (None: no upgrade was left),
    and how many images were tried.
    """

    attempt: Attempt | None
    dropped: tuple[Dropped, ...]
    trials: int


@dataclass(slots=True)
class _Search:
    patching: Patching
    judge: Judge
    upgrades: Sequence[Upgrade]
    reasons: dict[frozenset[Group], str] = field(default_factory=dict)
    good: tuple[frozenset[Group], Attempt] | None = None

    def passes_without(self, dropped: frozenset[Group]) -> bool:
        """Make an image without these groups, and say whether it is good enough; the last good one
        is kept.
        """
        left = frozenset(group_of(each) for each in self.upgrades) - dropped
        if not left:
            return True  # the original, which passed
        self.patching.session.say(f"trying {len(left)} groups of upgrades without {len(dropped)}")
        attempt = self.patching.attempt(of_groups(self.upgrades, left))
        if attempt is None:
            return True
        try:
            reason = self.judge(attempt)
        except BaseException:
            attempt.close()
            raise
        if reason:
            self.reasons[left] = reason
            attempt.close()
            return False
        if self.good is not None:
            self.good[1].close()
        self.good = (left, attempt)
        return True

    def forget(self) -> None:
        """Close the image that is kept."""
        if self.good is not None:
            self.good[1].close()


def drop_breaking(patching: Patching, failed: Attempt, reason: str, judge: Judge) -> Kept:
    """Find the fewest groups of upgrades without which the image is good enough, given that the
    original is and that `failed` is not, for `reason`.

    Each trial patches the original again with a part of the upgrades and judges that. Deterministic
    but for what the tests do.
    """
    groups = tuple(dict.fromkeys(group_of(each) for each in failed.upgrades))
    if len(groups) == 1:
        return Kept(None, (Dropped(groups[0][1], failed.upgrades, reason),), 0)
    search = _Search(patching, judge, failed.upgrades)
    trials = Trials(search.passes_without, TRIALS)
    try:
        found = ddmin(groups, trials)
    except BaseException:
        search.forget()
        raise
    culprits = frozenset(found.items)
    # What ddmin returns is the last that passed, and that image is the one that is kept; none when
    # only the original passes.
    attempt = search.good[1] if search.good is not None else None
    dropped = tuple(
        Dropped(
            group[1], of_groups(failed.upgrades, {group}), _reason(group, search.reasons, reason)
        )
        for group in groups
        if group in culprits
    )
    return Kept(attempt, dropped, trials.used)


def _reason(group: Group, reasons: Mapping[frozenset[Group], str], first: str) -> str:
    """Return the failure of the smallest image that had the group: it is the likeliest to be its
    own.
    """
    having = sorted((len(groups), why) for groups, why in reasons.items() if group in groups)
    return having[0][1] if having else first
