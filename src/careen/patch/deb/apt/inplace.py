"""Preparation and cleanup of an image around an upgrade with apt."""

import shlex
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from careen.errors import CareenError
from careen.formats.dpkg_status import MAX_STATUS, Paragraph, join_status, split_status
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.patch.deb.apt.environment import QUIET
from careen.patch.deb.dpkg.installed import Key
from careen.patch.sandbox import Sandbox

POLICY = ImagePath("/usr/sbin/policy-rc.d")
EXTENDED_STATES = ImagePath("/var/lib/apt/extended_states")

_REFUSES = "#!/bin/sh\nexit 101\n"
"""invoke-rc.d(8): 101 forbids the action."""

_LEFT_ALONE = 101
_MAX_KEPT = 64 << 20
_MAX_POLICY = 64 << 10
_SET_ASIDE = "/usr/sbin/policy-rc.d.careen-set-aside"

_KEPT = (
    "/var/log/alternatives.log",
    "/var/log/dpkg.log",
    "/var/log/fontconfig.log",
    "/var/cache/ldconfig/aux-cache",  # inode numbers and times: differs each time
)
"""Files that are restored to their earlier content after an upgrade, or removed."""

_MADE = (
    "/var/lib/dpkg/lock",
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/triggers/Lock",
    "/var/lib/dpkg/status-old",
    "/var/lib/dpkg/diversions-old",
    "/var/lib/dpkg/statoverride-old",
    "/var/lib/apt/extended_states",
    "/var/lib/apt/lists/lock",
    "/var/lib/apt/daily_lock",
    "/var/cache/apt/pkgcache.bin",
    "/var/cache/apt/srcpkgcache.bin",
    "/var/cache/apt/archives/lock",
    "/var/cache/debconf/passwords.dat",
    "/var/cache/debconf/config.dat-old",
    "/var/cache/debconf/templates.dat-old",
    "/var/cache/debconf/tmp.ci",
    "/etc/.pwd.lock",
)
"""Paths that are removed after an upgrade if they did not exist before, else left alone."""


class InPlace:
    """Context manager that prevents services from starting and removes temporary files afterwards.

    `place` is the directory on the sandbox; `new` are packages that the upgrade adds.
    """

    def __init__(self, rootfs: Rootfs, sandbox: Sandbox, place: str, *, new: Sequence[Key]) -> None:
        self._rootfs = rootfs
        self._sandbox = sandbox
        self._place = place
        self._new = new
        self._own_policy = False

    def __enter__(self) -> Self:
        """Install a policy-rc.d that refuses all actions, unless the image's own already does."""
        if not self._refuses():
            self._own_policy = True
            steps = [
                f"if [ -e {POLICY} ] || [ -L {POLICY} ]; then mv {POLICY} {_SET_ASIDE}; fi",
                *self._write(POLICY, "policy-rc.d", _REFUSES.encode()),
                f"chmod 755 {POLICY}",
            ]
            self._shell(steps, "forbidding services to start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._shell(self._after(), "putting the image in order after the upgrade")
        except CareenError:
            if error is None:
                raise  # of two errors, the first is more useful

    def _refuses(self) -> bool:
        """Return whether the image's own policy-rc.d already forbids every action."""
        entry = self._rootfs.find(POLICY)
        if entry is None or not entry.is_file or not entry.is_executable:
            return False
        done = self._sandbox.run(
            (POLICY, "any", "start"), doing="asking the image's policy-rc.d", env=QUIET, check=False
        )
        return (
            done.status == _LEFT_ALONE
            and self._rootfs.read(entry.path, _MAX_POLICY).split() == _REFUSES.encode().split()
        )

    def _after(self) -> list[str]:
        steps: list[str] = []
        if self._own_policy:
            steps += [
                f"rm -f {POLICY}",
                f"if [ -e {_SET_ASIDE} ] || [ -L {_SET_ASIDE} ]; then mv {_SET_ASIDE} {POLICY}; fi",
            ]
        for i, text in enumerate(_KEPT):
            entry = self._rootfs.get(ImagePath(text))
            if entry is None:
                steps.append(f"rm -f {text}")
            elif entry.is_file:
                steps += self._write(
                    entry.path, f"kept-{i}", self._rootfs.read(entry.path, _MAX_KEPT)
                )
        steps += [f"rm -rf {text}" for text in _MADE if self._rootfs.get(ImagePath(text)) is None]
        states = self._states()
        if states is not None:
            steps += self._write(EXTENDED_STATES, "extended_states", states)
        return steps

    def _states(self) -> bytes | None:
        """Return extended_states with new packages marked automatic, None if there is no file."""
        entry = self._rootfs.get(EXTENDED_STATES)
        before = (
            self._rootfs.read(EXTENDED_STATES, MAX_STATUS)
            if entry is not None and entry.is_file
            else b""
        )
        made = [
            f"Package: {name}\nArchitecture: {architecture}\nAuto-Installed: 1\n\n".encode()
            for name, architecture in sorted(self._new)
        ]
        return (
            join_status(
                [*split_status(before, EXTENDED_STATES), *(Paragraph(raw, {}) for raw in made)]
            )
            if made
            else before
            if entry is not None
            else None
        )

    def _write(self, path: str, name: str, content: bytes) -> list[str]:
        return [
            (
                f"cat {shlex.quote(self._sandbox.put(f'{self._place}/{name}', content))} >"
                f" {shlex.quote(path)}"
            )
        ]

    def _shell(self, steps: Sequence[str], doing: str) -> None:
        script = self._sandbox.put(
            f"{self._place}/steps.sh", "".join(f"{step}\n" for step in ("set -e", *steps)).encode()
        )
        self._sandbox.run(("sh", script), doing=doing, env=QUIET)


_BESIDE = ("dpkg-dist", "dpkg-old", "dpkg-new", "ucf-dist", "ucf-old")
_DEFAULTS = ("dpkg-dist", "ucf-dist")
_FIND = (
    "find",
    "/etc",
    "-xdev",
    "-type",
    "f",
    "(",
    *" -o ".join(f"-name *.{suffix}" for suffix in _BESIDE).split(),
    ")",
    "-print",
)
_AT_ONCE = 200


def remove_conffile_copies(rootfs: Rootfs, sandbox: Sandbox) -> tuple[str, ...]:
    """Remove the copies of configuration files that the upgrade made (`.dpkg-dist`, `.dpkg-old`).

    Return the configuration files whose new default was not taken. Older copies stay.
    """
    done = sandbox.run(
        _FIND, doing="looking for new defaults beside changed configuration", env=QUIET, check=False
    )
    paths = [
        line
        for line in done.output.splitlines()
        if line.startswith("/etc/") and line.endswith(_BESIDE)
    ]
    new = sorted(path for path in paths if ImagePath(path) not in rootfs)
    for at in range(0, len(new), _AT_ONCE):
        sandbox.run(
            ("rm", "-f", "--", *new[at : at + _AT_ONCE]),
            doing="removing new defaults beside changed configuration",
            env=QUIET,
        )
    return tuple(path.rpartition(".")[0] for path in new if path.endswith(_DEFAULTS))
