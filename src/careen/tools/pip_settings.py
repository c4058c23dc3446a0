"""The machine's pip configuration: trusted certificates, index URL, constraints."""

import configparser
import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ConfigError
from careen.tools.read_file import read_file

MAX_FILE = 1 << 20
_CERTIFICATES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
_SECTIONS = ("install", "global")  # the first one with the key counts, in whatever file
_OF_DOWNLOAD = ("download", "global")


@dataclass(frozen=True, slots=True)
class Told:
    """A setting and its source: the name of a variable or the path of a file."""

    value: str
    by: str


def pip_files(environment: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """Return the configuration files that pip reads, in order of precedence."""
    named = environment.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return ()
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    users = (config / "pip/pip.conf", home / ".pip/pip.conf")
    machines = (Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"))
    if named and Path(named).exists():
        return (Path(named), *machines)  # pip reads the user's own only without a named one
    return (*users, *machines)


def pip_certificates(environment: Mapping[str, str], files: Sequence[Path]) -> Told | None:
    """Return the PEM file that pip or the usual variables name, or None if it does not exist."""
    for name in _CERTIFICATES:
        if environment.get(name) and Path(environment[name]).is_file():
            return Told(str(Path(environment[name]).absolute()), name)
    # As pip does: `~name` stays as it is if there is no such user, where pathlib raises.
    named = ((Path(os.path.expanduser(told.value)), told.by) for told in _settings(files, "cert"))  # noqa: PTH111
    return next((Told(str(path.absolute()), by) for path, by in named if path.is_file()), None)


def pip_index_url(environment: Mapping[str, str], files: Sequence[Path]) -> Told | None:
    """Return the URL of the index that pip uses, or None if no setting names one."""
    given = environment.get("PIP_INDEX_URL", "").strip()
    candidates = (
        *((Told(given, "PIP_INDEX_URL"),) if given else ()),
        *_settings(files, "index-url"),
    )
    return next(
        (told for told in candidates if told.value.startswith(("http://", "https://"))), None
    )


def pip_constraints(environment: Mapping[str, str], files: Sequence[Path]) -> tuple[str, ...]:
    """Return the constraint files of `pip download`, paths or URLs as they are written."""
    told = environment.get("PIP_CONSTRAINT", "").split()
    found = (each.value.split() for each in _settings(files, "constraint", _OF_DOWNLOAD))
    return tuple(told or next(found, ()))


def _settings(
    files: Sequence[Path], key: str, sections: Sequence[str] = _SECTIONS
) -> Iterator[Told]:
    """Yield the values of a key, the first section's of all files first."""
    read = list(_read(files))
    for section in sections:
        for path, parser in read:
            value = parser.get(section, key, fallback="") or parser.get(
                section, key.replace("-", "_"), fallback=""
            )
            if value.strip():
                yield Told(value.strip(), str(path))


def _read(files: Sequence[Path]) -> Iterator[tuple[Path, configparser.RawConfigParser]]:
    """Yield what files hold; those that pip cannot read are skipped."""
    for path in files:
        parser = configparser.RawConfigParser()
        with contextlib.suppress(ConfigError, UnicodeDecodeError, configparser.Error):
            parser.read_string(read_file(path, MAX_FILE).decode("utf-8"))
            yield path, parser
