"""Where packages come from: `--source` lines, or what this machine's apt uses, signed only."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError, ToolError
from careen.tools.process import run

APT = Path("/etc/apt")
KEYRINGS = Path("/usr/share/keyrings")
MAX_SOURCES = 64
MAX_FILE = 1 << 20
_DUMP_SECONDS = 30.0
_LINE = re.compile(
    r"deb(?:[ \t]+\[([^\[\]\n]{0,2000})\])?[ \t]+(\S+)[ \t]+(\S+)((?:[ \t]+[^\s#]\S*){1,20})[ \t]*"
)
_SETTING = re.compile(r"Acquire::(?:https?|ForceIPv4|Retries)[^\s\"]* \"[^\n]*\";")
_CHECK = re.compile(r"Acquire::Check-(?:Valid-Until|Date) \"[^\n]*\";")
_OFF = ("false", "no", "0", "off", "without", "disable")
_CREDENTIALS = re.compile(r"(//)[^/@\s]{1,400}@")
_UNVERIFIED = ("trusted", "allow-insecure", "allow-weak", "allow-downgrade-to-insecure")


@dataclass(frozen=True, slots=True)
class AptSources:
    """One-line sources, the apt settings that belong to them, and notes for the user."""

    lines: tuple[str, ...]
    settings: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def public(self) -> tuple[str, ...]:
        """The lines without credentials."""
        return tuple(_CREDENTIALS.sub(r"\1", line) for line in self.lines)


def given(lines: Sequence[str], keyring: Path | None) -> AptSources:
    """Return the user's own lines; `keyring` signs those that name none. Raises InputError."""
    out: list[str] = []
    for line in lines[:MAX_SOURCES]:
        found = _LINE.fullmatch(line.strip())
        shown = _CREDENTIALS.sub(r"\1", line)[:200]
        if found is None:
            msg = f"--source {shown!r}: expected 'deb URI SUITE COMPONENT…'"
            raise InputError(msg)
        options = (found[1] or "").split()
        for option in options:
            if option.lower().partition("=")[0].rstrip("+-") in _UNVERIFIED:
                msg = (
                    f"--source {shown!r}: {option}: only sources with a valid signature are used;"
                    " name the key with --source-key"
                )
                raise InputError(msg)
        signed = any(option.lower().startswith("signed-by=") for option in options)
        if keyring is not None and not signed:
            options.append(f"signed-by={keyring.absolute()}")
        out.append(_line(options, found[2], found[3], found[4].split()))
    return AptSources(tuple(out), _settings(checks=False)[0])


def of_this_machine(release: str, own: str, folder: Path = APT) -> AptSources:
    """Return this machine's sources of a Debian release, by network and signed.

    Another release than the machine's `own` is taken from the same mirrors. Raises InputError
    without any.
    """
    lines: dict[str, None] = {}
    for stanza in _stanzas(folder):
        if "deb" not in stanza.get("types", "").split() or stanza.get("enabled", "yes") == "no":
            continue
        if any(stanza.get(name, "").lower() in ("yes", "true", "1") for name in _UNVERIFIED):
            continue
        signed = stanza.get("signed-by", "")
        options = [f"signed-by={signed}"] if signed.startswith("/") else []
        for uri in stanza.get("uris", "").split():
            for suite in stanza.get("suites", "").split():
                name, dash, rest = suite.partition("-")
                if name not in (release, own) or uri.startswith(("file:", "cdrom:", "copy:")):
                    continue
                components = stanza.get("components", "main").split()
                lines[_line(options, uri, release + dash + rest, components)] = None
    if not lines:
        msg = (
            f"this machine's apt has no signed source of Debian {release}; give one with --source"
            f" 'deb URI {release} main', and its key with --source-key"
        )
        raise InputError(msg)
    settings, notes = _settings(checks=True)
    return AptSources(tuple(lines)[:MAX_SOURCES], settings, notes)


def release_of_this_machine(path: Path = Path("/etc/os-release")) -> str:
    """Return the codename of this machine's Debian, "" if it is another system."""
    try:
        text = path.read_text("utf-8", "replace")[:65536]
    except OSError:
        return ""
    said = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return said.get("VERSION_CODENAME", "").strip("\"'") if said.get("ID") == "debian" else ""


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
    off = [line for line in lines if _CHECK.fullmatch(line) and line.split('"')[1].lower() in _OFF]
    if not checks or not off:
        return tuple(found), ()
    note = (
        "this machine's apt does not check how old the package lists are (Check-Valid-Until or"
        " Check-Date is off): they may be old"
    )
    return (*found, *off), (note,)


def _stanzas(folder: Path) -> Iterator[Mapping[str, str]]:
    """Yield this machine's package sources, in the fields of the deb822 form."""
    for path in sorted(folder.glob("sources.list.d/*.sources")):
        for block in re.split(r"\n[ \t]*\n", _text(path)):
            pairs = (line.partition(":") for line in block.splitlines() if line[:1] not in "# \t")
            yield {name.lower(): value.strip() for name, _, value in pairs if value}
    for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))):
        for line in _text(path).splitlines():
            if found := _LINE.fullmatch(line.partition("#")[0].strip()):
                options = (found[1] or "").split()
                yield {
                    **dict(option.lower().split("=", 1) for option in options if "=" in option),
                    "types": "deb",
                    "uris": found[2],
                    "suites": found[3],
                    "components": found[4].strip(),
                }


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_FILE).decode("utf-8", "replace")
    except OSError:
        return ""
