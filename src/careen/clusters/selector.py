"""Label selectors, as `kubectl get pods -l` takes them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from careen.errors import InputError

Labels = Mapping[str, str]
_KEY = r"(?:[A-Za-z0-9.-]{1,253}/)?[A-Za-z0-9][A-Za-z0-9_.-]{0,62}"
_VALUE = r"[A-Za-z0-9_.-]{0,63}"
_EQUAL = re.compile(rf"({_KEY}) *(==|=|!=) *({_VALUE})\Z")
_PRESENT = re.compile(rf"(!?) *({_KEY})\Z")
_AMONG = re.compile(rf"({_KEY}) +(in|notin) *\(([A-Za-z0-9_., -]{{0,2048}})\)\Z")
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Selector:
    """A parsed selector: a pod is chosen if all of `requirements` hold of its labels."""

    text: str
    requirements: tuple[Callable[[Labels], bool], ...]

    def chooses(self, labels: Labels) -> bool:
        """Return whether a pod with these labels is chosen."""
        return all(holds(labels) for holds in self.requirements)


def parse_selector(text: str) -> Selector:
    """Parse `app=api,tier in (web, batch),!canary`; raise InputError for other text."""
    words = _words(text) if len(text) <= _LONGEST else [""]
    return Selector(text, tuple(_requirement(word.strip(), text) for word in words))


def _words(text: str) -> list[str]:
    """Return the requirements: the parts between commas that are in no parentheses."""
    words = [""]
    for part in text.split(","):
        if words[-1].count("(") > words[-1].count(")"):
            words[-1] += f",{part}"
        else:
            words.append(part)
    return words[1:]


def _requirement(word: str, text: str) -> Callable[[Labels], bool]:
    if (match := _EQUAL.match(word)) is not None:
        key, sign, value = match.groups()
        if sign == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if (match := _AMONG.match(word)) is not None:
        key, among, values = (
            match[1],
            match[2] == "in",
            {each.strip() for each in match[3].split(",")},
        )
        if among:
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if (match := _PRESENT.match(word)) is not None:
        absent, key = bool(match[1]), match[2]
        return lambda labels: (key in labels) is not absent
    msg = (
        f"not a label selector: {text[:200]!r}; expected what `kubectl get pods -l` takes, like"
        " 'app=api,tier in (web,batch),!canary'"
    )
    raise InputError(msg)
