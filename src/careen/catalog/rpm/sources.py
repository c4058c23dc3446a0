"""Where Red Hat's packages come from: repositories with metadata, and the key of the packages."""

import re
from collections.abc import Sequence
from pathlib import Path

from careen.catalog.credentials import without_credentials
from careen.catalog.named_places import named_place
from careen.catalog.port import PackageSources
from careen.catalog.repository_lines import repositories_of
from careen.errors import InputError
from careen.tools.read_file import read_file

MAX_KEY = 1 << 20
_LINE = re.compile(r"(?:https?://|file:///)[^\s\[\]]{1,4000}")


def given(lines: Sequence[str], keys: Path | None) -> PackageSources:
    """Return the user's repositories. Raises InputError for one that is unusable, or without keys.

    `keys` is a file of OpenPGP keys, in ASCII.
    """
    made = repositories_of(
        lines,
        _LINE,
        "the address of a repository of dnf (the directory above repodata), such as"
        " 'https://MIRROR/ubi9/9/x86_64/baseos/os'",
    )
    if keys is None or keys.is_dir():
        msg = "--source: packages of rpm need the file of the keys that sign them, by --source-key"
        raise InputError(msg)
    if b"-----BEGIN PGP PUBLIC KEY BLOCK-----" not in read_file(keys, MAX_KEY):
        msg = f"--source-key {str(keys)!r}: is no OpenPGP key in ASCII (`gpg --armor --export`)"
        raise InputError(msg)
    if re.search(r"[\s%]", str(keys.absolute())):
        msg = f"--source-key {str(keys)!r}: a space or a percent sign cannot be named to dnf"
        raise InputError(msg)
    notes = tuple(map(_open, filter(_is_open, made)))
    return PackageSources(made, tuple(map(named_place, made)), notes=notes, keys=keys)


def _is_open(line: str) -> bool:
    return line.startswith("http://")


def _open(line: str) -> str:
    return (
        f"--source {without_credentials(line)!r}: dnf checks the signatures of packages, and not of"
        " the list of packages: without TLS somebody on the way can serve old packages"
    )
