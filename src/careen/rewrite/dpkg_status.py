"""dpkg's status file and others made of the same paragraphs (`status-old`, apt's
`extended_states`): removed packages leave, the rest keep their bytes.
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
    """Return `data` without the paragraphs of `removed` ((name, architecture); an empty
    architecture stands for any).

    What cannot be read stays as it is: no package was read from it either.
    """
    found = _paragraphs(data)
    kept = [part for part in found if not _is_removed(part, removed)]
    return data if len(kept) == len(found) else join_status(kept)


def edit_status(
    data: bytes, removed: Collection[tuple[str, str]], files: PackageFiles, touched: frozenset[str]
) -> bytes:
    """As `drop_paragraphs`, and the `Conffiles` field of the packages that stay names only what is
    still there.
    """
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
    header = ""  # of the Conffiles field: written only when a line of it stays
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
    """Decide for ` PATH MD5[ obsolete][ remove-on-upgrade]`; the path may hold blanks."""
    body = line.strip()
    while body.rpartition(" ")[2] in _FLAGS:
        body = body.rpartition(" ")[0].rstrip()
    fate = files.of(body.rpartition(" ")[0].rstrip() or body, package)
    return fate is Fate.KEPT if touched else fate is not Fate.REMOVED
