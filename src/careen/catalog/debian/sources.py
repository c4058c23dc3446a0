"""Where packages come from: `--source` lines, or what this machine's apt uses, signed only."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from careen.catalog.credentials import require_plain, without_any, without_credentials
from careen.catalog.debian.named_keys import MAX_KEYS, digest_of_keys, named_line
from careen.catalog.debian.sources_machine import (
    LINE,
    OFF,
    UNVERIFIED,
    is_for,
    is_unverified,
    signed_by,
    stanzas,
)
from careen.catalog.named_places import is_local
from careen.catalog.port import PackageSources
from careen.errors import InputError, ToolError
from careen.tools.process import run
from careen.tools.read_file import read_file

APT = Path("/etc/apt")
MAX_SOURCES = 64
_DUMP_SECONDS = 30.0
_SETTING = re.compile(r"Acquire::(?:https?|ForceIPv4|Retries)[^\s\"]* \"[^\n]*\";")
_CHECK = re.compile(r"Acquire::Check-(?:Valid-Until|Date) \"[^\n]*\";")
_UNDATED = ("check-valid-until", "check-date")
_NO_KEYS = re.compile(r"(?!)")


def given(
    lines: Sequence[str], keyring: Path | None, release: str, own_keys: re.Pattern[str] = _NO_KEYS
) -> PackageSources:
    """Return the user's own lines of a release; `keyring` signs those that name none.

    `own_keys` matches the files of the distribution's keys. Raises InputError.
    """
    _require_few(len(lines), "--source")
    made = tuple(_given(line, keyring, release) for line in lines)
    old = [line for line in made if _is_undated(line)]
    notes = tuple(
        f"--source {without_credentials(line)!r}: its package lists may be old: their dates are not"
        " checked"
        for line in old
    )
    return PackageSources(made, _public(made, own_keys), _settings(checks=False)[0], notes)


def _given(line: str, keyring: Path | None, release: str) -> str:
    where = f"--source {without_any(line)[:200]!r}"
    found = LINE.fullmatch(line.strip())
    if found is None:
        msg = f"{where}: expected 'deb URI SUITE COMPONENT…'"
        raise InputError(msg)
    require_plain(found[2], where)
    options = (found[1] or "").split()
    for option in options:
        if _name(option) in UNVERIFIED:
            msg = (
                f"{where}: {option}: only sources with a valid signature are used; name the key"
                " with --source-key"
            )
            raise InputError(msg)
    if not _is_of(found[3], release):
        suite = without_any(f"//{found[3]}")[2:]
        msg = f"{where}: the suite is {suite!r}; expected {release}, or {release}-…"
        raise InputError(msg)
    if keyring is not None and not any(_name(option) == "signed-by" for option in options):
        options.append(f"signed-by={_plain_path(keyring)}")
    return _line(options, found[2], found[3], found[4].split())


def of_this_machine(
    release: str,
    own: str,
    folder: Path = APT,
    architecture: str = "",
    title: str = "Debian",
    own_keys: re.Pattern[str] = _NO_KEYS,
) -> PackageSources:
    """Return this machine's sources of a release of Debian or `title`, by network and signed.

    Another release than the machine's `own` is taken from the same mirrors. With `architecture`,
    sources without packages of it are left out. Raises InputError without any.
    """
    lines: dict[str, None] = {}
    for stanza in stanzas(folder):
        if "deb" not in stanza.get("types", "").split() or is_unverified(stanza):
            continue
        if architecture and not is_for(stanza, architecture):
            continue
        for uri in stanza.get("uris", "").split():
            for suite in stanza.get("suites", "").split():
                known = next((x for x in (release, own) if x and _is_of(suite, x)), None)
                if known is None or is_local(uri):
                    continue
                where = f"this machine's apt source {without_credentials(uri)!r}"
                require_plain(uri, where)
                components = stanza.get("components", "main").split()
                taken = release + suite.removeprefix(known)
                lines[_line(signed_by(stanza, where), uri, taken, components)] = None
    if not lines:
        msg = (
            f"this machine's apt has no signed source of {title} {release}; give one with --source"
            f" 'deb URI {release} main', and its key with --source-key"
        )
        raise InputError(msg)
    _require_few(len(lines), "this machine's apt")
    settings, notes = _settings(checks=True)
    return PackageSources(tuple(lines), _public(lines, own_keys), settings, notes)


def release_of_this_machine(
    distribution: str = "debian", path: Path = Path("/etc/os-release")
) -> str:
    """Return the codename of this machine's release, "" if it is of another distribution."""
    try:
        text = path.read_text("utf-8", "replace")[:65536]
    except OSError:
        return ""
    said = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return said.get("VERSION_CODENAME", "").strip("\"'") if said.get("ID") == distribution else ""


def _public(lines: Iterable[str], own_keys: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(named_line(line, own_keys, digest_of_keys) for line in lines)


def _line(options: Sequence[str], uri: str, suite: str, components: Sequence[str]) -> str:
    words = ["deb", *([f"[{' '.join(options)}]"] if options else []), uri, suite, *components]
    return " ".join(words)


def _settings(*, checks: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return this machine's apt settings for downloads, and a note if it checks no dates."""
    try:
        done = run(["apt-config", "dump"], timeout=_DUMP_SECONDS)
    except ToolError:
        return (), ()
    lines = done.text.splitlines()
    found = [line for line in lines if _SETTING.fullmatch(line)]
    off = [line for line in lines if _CHECK.fullmatch(line) and line.split('"')[1].lower() in OFF]
    if not checks or not off:
        return tuple(found), ()
    note = (
        "this machine's apt does not check how old the package lists are (Check-Valid-Until or"
        " Check-Date is off): they may be old"
    )
    return (*found, *off), (note,)


def _require_few(number: int, where: str) -> None:
    if number > MAX_SOURCES:
        msg = f"{where}: {number} sources; at most {MAX_SOURCES} are used"
        raise InputError(msg)


def _is_of(suite: str, release: str) -> bool:
    return suite == release or suite.startswith(f"{release}-")


def _name(option: str) -> str:
    return option.lower().partition("=")[0].rstrip("+-")


def _is_undated(line: str) -> bool:
    found = LINE.fullmatch(line)
    options = (found[1] or "").split() if found is not None else []
    return any(
        _name(option) in _UNDATED and option.lower().partition("=")[2] in OFF for option in options
    )


def _plain_path(path: Path) -> Path:
    """Return the whole path of a key file. Raises InputError for one that apt cannot use."""
    if path.is_dir():
        msg = f"--source-key {str(path)!r}: expected a file of OpenPGP keys, got a directory"
        raise InputError(msg)
    if re.search(r"[\s\[\],]", str(path.absolute())):
        msg = f"--source-key {str(path)!r}: a space, comma or bracket cannot be named to apt"
        raise InputError(msg)
    read_file(path, MAX_KEYS)
    return path.absolute()
