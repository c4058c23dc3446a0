"""What pip on this machine has been told: whose certificates to trust, and which index to ask."""

import configparser
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ConfigError
from careen.tools.read_file import read_file

MAX_FILE = 1 << 20
_CERTIFICATES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
_SECTIONS = ("install", "global")  # the first one that says it


@dataclass(frozen=True, slots=True)
class Told:
    """A setting, and who has it: a variable or a file."""

    value: str
    by: str


def pip_files(environment: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """Return the configuration files that pip reads here, those that count most first."""
    named = environment.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return ()
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    usual = (
        config / "pip/pip.conf",
        home / ".pip/pip.conf",
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
    )
    return (Path(named), *usual) if named else usual


def told_certificates(environment: Mapping[str, str], files: Sequence[Path]) -> Told | None:
    """Return the PEM file that pip is told to trust, or that the usual variables name, if there is
    one; None without it.
    """
    for name in _CERTIFICATES:
        if environment.get(name) and Path(environment[name]).is_file():
            return Told(str(Path(environment[name]).absolute()), name)
    found = (told for told in _settings(files, "cert") if Path(told.value).expanduser().is_file())
    return next(
        (Told(str(Path(told.value).expanduser().absolute()), told.by) for told in found), None
    )


def told_index(environment: Mapping[str, str], files: Sequence[Path]) -> Told | None:
    """Return the address of the index that pip asks here, None where nobody named one."""
    given = environment.get("PIP_INDEX_URL", "").strip()
    candidates = (
        *((Told(given, "PIP_INDEX_URL"),) if given else ()),
        *_settings(files, "index-url"),
    )
    return next(
        (told for told in candidates if told.value.startswith(("http://", "https://"))), None
    )


def _settings(files: Sequence[Path], key: str) -> Iterator[Told]:
    """Yield what each file says of a key. A file that pip could not read either is passed over."""
    for path in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(read_file(path, MAX_FILE).decode("utf-8"))
        except (ConfigError, UnicodeDecodeError, configparser.Error):
            continue
        for section in _SECTIONS:
            value = parser.get(section, key, fallback="") or parser.get(
                section, key.replace("-", "_"), fallback=""
            )
            if value.strip():
                yield Told(value.strip(), str(path))
                break
