"""Where Alpine's packages come from: repositories and the keys that sign their indexes."""

import re
from collections.abc import Sequence
from pathlib import Path

from careen.catalog.named_places import named_place
from careen.catalog.port import PackageSources
from careen.catalog.repository_lines import repositories_of
from careen.errors import InputError
from careen.tools.read_file import read_file

MAX_KEYS = 64
MAX_KEY = 64 << 10
MAX_LIST = 1 << 20
REPOSITORIES = Path("/etc/apk/repositories")
KEYS = Path("/etc/apk/keys")
RELEASE = Path("/etc/alpine-release")
_LINE = re.compile(r"(?:https?://\S{1,4000}|/\S{1,4000})")
_KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._+-]{0,200}\.pub")


def given(lines: Sequence[str], keys: Path | None) -> PackageSources:
    """Return the user's repositories. Raises InputError for one that is unusable, or without keys.

    `keys` is a file, or a directory of files; apk finds a key by the name of its file.
    """
    made = repositories_of(
        lines,
        _LINE,
        "the address or the path of a repository of apk, such as"
        " 'https://MIRROR/alpine/v3.23/main'",
    )
    if keys is None:
        msg = "--source: a repository of apk needs the keys that sign it; name them by --source-key"
        raise InputError(msg)
    key_files(keys)
    return PackageSources(made, tuple(map(named_place, made)), keys=keys)


def of_this_machine(
    release: str,
    repositories: Path = REPOSITORIES,
    keys: Path = KEYS,
    own: Path = RELEASE,
) -> PackageSources:
    """Return the repositories of this machine's apk, if it is of this release.

    Raises InputError.
    """
    try:
        version = own.read_text("utf-8", "replace")[:100].strip()
    except OSError:
        version = ""
    if version != release and not version.startswith(f"{release}."):
        msg = (
            f"this machine is no Alpine {release}; give its repositories with --source"
            f" 'https://MIRROR/alpine/v{release}/main', and their keys with --source-key"
        )
        raise InputError(msg)
    text = read_file(repositories, MAX_LIST).decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines()]
    return given([line for line in lines if _LINE.fullmatch(line)], keys)


def key_files(place: Path) -> tuple[Path, ...]:
    """Return the files of keys in a file or a directory. Raises InputError without any."""
    found = (place,) if not place.is_dir() else tuple(sorted(place.glob("*.pub")))
    named = tuple(each for each in found if _KEY_NAME.fullmatch(each.name))
    if not named or len(named) > MAX_KEYS:
        msg = (
            f"--source-key {str(place)!r}: expected 1 to {MAX_KEYS} keys of apk, files with the"
            " name that the signatures state, such as"
            " 'alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub'"
        )
        raise InputError(msg)
    for each in named:
        if b"PUBLIC KEY" not in read_file(each, MAX_KEY):
            msg = f"--source-key {str(each)!r}: is no public key in PEM"
            raise InputError(msg)
    return named
