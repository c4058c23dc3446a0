"""Where Red Hat's packages come from: repositories with metadata, and the key of the packages."""

import re
from collections.abc import Sequence
from pathlib import Path

from careen.catalog.credentials import require_plain, without_any, without_credentials
from careen.catalog.port import PackageSources
from careen.errors import InputError
from careen.tools.read_file import read_file

MAX_SOURCES = 64
MAX_KEY = 1 << 20
_LINE = re.compile(r"(?:https?://|file:///)[^\s\[\]]{1,4000}")


def given(lines: Sequence[str], keys: Path | None) -> PackageSources:
    """Return the user's repositories. Raises InputError for one that is unusable, or without keys.

    `keys` is a file of OpenPGP keys, in ASCII.
    """
    if len(lines) > MAX_SOURCES:
        msg = f"--source: {len(lines)} sources; at most {MAX_SOURCES} are used"
        raise InputError(msg)
    for line in lines:
        where = f"--source {without_any(line)[:200]!r}"
        if not _LINE.fullmatch(line.strip()):
            msg = (
                f"{where}: expected the address of a repository of dnf (the directory above"
                " repodata), such as 'https://MIRROR/ubi9/9/x86_64/baseos/os'"
            )
            raise InputError(msg)
        require_plain(line, where)
    if keys is None or keys.is_dir():
        msg = "--source: packages of rpm need the file of the keys that sign them, by --source-key"
        raise InputError(msg)
    if b"-----BEGIN PGP PUBLIC KEY BLOCK-----" not in read_file(keys, MAX_KEY):
        msg = f"--source-key {str(keys)!r}: is no OpenPGP key in ASCII (`gpg --armor --export`)"
        raise InputError(msg)
    if re.search(r"[\s%]", str(keys.absolute())):
        msg = f"--source-key {str(keys)!r}: a space or a percent sign cannot be named to dnf"
        raise InputError(msg)
    made = tuple(line.strip().rstrip("/") for line in lines)
    return PackageSources(made, notes=tuple(map(_open, filter(_is_open, made))), keys=keys)


def _is_open(line: str) -> bool:
    return line.startswith("http://")


def _open(line: str) -> str:
    return (
        f"--source {without_credentials(line)!r}: dnf checks the signatures of packages, and not of"
        " the list of packages: without TLS somebody on the way can serve old packages"
    )
