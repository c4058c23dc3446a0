"""A container to work in: it is of an image, runs a program of ours that does nothing, and has a
directory of this machine in it.
"""

import platform
import shutil
from pathlib import Path

from careen.errors import InputError, ToolError
from careen.model.engine import BENCH
from careen.model.workload import RunOptions

INSIDE = BENCH
"""Where the directory is in the container."""

HOLD = "hold"


def hold_path() -> Path:
    """Where the compiled program of this machine's architecture is (it may be missing)."""
    return Path(__file__).parent / "bin" / platform.machine() / HOLD


def put_hold(scratch: Path) -> None:
    """Put the program into the directory. Raises ToolError when it was not built for this machine,
    or does not fit.
    """
    try:
        shutil.copyfile(hold_path(), scratch / HOLD)
        (scratch / HOLD).chmod(0o755)
    except FileNotFoundError as error:
        msg = (
            f"the bench's first program is not here for {platform.machine()!r}; build it (in a"
            " source tree: `python src/careen/engines/bench_hold/build.py`)"
        )
        raise ToolError(msg) from error
    except OSError as error:
        msg = (
            f"preparing the bench in {str(scratch)!r}: {error.strerror}; free some space, or name"
            " another disk with --work-dir"
        )
        raise ToolError(msg) from error


def bench_options(scratch: Path, *, network: str | None) -> RunOptions:
    """Return how to run an image as a bench: as root, `scratch` at `INSIDE` (`put_hold` comes
    first), with the engine's own network (None), with this machine's (`host`), or with none. The
    image's environment stays; its entrypoint, command, user and health check do not matter, and it
    may have nothing in it. Raises InputError for a path that no volume can be of.
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
