"""Which images careen made an image of, from the history of its configuration."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from careen.model.image import ImageConfig

_ORIGINAL = re.compile(r"original (sha256:[0-9a-f]{64})(; kept paths |\Z)")
_OTHER_USER = re.compile(r"careen \S{1,40} policy: ")
_LONGEST = 400  # characters; longer than any history entry of careen


@dataclass(frozen=True, slots=True)
class Made:
    """One step of careen: the digest of what it began with.

    `stripped`: paths were removed. `other_user`: it runs as another user, with the same programs.
    """

    original: str
    stripped: bool
    other_user: bool


def steps_of(config: ImageConfig) -> Iterator[Made]:
    """Yield careen's steps, the newest first."""
    for item in reversed(config.history):
        found = _ORIGINAL.search(str(item.get("comment") or "")[-_LONGEST:])
        if found is not None:
            maker = str(item.get("created_by") or "")[:_LONGEST]
            yield Made(found[1], bool(found[2]), _OTHER_USER.match(maker) is not None)
