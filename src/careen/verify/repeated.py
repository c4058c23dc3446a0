"""What the original itself answers otherwise from one try to the next: noise that is learnt, not declared."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from careen.model.exploration import Answer
from careen.verify.headers import unlike_headers
from careen.verify.json_body import parse_json, places, unlike
from careen.verify.normal import Noise
from careen.verify.text_body import TextNoise, noise_between

_AGAIN = re.compile(r" \((?:again|\d{1,3})\)\Z")


@dataclass(frozen=True, slots=True)
class Known:
    """What identical tries on the original showed: how many there were, their statuses, the headers and the places of the body in which they differ."""

    tries: int
    statuses: frozenset[int | None]
    headers: frozenset[str] = frozenset()
    json: frozenset[str] = frozenset()
    text: TextNoise | None = None

    @property
    def steady(self) -> bool:
        """It was tried more than once, and the answers were alike."""
        return self.tries > 1 and len(self.statuses) == 1 and not self.json and (self.text is None or self.text == TextNoise())


def base_id(name: str) -> str:
    """Return the id of a try without what marks its repetition: `GET / (again)`, `GET / (2)`."""
    return _AGAIN.sub("", name)


def learn(answers: Sequence[Answer], noise: Noise) -> dict[str, Known]:
    """Return by base id what the tries of one experiment on the original say about each other."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(base_id(answer.id), []).append(answer)
    return {name: _known(tries, noise) for name, tries in groups.items()}


def _known(tries: Sequence[Answer], noise: Noise) -> Known:
    statuses = frozenset(answer.status for answer in tries)
    if len(tries) == 1:
        return Known(1, statuses)
    first, *others = tries
    headers = frozenset(found.name for other in others for found in unlike_headers(first.headers, other.headers, noise))
    parsed = [parse_json(answer.body) for answer in tries]
    read = [value for value in parsed if value is not None]
    if len(read) == len(tries):
        differing = [places(unlike(read[0][0], value[0], noise)) for value in read[1:]]
        return Known(len(tries), statuses, headers, frozenset().union(*differing))
    return Known(len(tries), statuses, headers, text=noise_between([answer.body for answer in tries], noise))
