"""A frozen control group (cgroup v1 `freezer`, or v2).

A container that is started in it is set up and mounted, but executes nothing until the group is
thawed. Docker mounts a container's root at its start, so a sensor could not mark that mount in time
otherwise.
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
    """Return the freezer hierarchy, its control file and the words to freeze and thaw, or None."""
    if (base / "cgroup.controllers").exists():
        return base, "cgroup.freeze", "1", "0"
    v1 = base / "freezer"
    return (v1, "freezer.state", "FROZEN", "THAWED") if (v1 / "cgroup.procs").exists() else None


def can_freeze(base: Path = HIERARCHIES) -> bool:
    """Return whether this machine allows to create a control group that can be frozen."""
    found = _freezer(base)
    return found is not None and os.access(found[0], os.W_OK)


def new_frozen_cgroup_name(driver: str) -> str:
    """Return a new name for docker's `--cgroup-parent`.

    `driver` is docker's cgroup driver: `cgroupfs`, or `systemd`, which needs slices.
    """
    # No dash: for systemd a dash is a level of the tree.
    name = f"{PREFIX}{secrets.token_hex(8)}"
    return f"{name}.slice" if driver == "systemd" else name


class Hold:
    """A control group by its name, created by `freeze`; all methods are idempotent."""

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
        """Create the empty group and freeze it, so that processes that enter it stop at once.

        Raises ToolError.
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
        """Thaw it; do nothing if it does not exist."""
        with contextlib.suppress(FileNotFoundError, ToolError):
            self._write(lambda freezer: freezer[3])

    def remove(self) -> None:
        """Remove it and the empty groups in it from every hierarchy.

        Raises ToolError if it still has processes after ten seconds.
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
