"""The distribution of an image, as os-release(5) states it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Distribution:
    """Fields of os-release(5), and the `path` of the file.

    `codename` is for instance `bookworm`, `like` `("rhel", "fedora")`. A field that the file does
    not state is "".
    """

    id: str
    version_id: str = ""
    codename: str = ""
    like: tuple[str, ...] = ()
    name: str = ""
    path: str = ""
