"""The sources in this machine's apt folder, in both forms, read as apt reads them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from careen.errors import InputError

MAX_FILE = 1 << 20
LINE = re.compile(
    r"deb(?:[ \t]+\[([^\[\]\n]{0,2000})\])?[ \t]+([^\s\[]\S*)[ \t]+(\S+)"
    r"((?:[ \t]+[^\s#]\S*){1,20})[ \t]*"
)
OFF = ("false", "no", "0", "off", "without", "disable")
UNVERIFIED = ("trusted", "allow-insecure", "allow-weak", "allow-downgrade-to-insecure")
_KEY_FILE = re.compile(r"/[^\s,\[\]]{1,4000}")
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{40}!?")
_FIELDS = {"arch": "architectures", "arch+": "architectures-add", "arch-": "architectures-remove"}


def stanzas(folder: Path) -> Iterator[Mapping[str, str]]:
    """Yield the sources that are turned on, in the fields of the deb822 form, in lower case.

    A value keeps its lines. Raises InputError for a file that is too large.
    """
    for path in sorted(folder.glob("sources.list.d/*.sources")):
        # a line of a comment does not end a stanza or a value
        lines = [line for line in _text(path).splitlines() if not line.startswith("#")]
        for block in re.split(r"\n[ \t]*\n", "\n".join(lines)):
            fields = _fields(block)
            if fields and fields.get("enabled", "yes").lower() not in OFF:
                yield fields
    for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))):
        for line in _text(path).splitlines():
            if found := LINE.fullmatch(line.partition("#")[0].strip()):
                yield {
                    **_options((found[1] or "").split()),
                    "types": "deb",
                    "uris": found[2],
                    "suites": found[3],
                    "components": found[4].strip(),
                }


def is_unverified(stanza: Mapping[str, str]) -> bool:
    """Say whether apt would take this source without a valid signature."""
    return any(stanza.get(name, "no").lower() not in OFF for name in UNVERIFIED)


def is_for(stanza: Mapping[str, str], architecture: str) -> bool:
    """Say whether a source has packages of an architecture, by its fields."""
    only, removed = (_words(stanza.get(f"architectures{x}", "")) for x in ("", "-remove"))
    added = _words(stanza.get("architectures-add", ""))
    return (not only or architecture in {*only, *added}) and architecture not in removed


def signed_by(stanza: Mapping[str, str], where: str) -> list[str]:
    """Return the option that names the keys of a source, none if it names none.

    Raises InputError, `where` first, for keys that a line of apt cannot name.
    """
    said = stanza.get("signed-by", "").strip()
    if not said:
        return []
    words = _words(said)
    form = _KEY_FILE if said.startswith("/") else _FINGERPRINT
    if not words or not all(form.fullmatch(word) for word in words):
        msg = (
            f"{where}: Signed-By is neither a file nor fingerprints, and cannot be passed on; name"
            " the source with --source and a file of its key with --source-key"
        )
        raise InputError(msg)
    return [f"signed-by={','.join(words)}"]


def _fields(block: str) -> Mapping[str, str]:
    out: dict[str, str] = {}
    last = ""
    for line in block.splitlines():
        if line[:1] in (" ", "\t"):
            if last:
                out[last] += "\n" + line.strip()
            continue
        name, colon, value = line.partition(":")
        last = name.strip().lower() if colon else ""
        if last:
            out[last] = value.strip()
    return out


def _options(words: list[str]) -> Mapping[str, str]:
    pairs = (word.partition("=") for word in words if "=" in word)
    return {_FIELDS.get(name.lower(), name.lower()): value for name, _, value in pairs}


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE + 1)
    except OSError:
        return ""
    if len(data) > MAX_FILE:
        msg = f"{path}: is larger than {MAX_FILE >> 20} MiB; give the sources with --source"
        raise InputError(msg)
    return data.decode("utf-8", "replace")
