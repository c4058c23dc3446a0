"""What keeps this user from an engine, read from its client's words."""

import re
from collections.abc import Mapping

from careen.engines.lack import AS_ROOT, Lack

_SOCKET = re.compile(
    r"permission denied while trying to connect to .{0,80}? at (\S{1,300}?):?(?:\s|\Z)"
)
_ROOTLESS: Mapping[str, tuple[str, str]] = {
    "newuidmap": (
        "rootless podman needs newuidmap and newgidmap, which are not there",
        "install newuidmap (for example `apt-get install uidmap`)",
    ),
    "subuid": (
        "rootless podman needs user ids of its own, and /etc/subuid has none for this user",
        ("give it some (`usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER`)"),
    ),
}


def refusal(said: str, name: str) -> Lack | None:
    """Return what this user lacks, or None if the complaint is of something else.

    `said` is the complaint of the engine `name`.
    """
    if (socket := _SOCKET.search(said)) is not None:
        return Lack(
            f"this user may not use {name}'s socket ({socket[1].removeprefix('unix://')})",
            (AS_ROOT, f"with a user in the group {name}, who can do all that root can"),
        )
    for word, (why, remedy) in _ROOTLESS.items():
        if word in said:
            return Lack(why, (AS_ROOT, remedy))
    return None
