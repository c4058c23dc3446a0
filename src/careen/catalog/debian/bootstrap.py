"""A root of Debian's packages by mmdebstrap, saved after each step."""

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.catalog.debian.failures import failure
from careen.catalog.debian.sources import AptSources
from careen.errors import InputError, ToolError
from careen.model.catalog.lock import LockedPackage
from careen.tools.process import Program, run
from careen.tools.stragglers import RUN

MMDEBSTRAP = Program(("mmdebstrap",), "mmdebstrap")
UNSHARE = Program(("unshare",), "util-linux")
SETPRIV = Program(("setpriv",), "util-linux")
SECONDS = 1800.0
ROOM = 3 << 30
"""Bytes that must be free where a root is made: the largest entry takes some 1.5 GB."""
_PACKED = "/.careen-step.tar"
_TAR = 'tar -C "$1" --one-file-system --sort=name --numeric-owner --xattrs --format=pax'
_PREFERENCES = "/etc/apt/preferences.d/careen"
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_PROGRESS = re.compile(r"I: ([^\n]{1,100})")
_EXCLUDED = (
    *(
        "./dev",
        "./proc",
        "./sys",
        "./run/*",
        "./tmp/*",
        "./var/cache/apt/*.bin",
        "./var/cache/apt/archives/*",
    ),
    f".{_PACKED}",
)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What a root is made of: the release, its sources, and the packages of each step.

    Each step is saved as `N.tar` in `into`, the first with apt's package lists. With `pins` no
    other version is installed. `epoch` is the SOURCE_DATE_EPOCH of the programs that run.
    """

    release: str
    sources: AptSources
    steps: Sequence[Sequence[str]]
    pins: Sequence[LockedPackage]
    epoch: int
    into: Path

    def saved(self, number: int) -> Path:
        """Return the file of a step."""
        return self.into / f"{number}.tar"


def bootstrap(wanted: Bootstrap) -> None:
    """Make the root and save it after each step; takes up to half an hour.

    Maintainer scripts run below the new root, with the rights that mmdebstrap has: as root in a
    chroot, otherwise in a user namespace. Raises ToolError with the cause, InputError without room.
    """
    program = [*_apart(), MMDEBSTRAP.require()]
    _require_room(wanted.into)
    temporary = wanted.into / "tmp"
    temporary.mkdir(mode=0o755)
    argv = [*program, *_options(wanted), wanted.release, "-", *wanted.sources.lines]
    done = run(argv, timeout=SECONDS, env=_environment(temporary, wanted.epoch))
    said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    if done.status is None:
        msg = f"building the root: mmdebstrap did not finish in {SECONDS:g} s and was ended"
        raise ToolError(msg)
    if done.status != 0:
        msg = f"building the root of Debian {wanted.release}: {failure(said)}"
        raise ToolError(msg)


def _apart() -> list[str]:
    """Return what gives mmdebstrap mounts and processes of its own, which end when careen ends.

    As root it mounts /proc and others below the root; after SIGKILL they would stay. Another user
    gets a namespace from mmdebstrap itself.
    """
    words = [SETPRIV.require(), "--pdeathsig", "KILL"]
    if os.geteuid() == 0:
        words += [UNSHARE.require(), "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return words


def _require_room(folder: Path) -> None:
    seen = os.statvfs(folder)
    free = seen.f_bavail * seen.f_frsize
    if free < ROOM:
        msg = (
            f"building the root: {free >> 20:,} MiB are free in {str(folder)!r}, and"
            f" {ROOM >> 20:,} MiB are needed; free some, or name another place with --work-dir"
        )
        raise InputError(msg)


def _options(wanted: Bootstrap) -> list[str]:
    first, *later = wanted.steps
    options = ["--variant=minbase", "--format=null", f"--include={','.join(sorted(first))}"]
    if os.geteuid() != 0:
        options.append("--mode=unshare")
    settings = (
        *wanted.sources.settings,
        'APT::Install-Recommends "false";',
        'Acquire::Languages "none";',
        'Acquire::GzipIndexes "false";',
        'Acquire::Retries "2";',
    )
    options += [f"--aptopt={setting}" for setting in settings]
    if wanted.pins:
        pins = wanted.into / "preferences"
        pins.write_text(_preferences(wanted.pins), "utf-8")
        options.append(f'--setup-hook=mkdir -p "$1"{_PREFERENCES.rpartition("/")[0]}')
        options.append(f"--setup-hook=upload {shlex.quote(str(pins))} {_PREFERENCES}")
    options += _saving(wanted.saved(0), lists=True)
    for number, packages in enumerate(later, 1):
        options.append(f"--customize-hook={_install(packages)}")
        options += _saving(wanted.saved(number), lists=False)
    return options


def _preferences(pins: Sequence[LockedPackage]) -> str:
    """Return preferences by which apt knows the locked versions alone."""
    locked = (
        f"Package: {each.name}\nPin: version {each.version}\nPin-Priority: 1001\n" for each in pins
    )
    return "\n".join(("Package: *\nPin: release *\nPin-Priority: -1\n", *locked))


def _install(packages: Sequence[str]) -> str:
    names = " ".join(shlex.quote(name) for name in sorted(packages))
    return (
        'APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get --yes --quiet'
        ' -oDPkg::Chroot-Directory="$1" -oDpkg::Use-Pty=false install '
        f"{names} < /dev/null"
    )


def _saving(target: Path, *, lists: bool) -> list[str]:
    """Return the hooks that save the root; in a user namespace only `download` reaches outside."""
    excluded = (*_EXCLUDED, *(() if lists else ("./var/lib/apt/lists/*",)))
    words = " ".join(shlex.quote(f"--exclude={each}") for each in excluded)
    return [
        f'--customize-hook={_TAR} {words} -cf "$1"{_PACKED} .',
        f"--customize-hook=download {_PACKED} {shlex.quote(str(target))}",
        f'--customize-hook=rm "$1"{_PACKED}',
    ]


def _environment(temporary: Path, epoch: int) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in _PROXIES if name in os.environ}
    # the mark by which a later run ends what a killed one left running; no other variable of
    # careen, because scripts of packages could read it, and some hold credentials
    kept |= {name: os.environ[name] for name in (RUN,) if name in os.environ}
    return {
        **kept,
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(temporary),
        "SOURCE_DATE_EPOCH": str(epoch),
        "DEBIAN_FRONTEND": "noninteractive",
    }
