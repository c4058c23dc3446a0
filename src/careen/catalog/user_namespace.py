"""A user namespace in which an ordinary user is root, for building root file systems."""

import os
import re
from pathlib import Path

from careen.errors import ToolError
from careen.tools.process import Program, run
from careen.tools.workspace import Leftover

UNSHARE = Program(("unshare",), "util-linux")
LEFTOVER = "tree-of-other-ids"
_SECONDS = 300.0
_OF_IDS = re.compile(r"sub[ug]id|new[ug]idmap", re.IGNORECASE)


def mapped() -> list[str]:
    """Return the words before a program whose root is this user; none for root itself.

    Other ids of the program are those that /etc/subuid and /etc/subgid give to this user.
    """
    if os.geteuid() == 0:
        return []
    return [UNSHARE.require(), "--user", "--map-root-user", "--map-auto"]


def refusal() -> str:
    """Return why an ordinary user can have no such namespace, in one line; "" for any other."""
    if os.geteuid() == 0:
        return ""
    if UNSHARE.path() is None:
        return "unshare is missing"
    done = run([*mapped(), "true"], timeout=_SECONDS)
    return "" if done.status == 0 else done.complaint or "unshare failed"


def require_mapped() -> None:
    """Raise ToolError with the remedy for a user who is not root and can have no such namespace."""
    if why := refusal():
        remedy = "run it with sudo"
        if _OF_IDS.search(why):
            remedy += (
                ", or install uidmap, and give ids to the user"
                " (`usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER`)"
            )
        msg = (
            f"base build: needs root, or user ids that belong to this user (uid {os.geteuid()}):"
            " scripts of packages run as root of the new root file system, and files get owners"
            f" ({why}); {remedy}"
        )
        raise ToolError(msg)


def tree_leftover(path: Path) -> Leftover:
    """Return the leftover for a directory whose files may have other owners than this user."""
    return Leftover(LEFTOVER, str(path))


def remove_mapped(path: str) -> None:
    """Remove a directory with files of the ids that belong to this user, if it is there.

    Raises ToolError.
    """
    if not Path(path).exists():
        return
    done = run([*mapped(), "rm", "-rf", "--one-file-system", "--", path], timeout=_SECONDS)
    if done.status != 0:
        msg = f"removing {path}: {done.complaint}"
        raise ToolError(msg)
