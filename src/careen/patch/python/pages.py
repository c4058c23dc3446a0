"""Parser of a simple index's project pages, as JSON (PEP 691) or HTML (PEP 503).

Their content is untrusted.
"""

import html.parser
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from careen.errors import ToolError
from careen.formats.json_document import mapping, objects, parse_object, text

MAX_FILES = 100_000
"""Files of one project that are read; the largest project has some 20,000."""

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Row:
    """One file of a page.

    `url` is as written. `sha256` is "" if not stated. `python` is Requires-Python. `metadata`:
    METADATA is served separately (PEP 658).
    """

    filename: str
    url: str
    sha256: str
    python: str
    yanked: bool
    metadata: bool


def json_rows(data: bytes, where: str) -> list[Row]:
    """Parse a JSON page; raise ToolError or ValueError if it is not one."""
    document = parse_object(data, where, ToolError)
    rows: list[Row] = []
    if "files" not in document:
        msg = "no `files`"
        raise ValueError(msg)
    for file in objects(document.get("files")):
        digest = text(mapping(file.get("hashes")).get("sha256")).lower()
        metadata = bool(file.get("core-metadata") or file.get("dist-info-metadata"))
        rows.append(
            Row(
                text(file.get("filename")),
                text(file.get("url")),
                digest if _DIGEST.match(digest) else "",
                text(file.get("requires-python")),
                file.get("yanked", False) is not False,
                metadata,
            )
        )
        if len(rows) >= MAX_FILES:
            break
    return rows


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[Row] = []
        self.looks_like_html = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.looks_like_html = self.looks_like_html or tag in ("html", "body", "a", "pre")
        said = dict(attrs)
        href = said.get("href")
        if tag != "a" or not href or len(self.rows) >= MAX_FILES:
            return
        address, _, fragment = href.partition("#")
        digest = fragment.removeprefix("sha256=").partition("&")[0].lower()
        filename = unquote(urlsplit(address).path.rpartition("/")[2])
        metadata = "data-core-metadata" in said or "data-dist-info-metadata" in said
        self.rows.append(
            Row(
                filename,
                address,
                digest if _DIGEST.match(digest) else "",
                said.get("data-requires-python") or "",
                "data-yanked" in said,
                metadata,
            )
        )


def html_rows(data: bytes, where: str) -> list[Row]:
    """Parse an HTML page; raise ValueError if it is not one."""
    parser = _Links()
    parser.feed(data.decode("utf-8", "replace"))
    parser.close()
    if not parser.looks_like_html:
        msg = f"{where}: neither HTML nor JSON"
        raise ValueError(msg)
    return parser.rows
