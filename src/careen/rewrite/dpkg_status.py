"""Edits of dpkg's status file, `status-old` and apt's `extended_states`.

Paragraphs that do not change are copied byte for byte.
"""

from collections.abc import Collection

from careen.errors import ImageError
from careen.formats.dpkg_status import MAX_STATUS, Paragraph, join_status, split_status
from careen.rewrite.dpkg_info import PackageFiles
from careen.rewrite.fate import Fate
from careen.rewrite.lines import decode, encode, split_lines

__all__ = ["MAX_STATUS", "drop_paragraphs", "edit_status"]

_CONFFILES = "conffiles:"
_FLAGS = ("obsolete", "remove-on-upgrade")


def drop_paragraphs(data: bytes, removed: Collection[tuple[str, str]]) -> bytes:
    """Return `data` without the paragraphs of `removed` ((name, architecture), "" for any).

    Data that cannot be parsed is returned unchanged.
    """
    # No package was read from unreadable data either.
    found = _paragraphs(data)
    kept = [part for part in found if not _is_removed(part, removed)]
    return data if len(kept) == len(found) else join_status(kept)


def edit_status(
    data: bytes, removed: Collection[tuple[str, str]], files: PackageFiles, touched: frozenset[str]
) -> bytes:
    """Drop paragraphs as `drop_paragraphs` does, and missing paths from `Conffiles` fields."""
    kept = [part for part in _paragraphs(data) if not _is_removed(part, removed)]
    changed = [
        Paragraph(_edit_conffiles(part, files, touched), part.fields)
        if part.get("conffiles")
        else part
        for part in kept
    ]
    return join_status(changed) if kept else drop_paragraphs(data, removed)


def _paragraphs(data: bytes) -> tuple[Paragraph, ...]:
    try:
        return split_status(data, "status")
    except ImageError:
        return ()


def _is_removed(part: Paragraph, removed: Collection[tuple[str, str]]) -> bool:
    return (part.get("package"), part.get("architecture")) in removed or (
        part.get("package"),
        "",
    ) in removed


def _edit_conffiles(part: Paragraph, files: PackageFiles, touched: frozenset[str]) -> bytes:
    package = part.get("package")
    loses_files = package in touched or f"{package}:{part.get('architecture')}" in touched
    out: list[str] = []
    header = ""  # the Conffiles field's name, written only if one of its lines is kept
    inside = False
    for line in split_lines(decode(part.raw)):
        if inside and line.startswith((" ", "\t")):
            if _conffile_stays(line, package, files, touched=loses_files):
                out += [header, line]
                header = ""
            continue
        inside = line.lower().startswith(_CONFFILES)
        if inside:
            header = line
        else:
            out.append(line)
    return encode("".join(out))


def _conffile_stays(line: str, package: str, files: PackageFiles, *, touched: bool) -> bool:
    """Return whether ` PATH MD5[ obsolete][ remove-on-upgrade]` is kept; PATH may have blanks."""
    body = line.strip()
    while body.rpartition(" ")[2] in _FLAGS:
        body = body.rpartition(" ")[0].rstrip()
    fate = files.of(body.rpartition(" ")[0].rstrip() or body, package)
    return fate is Fate.KEPT if touched else fate is not Fate.REMOVED
