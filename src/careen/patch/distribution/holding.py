"""Choice of a version under the image's own holds."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from careen.model.patching import Aim, BlockReason, PatchChoices
from careen.patch.targets import Choice, Left, choose


def choose_within(
    aim: Aim,
    offered: Sequence[str],
    admitted: Collection[str],
    choices: PatchChoices,
    hold: tuple[BlockReason, str],
) -> Choice:
    """Choose among the admitted versions.

    Findings that only a version that is not admitted would close are left with `hold` as the
    reason.
    """
    within = choose(
        aim,
        [version for version in offered if version in admitted],
        choices.reach,
        allow_major=choices.allow_major,
    )
    if len(admitted) >= len(set(offered)) or not within.left:
        return within
    free = choose(aim, offered, choices.reach, allow_major=choices.allow_major)
    held = tuple(finding for finding in free.closes if finding not in within.closes)
    if not held:
        return within
    others = (
        replace(left, findings=tuple(finding for finding in left.findings if finding not in held))
        for left in within.left
    )
    barrier, detail = hold
    return Choice(
        within.version,
        within.closes,
        (
            *(left for left in others if left.findings),
            Left(held, barrier, f"{detail} does not allow {free.version}"),
        ),
    )
