"""A root of Debian's packages by mmdebstrap, saved after each step."""

import os
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
_APT = 'APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get --yes --quiet'
_BASE = "?or(?essential,?priority(required),?exact-name(apt))"  # mmdebstrap's variant minbase
_LOST = (
    *("audit_control", "linux_immutable", "mac_admin", "mac_override", "net_admin", "net_raw"),
    *("sys_boot", "sys_module", "sys_ptrace", "sys_rawio", "sys_time", "syslog"),
)
"""Capabilities that neither mmdebstrap nor dpkg needs."""
_UNFETCHED = (
    *("./var/lib/apt/lists/partial", "./var/lib/apt/lists/lock"),
    *("./var/cache/apt/archives/partial", "./var/cache/apt/archives/lock"),
)
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

    @property
    def fetched(self) -> Path:
        """The file of lists and packages."""
        return self.into / "fetched.tar"


def bootstrap(wanted: Bootstrap) -> None:
    """Make the root and save it after each step; takes up to half an hour for each of two runs.

    The first run fetches. Maintainer scripts run in the second, as root in a chroot without a
    network and with fewer capabilities. Raises ToolError with the cause, InputError without room.
    """
    MMDEBSTRAP.require()
    _require_room(wanted.into)
    (wanted.into / "tmp").mkdir(mode=0o755)
    _make(wanted, [*_apart(alone=False), *_fetching(wanted)], wanted.sources.lines, _proxies())
    # the second run needs no password, and scripts of packages could read it
    _make(wanted, [*_apart(alone=True), *_options(wanted)], wanted.sources.public, {})
    wanted.fetched.unlink()


def _make(
    wanted: Bootstrap, words: Sequence[str], lines: Sequence[str], more: Mapping[str, str]
) -> None:
    # not as words: every user of the machine sees those, and lines may hold a password
    listed = _private(wanted.into / "careen.list", lines)
    argv = [*words, wanted.release, "-", str(listed)]
    environment = {**more, **_environment(wanted.into / "tmp", wanted.epoch)}
    done = run(argv, timeout=SECONDS, env=environment)
    said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    if done.status is None:
        msg = f"building the root: mmdebstrap did not finish in {SECONDS:g} s and was ended"
        raise ToolError(msg)
    if done.status != 0:
        msg = f"building the root of Debian {wanted.release}: {failure(said)}"
        raise ToolError(msg)


def _private(path: Path, lines: Sequence[str]) -> Path:
    """Write lines into a file that nobody else reads, and return it."""
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_text("\n".join((*lines, "")), "utf-8")
    return path


def _apart(*, alone: bool) -> list[str]:
    """Return what gives mmdebstrap mounts and processes of its own, which end when careen ends.

    It mounts /proc and others below the root; after SIGKILL they would stay. `alone` takes the
    network and capabilities, too.
    """
    lost = ("--bounding-set", ",".join(f"-{name}" for name in _LOST)) if alone else ()
    words = [SETPRIV.require(), "--pdeathsig", "KILL", *lost]
    words += [UNSHARE.require(), *(("--net", "--ipc") if alone else ())]
    words += ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return [*words, MMDEBSTRAP.require()]


def _require_room(folder: Path) -> None:
    seen = os.statvfs(folder)
    free = seen.f_bavail * seen.f_frsize
    if free < ROOM:
        msg = (
            f"building the root: {free >> 20:,} MiB are free in {str(folder)!r}, and"
            f" {ROOM >> 20:,} MiB are needed; free some, or name another place with --work-dir"
        )
        raise InputError(msg)


def _fetching(wanted: Bootstrap) -> list[str]:
    """Return the options that fetch lists and packages and install nothing.

    The packages of each step are asked for with those of the steps before it, because apt may
    choose another alternative when it knows more of them.
    """
    options = ["--variant=custom", *_common(wanted)]
    if wanted.sources.settings:  # a proxy may have a password
        settings = _private(wanted.into / "settings", wanted.sources.settings)
        options.append(f"--aptopt={settings}")
    names: list[str] = []
    for packages in wanted.steps:
        names += packages
        options.append(f"--customize-hook={_APT} --download-only install {_quoted(names, _BASE)}")
    words = " ".join(shlex.quote(f"--exclude={each}") for each in _UNFETCHED)
    pack = f'tar -C "$1" {words} -cf "$1"{_PACKED} ./var/lib/apt/lists ./var/cache/apt/archives'
    options.append(f"--customize-hook={pack}")
    options.append(f"--customize-hook=download {_PACKED} {shlex.quote(str(wanted.fetched))}")
    return options


def _options(wanted: Bootstrap) -> list[str]:
    """Return the options that install what is fetched."""
    first, *later = wanted.steps
    options = ["--variant=minbase", f"--include={','.join(sorted(first))}", *_common(wanted)]
    options += [
        "--skip=update,download/empty,essential/unlink",
        f"--setup-hook=tar-in {shlex.quote(str(wanted.fetched))} /",
    ]
    options += _saving(wanted.saved(0), lists=True)
    for number, packages in enumerate(later, 1):
        options.append(f"--customize-hook={_install(packages)}")
        options += _saving(wanted.saved(number), lists=False)
    return options


def _common(wanted: Bootstrap) -> list[str]:
    options = ["--format=null"]
    settings = (
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
    return options


def _preferences(pins: Sequence[LockedPackage]) -> str:
    """Return preferences by which apt knows the locked versions alone."""
    locked = (
        f"Package: {each.name}\nPin: version {each.version}\nPin-Priority: 1001\n" for each in pins
    )
    return "\n".join(("Package: *\nPin: release *\nPin-Priority: -1\n", *locked))


def _install(packages: Sequence[str]) -> str:
    chroot = '-oDPkg::Chroot-Directory="$1" -oDpkg::Use-Pty=false'
    return f"{_APT} {chroot} install {_quoted(packages)} < /dev/null"


def _quoted(packages: Sequence[str], *more: str) -> str:
    return " ".join(shlex.quote(name) for name in (*more, *sorted(packages)))


def _saving(target: Path, *, lists: bool) -> list[str]:
    """Return the hooks that save the root; in a user namespace only `download` reaches outside."""
    excluded = (*_EXCLUDED, *(() if lists else ("./var/lib/apt/lists/*",)))
    words = " ".join(shlex.quote(f"--exclude={each}") for each in excluded)
    return [
        f'--customize-hook={_TAR} {words} -cf "$1"{_PACKED} .',
        f"--customize-hook=download {_PACKED} {shlex.quote(str(target))}",
        f'--customize-hook=rm "$1"{_PACKED}',
    ]


def _proxies() -> Mapping[str, str]:
    return {name: os.environ[name] for name in _PROXIES if name in os.environ}


def _environment(temporary: Path, epoch: int) -> Mapping[str, str]:
    # the mark by which a later run ends what a killed one left running; no other variable of
    # careen, because scripts of packages could read it, and some hold credentials
    kept = {name: os.environ[name] for name in (RUN,) if name in os.environ}
    return {
        **kept,
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(temporary),
        "SOURCE_DATE_EPOCH": str(epoch),
        "DEBIAN_FRONTEND": "noninteractive",
    }
