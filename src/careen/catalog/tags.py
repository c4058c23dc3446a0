"""Names of a built base: the tags that move, and the tag of a day, which never does."""

import re
from dataclasses import dataclass

from careen.model.catalog.entry import Entry, Variant

_POINT = re.compile(r"(\d{1,4}|\d{1,4}\.\d{1,4})\.\d{1,4}")
_NUMBERED = re.compile(r"\d{1,4}(?:\.\d{1,4})?")
MOST_A_DAY = 99


@dataclass(frozen=True, slots=True)
class BaseTags:
    """`day` is the tag of the first build of a day; `moving` lead to the newest build."""

    repository: str
    day: str
    moving: tuple[str, ...]

    def of_build(self, number: int) -> str:
        """Return the tag of the day's build with this number, from 1."""
        return self.day if number == 1 else f"{self.day}.{number}"


def base_tags(repository: str, entry: Entry, variant: Variant, version: str, day: str) -> BaseTags:
    """Return the tags of a build.

    `version` is what a file of the root says (`13.4`), or "", `day` like 20261201. A release has a
    tag for its codename, its number and its point release; others for their own name.
    """
    name, _, tag = entry.name.partition(":")
    tags = [tag or "latest"]
    for alias in entry.aliases:
        other, _, further = alias.partition(":")
        if other == name and further:
            tags.append(further)
    number = next((each for each in tags if _NUMBERED.fullmatch(each)), "")
    found = _POINT.fullmatch(version)
    if found is not None and found[1] == number:
        tags.append(version)
    suffix = "" if variant is Variant.RUNTIME else f"-{variant.value}"
    return BaseTags(
        f"{repository.rstrip('/')}/{name}",
        f"{number or tags[0]}{suffix}-{day}",
        tuple(f"{each}{suffix}" for each in tags),
    )
