"""Run a scanner that parses bytes of an image with as few rights as it needs."""

import os
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from careen.errors import ToolError
from careen.tools.process import run

NEEDED = ("unshare", "setpriv", "prlimit")  # all of util-linux
_NOBODY = 65534
_FILE, _MEMORY = 512 << 20, 4 << 30  # bytes; OpenSCAP's largest streams need a tenth
_LIMITS = ("prlimit", f"--fsize={_FILE}", f"--as={_MEMORY}", "--core=0")
_NONE = ("--inh-caps=-all", "--ambient-caps=-all")


def missing_programs() -> str:
    """Return the names of the programs that are not installed, "" if all are."""
    return ", ".join(name for name in NEEDED if shutil.which(name) is None)


def confined(words: Sequence[str], capabilities: Sequence[str] = ()) -> list[str]:
    """Return the words that run a program with limits, and as far as this machine allows it without
    a network and as nobody, with the capabilities alone.

    `unconfined` says what this machine does not allow. Needs NEEDED.
    """
    spaces, user = _spaces(), _nobody(capabilities)
    last = user if _works((*_LIMITS, *user)) else ("setpriv", *_NONE, "--no-new-privs", "--")
    return [*spaces, *_LIMITS, *last, *words]


def unconfined() -> str:
    """Return what a confined program runs with all the same: "with this machine's network".

    "" if nothing. An ordinary user's programs run as this user.
    """
    said = () if _spaces() else ("with this machine's network",)
    if os.geteuid() == 0 and not _works((*_LIMITS, *_nobody(()))):
        said = (*said, "as root")
    return " and ".join(said)


def _spaces() -> tuple[str, ...]:
    """Return the words that leave the network, () if this user may not."""
    own = () if os.geteuid() == 0 else ("--user", "--map-current-user")
    words = ("unshare", *own, "--net", "--ipc", "--")
    return words if _works(words) else ()


def _nobody(capabilities: Sequence[str]) -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ("setpriv", *_NONE, "--no-new-privs", "--")
    kept = ",".join(("-all", *(f"+{name}" for name in capabilities)))
    return (
        *("setpriv", "--reuid", str(_NOBODY), "--regid", str(_NOBODY), "--clear-groups"),
        *("--inh-caps", kept, "--ambient-caps", kept),
        *("--bounding-set", kept, "--no-new-privs", "--"),
    )


@cache
def _works(words: tuple[str, ...]) -> bool:
    """Return whether a program can be run so; a container often may not."""
    try:
        return run((*words, "true"), timeout=30.0).status == 0
    except ToolError:
        return False


def give(directory: Path) -> None:
    """Make the directory, below one that is this user's alone, writable to a confined program."""
    if os.geteuid() != 0:
        return
    try:
        os.chown(directory, _NOBODY, _NOBODY)
    except PermissionError:  # a container's root may lack CAP_CHOWN
        directory.chmod(0o777)


def show(path: Path) -> None:
    """Let a confined program read a file, or enter a directory."""
    path.chmod(0o755 if path.is_dir() else 0o644)
