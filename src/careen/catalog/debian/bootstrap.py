"""A root of Debian's packages by mmdebstrap, saved after each step."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from careen.catalog.debian.failures import failure
from careen.catalog.debian.fetched import require_locked
from careen.catalog.isolation import (
    TAR,
    apart,
    environment,
    finished,
    private,
    proxies,
    require_room,
    said,
)
from careen.catalog.port import RootRequest
from careen.errors import ToolError
from careen.model.catalog.lock import LockedPackage
from careen.tools.process import Program

MMDEBSTRAP = Program(("mmdebstrap",), "mmdebstrap")
_PACKED = "/.careen-step.tar"
_TAR = f'tar -C "$1" {" ".join(TAR)}'
_PREFERENCES = "/etc/apt/preferences.d/careen"
_APT = 'APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get --yes --quiet'
_BASE = "?or(?essential,?priority(required),?exact-name(apt))"  # mmdebstrap's variant minbase
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


def bootstrap(wanted: RootRequest, title: str) -> None:
    """Make the root and save it after each step, the first with apt's lists; two runs.

    The first run fetches. Maintainer scripts run in the second, as root in a chroot without a
    network and with fewer capabilities. Raises ToolError with the cause, InputError without
    room, VerificationError if what is fetched is not what is locked.
    """
    MMDEBSTRAP.require()
    require_room(wanted.into)
    (wanted.into / "tmp").mkdir(mode=0o755)
    fetching, installing = _fetching(wanted), _options(wanted)
    _make(wanted, title, [*apart(alone=False), *fetching], wanted.sources.lines, proxies())
    if wanted.pins:
        require_locked(_fetched(wanted), wanted.pinned)
    # the second run needs no password, and scripts of packages could read it
    _settings(wanted).unlink(missing_ok=True)
    _make(wanted, title, [*apart(alone=True), *installing], wanted.sources.passwordless, {})
    _fetched(wanted).unlink()


def _settings(wanted: RootRequest) -> Path:
    """Return the file of apt's settings for the first run."""
    return wanted.into / "settings"


def _fetched(wanted: RootRequest) -> Path:
    """Return the file of lists and packages."""
    return wanted.into / "fetched.tar"


def _make(
    wanted: RootRequest,
    title: str,
    words: Sequence[str],
    lines: Sequence[str],
    more: Mapping[str, str],
) -> None:
    # not as words: every user of the machine sees those, and lines may hold a password
    listed = private(wanted.into / "careen.list", lines)
    env = {**more, **environment(wanted.into / "tmp", wanted.epoch)}
    env["DEBIAN_FRONTEND"] = "noninteractive"
    done = finished([*words, wanted.release, "-", str(listed)], env, "mmdebstrap")
    if done.status != 0:
        msg = f"building the root of {title} {wanted.release}: {failure(said(done))}"
        raise ToolError(msg)


def _fetching(wanted: RootRequest) -> list[str]:
    """Return the options that fetch lists and packages and install nothing.

    The packages of each step are asked for with those of the steps before it, because apt may
    choose another alternative when it knows more of them.
    """
    options = [MMDEBSTRAP.require(), "--variant=custom", *_common(wanted)]
    if wanted.sources.settings:  # a proxy may have a password
        settings = private(_settings(wanted), wanted.sources.settings)
        options.append(f"--aptopt={settings}")
    names: list[str] = []
    for packages in wanted.steps:
        names += packages
        options.append(f"--customize-hook={_APT} --download-only install {_quoted(names, _BASE)}")
    words = " ".join(shlex.quote(f"--exclude={each}") for each in _UNFETCHED)
    pack = f'tar -C "$1" {words} -cf "$1"{_PACKED} ./var/lib/apt/lists ./var/cache/apt/archives'
    options.append(f"--customize-hook={pack}")
    options.append(f"--customize-hook=download {_PACKED} {shlex.quote(str(_fetched(wanted)))}")
    return options


def _options(wanted: RootRequest) -> list[str]:
    """Return the options that install what is fetched."""
    first, *later = wanted.steps
    options = [MMDEBSTRAP.require(), "--variant=minbase"]
    options += [f"--include={','.join(sorted(first))}", *_common(wanted)]
    options += [
        "--skip=update,download/empty,essential/unlink",
        f"--setup-hook=tar-in {shlex.quote(str(_fetched(wanted)))} /",
    ]
    options += _saving(wanted.saved(0), lists=True)
    for number, packages in enumerate(later, 1):
        options.append(f"--customize-hook={_install(packages)}")
        options += _saving(wanted.saved(number), lists=False)
    return options


def _common(wanted: RootRequest) -> list[str]:
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
        locked = sorted({each for step in wanted.pins for each in step})
        pins.write_text(_preferences(locked), "utf-8")
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
