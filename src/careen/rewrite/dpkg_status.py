"""dpkg's status file and others made of the same paragraphs (`status-old`, apt's `extended_states`): removed packages leave, the rest keep their bytes."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from careen.rewrite.dpkg_info import PackageFiles
from careen.rewrite.fate import Fate
from careen.rewrite.lines import decode, encode, split_lines

MAX_STATUS = 128 * 1024 * 1024
_FIELD = re.compile(r"(?:Package|Architecture|Version):", re.IGNORECASE)
_CONFFILES = "conffiles:"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which package a paragraph is about. Empty where it does not say."""

    name: str
    architecture: str
    version: str


def paragraphs(text: str) -> list[str]:
    """Split into paragraphs, each with the blank lines that follow it; joined, they are the text again."""
    out: list[str] = []
    current: list[str] = []
    ended = False
    for line in split_lines(text):
        blank = not line.strip(" \t\r\n")
        if ended and not blank:
            out.append("".join(current))
            current = []
        ended = blank and bool(current)
        current.append(line)
    if current:
        out.append("".join(current))
    return out


def identity(paragraph: str) -> Identity:
    """Return the Package, Architecture and Version of a paragraph; the first of each counts."""
    found: dict[str, str] = {}
    for line in split_lines(paragraph):
        if _FIELD.match(line):
            key, _, value = line.partition(":")
            found.setdefault(key.lower(), value.strip())
    return Identity(found.get("package", ""), found.get("architecture", ""), found.get("version", ""))


def _removed(who: Identity, removed: Collection[tuple[str, str]]) -> bool:
    return (who.name, who.architecture) in removed or (who.name, "") in removed


def drop_paragraphs(data: bytes, removed: Collection[tuple[str, str]]) -> bytes:
    """Return `data` without the paragraphs of `removed` ((name, architecture); an empty architecture stands for any)."""
    return encode("".join(part for part in paragraphs(decode(data)) if not _removed(identity(part), removed)))


def edit_status(data: bytes, removed: Collection[tuple[str, str]], files: PackageFiles, touched: frozenset[str]) -> bytes:
    """As `drop_paragraphs`, and the `Conffiles` field of the packages that stay names only what is still there."""
    out: list[str] = []
    for part in paragraphs(decode(data)):
        who = identity(part)
        if not _removed(who, removed):
            out.append(_edit_conffiles(part, who, files, touched))
    return encode("".join(out))


def _edit_conffiles(paragraph: str, who: Identity, files: PackageFiles, touched: frozenset[str]) -> str:
    loses_files = who.name in touched or f"{who.name}:{who.architecture}" in touched
    out: list[str] = []
    header: str | None = None  # of the Conffiles field, written only when a line of it stays
    inside = False
    for line in split_lines(paragraph):
        if line.startswith((" ", "\t")) and inside:
            if _conffile_stays(line, who, files, touched=loses_files):
                if header is not None:
                    out.append(header)
                    header = None
                out.append(line)
            continue
        inside = line.lower().startswith(_CONFFILES) and not line[len(_CONFFILES) :].strip()
        if inside:
            header = line
        else:
            out.append(line)
    return "".join(out)


def _conffile_stays(line: str, who: Identity, files: PackageFiles, *, touched: bool) -> bool:
    words = line.split()
    if not words:
        return False
    # the path may hold spaces: everything up to the sum, which the flags `obsolete` and `remove-on-upgrade` may follow
    flags = {"obsolete", "remove-on-upgrade"}
    body = line.strip()
    while body.rpartition(" ")[2] in flags:
        body = body.rpartition(" ")[0].rstrip()
    fate = files.of(body.rpartition(" ")[0].rstrip() or body, who.name)
    return fate is Fate.KEPT if touched else fate is not Fate.REMOVED
