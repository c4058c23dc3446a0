"""What the original itself answers otherwise from one try to the next: noise that is learnt, not declared."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from careen.model.exploration import Answer, Explored
from careen.verify.headers import unlike_headers
from careen.verify.json_body import parse_json, places, unlike
from careen.verify.normal import Noise
from careen.verify.text_body import NOTHING, TextNoise, noise_between

MOST = 20_000  # answers of one experiment
_AGAIN = re.compile(r" \((?:again|\d{1,3})\)\Z")


@dataclass(frozen=True, slots=True)
class Known:
    """What identical tries on the original showed: their statuses, the headers and the places of the body in which they differ. `steady` says that there were
    several in this experiment, and all alike.
    """

    statuses: frozenset[int | None]
    steady: bool = False
    headers: frozenset[str] = frozenset()
    json: frozenset[str] = frozenset()
    text: TextNoise = NOTHING

    def beside(self, other: "Known | None") -> "Known":
        """Return it with the noise, too, that the same try shows under other conditions."""
        if other is None:
            return self
        text = TextNoise(self.text.lines | other.text.lines, self.text.length or other.text.length)
        return replace(self, headers=self.headers | other.headers, json=self.json | other.json, text=text)


def base_id(name: str) -> str:
    """Return the id of a try without what marks its repetition: `GET / (again)`, `GET / (2)`."""
    return _AGAIN.sub("", name)


def learn(answers: Sequence[Answer], noise: Noise) -> dict[str, Known]:
    """Return by base id what the tries of one experiment on the original say about each other."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(base_id(answer.id), []).append(answer)
    return {name: _known(tries, noise) for name, tries in groups.items()}


def learn_from_all(experiments: Iterable[Explored], noise: Noise) -> dict[str, Known]:
    """Return by base id the noise that any of the experiments shows: the same request under another condition is as noisy there."""
    out: dict[str, Known] = {}
    for experiment in experiments:
        for name, known in learn(experiment.answers[:MOST], noise).items():
            out[name] = known.beside(out.get(name))
    return out


def _known(tries: Sequence[Answer], noise: Noise) -> Known:
    statuses = frozenset(answer.status for answer in tries)
    if len(tries) == 1:
        return Known(statuses)
    first, *others = tries
    headers = frozenset(found.name for other in others for found in unlike_headers(first.headers, other.headers, noise))
    read = [value for answer in tries if (value := parse_json(answer.body)) is not None]
    if len(read) == len(tries):
        differing: frozenset[str] = frozenset().union(*(places(unlike(read[0][0], value[0], noise)) for value in read[1:]))
        return Known(statuses, len(statuses) == 1 and not differing, headers, differing)
    text = noise_between([answer.body for answer in tries], noise)
    return Known(statuses, len(statuses) == 1 and text == NOTHING, headers, text=text)
