"""Whether a profile recorded everything: the single source for every report and gate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

UNRESOLVED = "unresolved"
"""Counter of names that the kernel resolved differently from the image's index."""

DISPUTED = "index and kernel disagree about"
"""Start of the note that lists such paths in a run."""

UNWATCHED = "unwatched_containers"
"""Counter of containers of the image that started during tests and were not watched."""

_REMEDIES = {
    UNRESOLVED: "files of the image were moved or replaced in a way that careen did not see",
    UNWATCHED: "let tests ask the service at $BASE_URL, or run commands in $CAREEN_CONTAINER",
}
_LOSS = "profile again with larger buffers or less load"


@dataclass(frozen=True, slots=True)
class Gap:
    """One kind of missing data: the counter's name and its value."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a profile missed, largest count first; empty if it is complete."""

    gaps: tuple[Gap, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing was missed; only then "not seen" can mean "not used"."""
        return not self.gaps

    @property
    def lost(self) -> int:
        """The number of lost events; unresolved names and unwatched containers do not count."""
        return sum(gap.count for gap in self._losses)

    @property
    def _losses(self) -> tuple[Gap, ...]:
        return tuple(gap for gap in self.gaps if gap.reason not in _REMEDIES)

    def sentence(self) -> str:
        """Return in one line what is missing, or "" if nothing is."""
        counts = {gap.reason: gap.count for gap in self.gaps}
        parts: list[str] = []
        if self.lost:
            which = ", ".join(f"{gap.count:,} {gap.reason}" for gap in self._losses)
            parts.append(f"{_counted(self.lost, 'event was', 'events were')} lost ({which})")
        if count := counts.get(UNRESOLVED):
            parts.append(
                f"the kernel resolved {_counted(count, 'name', 'names')} to other files than the"
                " image's index"
            )
        if count := counts.get(UNWATCHED):
            parts.append(
                f"{_counted(count, 'container', 'containers')} of this image that others, perhaps"
                " the tests, started could not be watched"
            )
        return "; ".join(parts)

    def remedy(self) -> str:
        """Return how to make the next profile complete."""
        remedies = dict.fromkeys(_REMEDIES.get(gap.reason, _LOSS) for gap in self.gaps)
        return "; ".join(remedies)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def completeness(losses: Iterable[Mapping[str, int]], unresolved: int = 0) -> Completeness:
    """Return the completeness of runs from their losses (by counter) and unresolved names."""
    total: dict[str, int] = {}
    for run in losses:
        for reason, count in run.items():
            total[reason] = total.get(reason, 0) + count
    total[UNRESOLVED] = total.get(UNRESOLVED, 0) + unresolved
    gaps = (Gap(reason, count) for reason, count in total.items() if count)
    return Completeness(tuple(sorted(gaps, key=lambda gap: (-gap.count, gap.reason))))
