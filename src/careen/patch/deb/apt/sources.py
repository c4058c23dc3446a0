"""Package sources of apt: the user's `--source` lines or the image's own, signed ones only."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError
from careen.patch.credentials import without_credentials
from careen.patch.deb.apt.environment import QUIET
from careen.patch.sandbox import Sandbox

MAX_KEY = 4 << 20
MAX_SOURCES = 64

_LINE = re.compile(r"deb(?:\s+\[([^\[\]\n]*)\])?\s+(\S+)\s+(\S+)((?:\s+\S+)*)\s*")
_UNVERIFIED = ("trusted", "allow-insecure", "allow-weak", "allow-downgrade-to-insecure")
_YES = r"(?:yes|true|1|on|with|enable)"
_UNSIGNED_LINE = re.compile(
    rf"\s*deb(?:-src)?\s+\[[^\]]*\b(?:trusted|allow-insecure|allow-weak)\s*=\s*{_YES}",
    re.IGNORECASE,
)
_UNSIGNED_FIELD = re.compile(rf"(?:trusted|allow-insecure|allow-weak)\s*:\s*{_YES}", re.IGNORECASE)
_STARTS = re.compile(r"#careen-source (/etc/apt/\S+)")
_READ = (
    "for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list"
    ' /etc/apt/sources.list.d/*.sources; do if [ -f "$f" ]; then echo "#careen-source $f"; cat'
    ' "$f"; echo; fi; done'
)
_ENDED = re.compile(r"//(?:archive\.debian\.org|old-releases\.ubuntu\.com)\b")
_KEYS = (
    "for f in /etc/apt/trusted.gpg /etc/apt/trusted.gpg.d/*.gpg /etc/apt/trusted.gpg.d/*.asc; do"
    " [ -s $f ] && exit 0; done; for f in /usr/share/keyrings/debian-archive-keyring.pgp"
    " /usr/share/keyrings/debian-archive-keyring.gpg"
    " /usr/share/keyrings/ubuntu-archive-keyring.gpg; do [ -s $f ] && echo $f && exit 0; done;"
    " exit 0"
)


@dataclass(frozen=True, slots=True)
class Sources:
    """apt options that select the sources, the sources' URIs (empty for no sources), and notes."""

    options: tuple[str, ...]
    uris: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def local(self) -> bool:
        """Whether all sources are local directories, so that no network is needed."""
        return all(uri.startswith(("file:", "copy:", "cdrom:")) for uri in self.uris)


def given_sources(
    lines: Sequence[str], keys: Sequence[str], sandbox: Sandbox, place: str, *, in_tooling: bool
) -> Sources:
    """Write the user's sources and keys to the sandbox directory `place`.

    Raises InputError for a line or a key file that cannot be used.
    """
    sandbox.directory(place)
    signed = ",".join(_copy_keys(keys, sandbox, place)) or _own_keyring(
        sandbox, in_tooling=in_tooling
    )
    written: list[str] = []
    uris: list[str] = []
    for line in lines[:MAX_SOURCES]:
        found = _LINE.fullmatch(line.strip())
        if found is None:
            msg = (
                f"--source {without_credentials(line)!r}: expected 'deb URI SUITE COMPONENT…' for"
                " an image with apt"
            )
            raise InputError(msg)
        options = (found[1] or "").split()
        for option in options:
            if option.lower().partition("=")[0].rstrip("+-") in _UNVERIFIED:
                msg = (
                    f"--source {without_credentials(line)!r}: {option}: only sources with a valid"
                    " signature are used; add the key with --source-key"
                )
                raise InputError(msg)
        if signed and not any(option.lower().startswith("signed-by=") for option in options):
            options.append(f"signed-by={signed}")
        written.append(
            " ".join(
                [
                    "deb",
                    *([f"[{' '.join(options)}]"] if options else []),
                    found[2],
                    found[3],
                    *found[4].split(),
                ]
            )
        )
        uris.append(found[2])
    listed = sandbox.put(f"{place}/sources.list", _text(written))
    options_ = (f"Dir::Etc::sourcelist={listed}", "Dir::Etc::sourceparts=/dev/null")
    return Sources(options_, tuple(uris), tuple(_notes("\n".join(lines))))


