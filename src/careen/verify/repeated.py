"""Noise learnt from repeated tries on the original."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from careen.model.runs.exploration import Answer, Explored
from careen.tools.exchange import BROKEN
from careen.verify.bodies.headers import header_differences
from careen.verify.bodies.json_body import LENGTH, parse_json, places, unlike
from careen.verify.bodies.json_kinds import kinds_at
from careen.verify.bodies.normal import Noise
from careen.verify.bodies.text_body import NOTHING, TextNoise, noise_between

MOST = 20_000  # answers of one experiment
_AGAIN = re.compile(r" \((?:again|\d{1,3})\)\Z")


@dataclass(frozen=True, slots=True)
class Known:
    """What identical tries on the original showed.

    `headers`, `json` and `text` are where they differ; `statuses` and `notes` are all that
    occurred. `steady`: there were several tries in this experiment, all alike. `shown`: kinds of
    values at the differing places.
    """

    statuses: frozenset[int | None]
    steady: bool = False
    headers: frozenset[str] = frozenset()
    json: frozenset[str] = frozenset()
    shown: Mapping[str, frozenset[str]] = field(default_factory=dict)
    text: TextNoise = NOTHING
    notes: frozenset[str] = frozenset()

    def beside(self, other: "Known | None") -> "Known":
        """Return it with the noise of the same try under other conditions."""
        if other is None:
            return self
        shown = dict(self.shown)
        for place, kinds in other.shown.items():
            shown[place] = kinds | shown.get(place, kinds)
        return replace(
            self,
            headers=self.headers | other.headers,
            json=self.json | other.json,
            shown=shown,
            text=self.text.beside(other.text),
            notes=self.notes | other.notes,
        )


def breaks_off(answer: Answer) -> bool:
    """Return whether the connection ended within the answer's body."""
    return answer.note == BROKEN


def base_id(name: str) -> str:
    """Return a try's id without its repetition mark: `GET / (again)`, `GET / (2)`."""
    return _AGAIN.sub("", name)


def learn(answers: Sequence[Answer], noise: Noise) -> dict[str, Known]:
    """Return what repeated tries of one experiment on the original show, by base id."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(base_id(answer.id), []).append(answer)
    return {name: _known(tries, noise) for name, tries in groups.items()}


def learn_from_all(experiments: Iterable[Explored], noise: Noise) -> dict[str, Known]:
    """Return the noise in all runs of the experiments, by base id.

    A request is assumed to be as noisy under other conditions.
    """
    runs: dict[str, list[Answer]] = {}
    for experiment in experiments:
        runs.setdefault(experiment.experiment, []).extend(experiment.answers[:MOST])
    out: dict[str, Known] = {}
    for answers in runs.values():
        for name, known in learn(answers, noise).items():
            out[name] = known.beside(out.get(name))
    return out


def _known(tries: Sequence[Answer], noise: Noise) -> Known:
    statuses = frozenset(answer.status for answer in tries)
    notes = frozenset(noise.line(answer.note) for answer in tries)
    timely = [answer for answer in tries if not answer.late]
    whole = [answer for answer in timely if not breaks_off(answer)] or timely
    if len(whole) <= 1:
        return Known(statuses, notes=notes)
    first, *others = whole
    headers = frozenset(
        found.name
        for other in others
        for found in header_differences(first.headers, other.headers, noise)
    )
    read = [value for answer in whole if (value := parse_json(answer.body)) is not None]
    if len(read) == len(whole):
        documents = [value for (value,) in read]
        # Arrays are compared up to the shorter length, so comparing only with a first document that
        # has an empty array would miss differences.
        pairs = [*pairwise(documents), *((documents[0], other) for other in documents[2:])]
        differing: frozenset[str] = frozenset().union(
            *(places(unlike(*pair, noise)) for pair in pairs)
        )
        where = {key.removesuffix(LENGTH) for key in differing}
        shown = kinds_at(documents, where) if where else {}
        steady = len(statuses) == 1 and not differing
        return Known(statuses, steady, headers, differing, shown, notes=notes)
    text = noise_between([answer.body for answer in whole], noise)
    return Known(statuses, len(statuses) == 1 and text == NOTHING, headers, text=text, notes=notes)
