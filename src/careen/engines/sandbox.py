"""Options for a sandbox: a container of an image that runs an idle program of careen's.

A directory of this machine is mounted in it.
"""

import platform
import shutil
from pathlib import Path

from careen.errors import InputError, ToolError
from careen.model.runs.engine import SANDBOX
from careen.model.runs.workload import RunOptions

INSIDE = SANDBOX
"""Path of the directory in the container."""

HOLD = "hold"


def hold_path() -> Path:
    """Return the path of the compiled program for this architecture, which may not exist."""
    return Path(__file__).parent / "bin" / platform.machine() / HOLD


def copy_idle_program(scratch: Path) -> None:
    """Copy the program into the directory.

    Raises ToolError if it was not built for this architecture or the disk is full.
    """
    try:
        shutil.copyfile(hold_path(), scratch / HOLD)
        (scratch / HOLD).chmod(0o755)
    except FileNotFoundError as error:
        msg = (
            f"the patch sandbox's init program is missing for {platform.machine()!r}; build it (in"
            " a source tree: `python scripts/programs.py`)"
        )
        raise ToolError(msg) from error
    except OSError as error:
        msg = (
            f"preparing the patch sandbox in {str(scratch)!r}: {error.strerror}; free some space,"
            " or name another disk with --work-dir"
        )
        raise ToolError(msg) from error


def sandbox_options(scratch: Path, *, network: str | None) -> RunOptions:
    """Return the options to run an image as a sandbox: as root, with `scratch` at `INSIDE`.

    Call `copy_idle_program` first. `network` is None for the engine's default, `host` for this
    machine's, or `none`. The image's environment stays; its entrypoint, command, user and health
    check are not used, and the image may be empty. Raises InputError if the path of `scratch`
    cannot be a volume.
    """
    source = str(scratch.absolute())
    if ":" in source:
        msg = (
            f"work directory {source!r}: a path with a colon cannot be shared with a container;"
            " name another one with --work-dir"
        )
        raise InputError(msg)
    return RunOptions(
        volumes=(f"{source}:{INSIDE}",), user="0:0", entrypoint=f"{INSIDE}/{HOLD}", network=network
    )