def own_sources(sandbox: Sandbox, place: str, *, in_tooling: bool) -> Sources:
    """Return the image's own sources without those that it trusts unsigned; a note names these."""
    done = sandbox.run(
        ("sh", "-c", _READ),
        doing="reading the image's package sources",
        env=QUIET,
        check=False,
        in_tooling=in_tooling,
    )
    files: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in done.output.splitlines():
        if start := _STARTS.fullmatch(line):
            lines = files.setdefault(start[1], [])
        else:
            lines.append(line)
    kept = {
        path: (_signed_stanzas if path.endswith(".sources") else _signed_lines)(found)
        for path, found in files.items()
    }
    uris = tuple(
        dict.fromkeys(
            uri
            for path, found in kept.items()
            for uri in _uris(found, stanzas=path.endswith(".sources"))
        )
    )
    notes = _notes("\n".join(line for found in kept.values() for line in found))
    if all(kept[path] == files[path] for path in files):
        return Sources((), uris, tuple(notes))
    inside = sandbox.directory(f"{place}/sources.d")
    for i, (path, found) in enumerate(sorted(kept.items())):
        suffix = "sources" if path.endswith(".sources") else "list"
        sandbox.put(f"{place}/sources.d/{i}.{suffix}", _text(found))
    left_out = ", ".join(path for path in sorted(files) if kept[path] != files[path])
    notes.insert(0, f"sources that the image trusts without a signature are not used ({left_out})")
    return Sources(
        ("Dir::Etc::sourcelist=/dev/null", f"Dir::Etc::sourceparts={inside}"), uris, tuple(notes)
    )


def _text(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def _copy_keys(keys: Sequence[str], sandbox: Sandbox, place: str) -> list[str]:
    names: list[str] = []
    for i, key in enumerate(keys):
        try:
            with Path(key).open("rb") as stream:
                data = stream.read(MAX_KEY + 1)
        except OSError as error:
            msg = f"--source-key {key!r}: {error.strerror}"
            raise InputError(msg) from error
        if not data or len(data) > MAX_KEY:
            msg = (
                f"--source-key {key!r}: {'empty' if not data else 'larger than 4 MiB'}; expected an"
                " OpenPGP key"
            )
            raise InputError(msg)
        suffix = "asc" if data.lstrip().startswith(b"-----BEGIN PGP") else "gpg"
        names.append(sandbox.put(f"{place}/key-{i}.{suffix}", data))
    return names


def _own_keyring(sandbox: Sandbox, *, in_tooling: bool) -> str:
    """Return the distribution's keyring if the image's apt trusts no key globally, else ""."""
    done = sandbox.run(
        ("sh", "-c", _KEYS),
        doing="looking for the archive's keys",
        env=QUIET,
        check=False,
        in_tooling=in_tooling,
    )
    words = done.output.split()
    return (
        words[0]
        if done.status == 0 and len(words) == 1 and words[0].startswith("/usr/share/keyrings/")
        else ""
    )


def _signed_lines(lines: list[str]) -> list[str]:
    return [line for line in lines if not _UNSIGNED_LINE.match(line)]


def _signed_stanzas(lines: list[str]) -> list[str]:
    out: list[str] = []
    stanza: list[str] = []
    for line in [*lines, ""]:
        stanza.append(line)
        if not line.strip():
            if not any(_UNSIGNED_FIELD.match(each) for each in stanza):
                out += stanza
            stanza = []
    return out[:-1] if out and len(out) > len(lines) else out


def _uris(lines: list[str], *, stanzas: bool) -> list[str]:
    if stanzas:
        return [
            uri for line in lines if line.lower().startswith("uris:") for uri in line[5:].split()
        ]
    return [
        found[2]
        for line in lines
        for found in [_LINE.fullmatch(line.split("#")[0].strip())]
        if found
    ]


def _notes(text: str) -> list[str]:
    notes: list[str] = []
    if _ENDED.search(text):
        notes.append(
            "packages come from the archive of end-of-life releases, which get no fixes; move to"
            " a supported release"
        )
    if re.search(r"check-valid-until\s*[=:]\s*(?:no|false|0|off)", text, re.IGNORECASE):
        notes.append(
            "the age of the package lists is not checked (check-valid-until=no): they may be old"
        )
    return notes
