"""Ledger of deviations: each kind and subject once, with a count, in bounded memory."""

from collections.abc import Iterable, Iterator, Mapping

from careen.drift.compare import Seen
from careen.model.runs.drift import Counted, Deviation, Drift, DriftKind

SUBJECTS = 1000
"""Subjects that are kept of each kind; a container can make any number."""

KEYS = 65536
"""Keys of the sensor that are kept for counting: several belong to one subject."""

_Row = tuple[DriftKind, str]


class Ledger:
    """The deviations so far."""

    def __init__(self, not_compared: Mapping[DriftKind, str], subjects: int = SUBJECTS) -> None:
        """Keep at most `subjects` of each kind."""
        self._not_compared, self._room = not_compared, subjects
        self._rows: dict[_Row, Deviation] = {}
        self._held: dict[DriftKind, int] = dict.fromkeys(DriftKind, 0)
        self._unlisted: dict[DriftKind, int] = dict.fromkeys(DriftKind, 0)
        self._keys: dict[bytes, _Row] = {}
        self._counts: dict[_Row, int] = {}
        self._uncounted: set[_Row] = set()
        self.losses: dict[str, int] = {}

    def add(self, seen: Iterable[Seen]) -> Iterator[Deviation]:
        """Enter deviations, and yield those whose kind and subject are new."""
        for each in seen:
            deviation = each.deviation
            row = (deviation.kind, deviation.subject)
            if deviation.kind is DriftKind.LIBRARY and self._is_program(deviation.subject):
                continue
            if row not in self._rows:
                if self._held[deviation.kind] >= self._room:
                    self._unlisted[deviation.kind] += 1
                    continue
                self._rows[row] = deviation
                self._held[deviation.kind] += 1
                yield deviation
            self._note_key(each.key, row)

    def _is_program(self, subject: str) -> bool:
        """Return whether a file is known to be an unknown program: its mapping says no more."""
        return (DriftKind.EXECUTABLE, subject) in self._rows

    def _note_key(self, key: bytes, row: _Row) -> None:
        if not key or key in self._keys:
            return
        if len(self._keys) < KEYS:
            self._keys[key] = row
        else:
            self._uncounted.add(row)

    def settle(self, tallies: Mapping[bytes, int], losses: Mapping[str, int]) -> int:
        """Add final counts, take the losses so far, and return how many are new."""
        for key in self._keys.keys() & tallies.keys():
            row = self._keys[key]
            self._counts[row] = self._counts.get(row, 0) + tallies[key]
        before = sum(self.losses.values())
        self.losses.update(losses)
        return sum(self.losses.values()) - before

    def held(self, kind: DriftKind) -> int:
        """Return how many subjects of a kind deviated and are kept."""
        return self._held[kind]

    def as_drift(self) -> Drift:
        """Return all that was entered."""
        return Drift(
            tuple(
                Counted(each, None if row in self._uncounted else self._counts.get(row))
                for row, each in self._rows.items()
            ),
            {kind: count for kind, count in self._unlisted.items() if count},
            dict(self.losses),
            self._not_compared,
        )
