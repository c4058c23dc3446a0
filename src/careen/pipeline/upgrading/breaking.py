"""Find the upgrades that break the tests by delta debugging, and drop only those."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from careen.model.patching import Dropped, Upgrade
from careen.pipeline.upgrading.patching import Attempt, Group, Patching, group_of, of_groups
from careen.repair.ddmin import Trials, ddmin

Judge = Callable[[Attempt], str]
"""Returns why an image does not pass, in one line; "" if it does."""

TRIALS = 40
"""Most images to make and test; one breaking group among n takes about 2·log2(n)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Result without the breaking upgrades; `attempt` is None if no upgrade was left.

    `trials` is the number of images that were tried.
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
        """Return whether the image without these groups passes; keep the last one that did."""
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
    """Find the fewest groups of upgrades without which the image passes.

    `failed` is the image that does not pass, for `reason`; the original must pass. Each trial
    patches the original again. Deterministic if the tests are.
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
    # The set that ddmin returns is the last that passed, so its image is the one that was kept.
    # There is no image if only the original passes.
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
    """Return the failure of the smallest image with the group, most likely its own."""
    having = sorted((len(groups), why) for groups, why in reasons.items() if group in groups)
    return having[0][1] if having else first
