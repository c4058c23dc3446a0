"""A frozen control group: what is started in it is mounted and set up, and executes nothing until
it is thawed (cgroup v1 `freezer`, or v2).

Docker mounts a container's root at its start. A sensor that marks that mount would come too late,
were it not for this.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from careen.engines.cgroups import HIERARCHIES, hierarchies
from careen.errors import ToolError

PREFIX = "careenhold"
_SETTLE_SECONDS = 10.0


def _freezer(base: Path) -> tuple[Path, str, str, str] | None:
    """Return the hierarchy that freezes, its control file, and what to write to freeze and to thaw;
    None when there is none.
    """
    if (base / "cgroup.controllers").exists():
        return base, "cgroup.freeze", "1", "0"
    v1 = base / "freezer"
    return (v1, "freezer.state", "FROZEN", "THAWED") if (v1 / "cgroup.procs").exists() else None


def can_hold(base: Path = HIERARCHIES) -> bool:
    """Tell whether this machine lets us make a control group that can be frozen."""
    found = _freezer(base)
    return found is not None and os.access(found[0], os.W_OK)


def new_hold_name(driver: str) -> str:
    """Return a fresh name that docker takes as `--cgroup-parent` under its cgroup driver
    (`cgroupfs`, or `systemd`, which wants slices).
    """
    # No dash: to systemd a dash is a level of the tree.
    name = f"{PREFIX}{secrets.token_hex(8)}"
    return f"{name}.slice" if driver == "systemd" else name


class Hold:
    """One control group, by its name. Nothing is made before `freeze`; all methods may be
    repeated.
    """

    def __init__(self, name: str, base: Path = HIERARCHIES) -> None:
        if not name.startswith(PREFIX) or "/" in name:
            msg = f"not a control group of ours: {name!r}"
            raise ToolError(msg)
        self.name = name
        self._base = base

    def _write(self, word: Callable[[tuple[Path, str, str, str]], str]) -> None:
        found = _freezer(self._base)
        if found is None:
            msg = (
                "holding a container before its first exec: this machine has no freezer control"
                " group (v1 `freezer`, or cgroup v2)"
            )
            raise ToolError(msg)
        (found[0] / self.name / found[1]).write_text(word(found))

    def freeze(self) -> None:
        """Make it and freeze it, empty as it is: what enters it from now on stops at once. Raises
        ToolError.
        """
        found = _freezer(self._base)
        try:
            if found is not None:
                (found[0] / self.name).mkdir(exist_ok=True)
            self._write(lambda freezer: freezer[2])
        except OSError as error:
            msg = (
                f"holding a container before its first exec: control group {self.name}:"
                f" {error.strerror}"
            )
            raise ToolError(msg) from error

    def thaw(self) -> None:
        """Let it go on; silent when it does not exist."""
        with contextlib.suppress(FileNotFoundError, ToolError):
            self._write(lambda freezer: freezer[3])

    def remove(self) -> None:
        """Remove it from every hierarchy, with the empty groups in it; what still has processes
        after ten seconds is an error.
        """
        until = time.monotonic() + _SETTLE_SECONDS
        while left := [
            path for base in hierarchies(self._base) if (path := base / self.name).is_dir()
        ]:
            for path in left:
                for inner, _, _ in os.walk(path, topdown=False):
                    with contextlib.suppress(OSError):
                        Path(inner).rmdir()
            if time.monotonic() > until:
                msg = f"control group {left[0]} still has processes in it"
                raise ToolError(msg)
            time.sleep(0.02)


def thaw_hold(name: str) -> None:
    """Clean up after a run that died while it held a container."""
    Hold(name).thaw()


def remove_hold(name: str) -> None:
    """Clean up after a run that died, once its container is gone."""
    Hold(name).thaw()
    Hold(name).remove()
