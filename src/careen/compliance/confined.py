"""Run a scanner that parses files of an image with as few rights as it needs."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

NEEDED = ("unshare", "setpriv", "prlimit")  # all of util-linux
_NOBODY = 65534
_FILE, _MEMORY = 512 << 20, 4 << 30  # bytes; the largest streams need a tenth
# It reads what belongs to any user, and some of OpenSCAP's probes change the root.
_CAPABILITIES = "-all,+dac_read_search,+sys_chroot"


def missing_programs() -> str:
    """Return the names of the programs that are not installed, "" if all are."""
    return ", ".join(name for name in NEEDED if shutil.which(name) is None)


def confined(words: Sequence[str]) -> list[str]:
    """Return the words that run a program as nobody: it may read all, and has no network.

    Needs root, and NEEDED.
    """
    return [
        *("unshare", "--net", "--ipc", "--"),
        *("prlimit", f"--fsize={_FILE}", f"--as={_MEMORY}", "--core=0"),
        *("setpriv", "--reuid", str(_NOBODY), "--regid", str(_NOBODY), "--clear-groups"),
        *("--inh-caps", _CAPABILITIES, "--ambient-caps", _CAPABILITIES),
        *("--bounding-set", _CAPABILITIES, "--no-new-privs", "--"),
        *words,
    ]


def give(directory: Path) -> None:
    """Make the directory one that a confined program can write."""
    os.chown(directory, _NOBODY, _NOBODY)
