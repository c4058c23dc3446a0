"""Changes of an image that let it run as another user."""

from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.paths import ImagePath

OPENED = "the workload uses"
"""How the reason of a path begins that was opened to the user's group."""


@dataclass(frozen=True, slots=True)
class OwnedPath:
    """A directory or file with another owner and mode.

    `content` is a file's new content; None keeps what is there. A path that the image lacks, and
    that has no content, is made as an empty directory.
    """

    path: ImagePath
    uid: int
    gid: int
    mode: int
    reason: str
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class OtherUser:
    """What lets an image run as `uid` and `gid`.

    `owned` are the paths to change, `environment` the variables to set, `writable` the directories
    that must be writable with the reason of each. `left` names what was not changed, and why.
    """

    uid: int
    gid: int
    owned: tuple[OwnedPath, ...]
    environment: Mapping[str, str]
    writable: Mapping[ImagePath, str]
    left: tuple[str, ...] = ()
