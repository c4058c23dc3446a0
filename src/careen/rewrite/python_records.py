"""Edits of Python file lists: `RECORD`, `installed-files.txt`, `SOURCES.txt`, `easy-install.pth`.

METADATA and entry points stay: a distribution that loses some files is still installed.
"""

import base64
import csv
import io
from collections.abc import Callable

from careen.model.paths import ROOT, ImagePath, name, parent
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.fate import Fate, Fates
from careen.rewrite.lines import decode, encode, map_lines, split_lines
from careen.rewrite.new_contents import NewContents

MAX_RECORD = 128 * 1024 * 1024


def python_edits(rootfs: Rootfs, fates: Fates, contents: NewContents) -> None:
    """Add new contents for each list that names a removed path or a checksum that changes."""
    # Nested (vendored) distributions come first: outer RECORDs have checksums of their lists.
    found = [
        (entry.path, edit)
        for entry in rootfs
        if entry.is_file and (edit := _editor(entry.path)) is not None
    ]
    for path, edit in sorted(
        found, key=lambda pair: (-pair[0].count("/"), name(pair[0]) == "RECORD", pair[0])
    ):
        before = decode(rootfs.read(path, MAX_RECORD))
        after = edit(before, path, fates, contents)
        if after != before:
            contents.edits[path] = encode(after)


Editor = Callable[[str, ImagePath, Fates, NewContents], str]


def _editor(path: ImagePath) -> Editor | None:
    inside = parent(path)
    if name(path) == "RECORD" and inside.endswith(".dist-info"):
        return _edit_record
    if name(path) == "installed-files.txt" and inside.endswith((".egg-info", "/EGG-INFO")):
        return lambda text, file, fates, _: _drop_removed(text, fates, parent(file))
    if name(path) == "SOURCES.txt" and inside.endswith((".egg-info", "/EGG-INFO")):
        return lambda text, file, fates, _: _drop_removed(text, fates, parent(parent(file)))
    if name(path) == "easy-install.pth":
        return lambda text, file, fates, _: _drop_removed(text, fates, parent(file))
    return None


def _drop_removed(text: str, fates: Fates, base: ImagePath) -> str:
    return map_lines(
        text,
        lambda line: (
            None if line.strip() and fates.of(line.strip(), base) is Fate.REMOVED else line
        ),
    )


def record_rows(text: str) -> list[tuple[str, list[str]]] | None:
    """Return each row of a RECORD with its raw text, None if it is not CSV."""
    # A quoted field may contain a newline.
    lines = split_lines(text)
    reader = csv.reader(lines)
    rows: list[tuple[str, list[str]]] = []
    start = 0
    try:
        for row in reader:
            rows.append(("".join(lines[start : reader.line_num]), row))
            start = reader.line_num
    except csv.Error:
        return None
    return rows


def _edit_record(text: str, path: ImagePath, fates: Fates, contents: NewContents) -> str:
    rows = record_rows(text)
    if rows is None:
        return text
    base = parent(parent(path))
    lost = any(row and fates.of(row[0], base) is Fate.REMOVED for _, row in rows)
    out: list[str] = []
    for raw, row in rows:
        if not row:
            out.append(raw)
        elif not lost or fates.of(row[0], base) is Fate.KEPT:
            listed = fates.path(row[0], base) or ROOT
            renew = listed in contents and len(row) > 1 and row[1]  # path, hash, size
            out.append(
                _renewed(raw, row, contents.digest(listed, "sha256"), contents.size(listed))
                if renew
                else raw
            )
    return "".join(out)


def record_hash(algorithm: str, content_digest: bytes) -> str:
    """Return a digest in RECORD's form (`algorithm=urlsafe-base64-without-padding`)."""
    return f"{algorithm}={base64.urlsafe_b64encode(content_digest).rstrip(b'=').decode()}"


def _renewed(raw: str, row: list[str], digest: bytes, size: int) -> str:
    """Return the row with a new hash and size, and with its own line end."""
    out = io.StringIO()
    end = raw[len(raw.rstrip("\r\n")) :]
    csv.writer(out, lineterminator=end).writerow((row[0], record_hash("sha256", digest), size))
    return out.getvalue()
