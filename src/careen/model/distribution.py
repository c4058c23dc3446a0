"""Which distribution an image is, as os-release(5) states it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Distribution:
    """`id` (`debian`), `version_id` (`12`), `codename` (`bookworm`), `like` (`("rhel", "fedora")`),
    `name` for people, `path` of the file it was read from.

    A field that the file does not state is "".
    """

    id: str
    version_id: str = ""
    codename: str = ""
    like: tuple[str, ...] = ()
    name: str = ""
    path: str = ""
