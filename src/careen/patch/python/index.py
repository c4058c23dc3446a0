"""Client of simple indexes (PEP 503, PEP 691) and wheel directories.

Sizes and times are limited, digests are checked, and messages contain no credentials.
"""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from careen.errors import ImageError, ToolError
from careen.formats.zip_reader import ZipArchive
from careen.patch.certificates import TRUST, UNTRUSTED, trusting_context
from careen.patch.credentials import without_credentials
from careen.patch.python.pages import MAX_FILES, html_rows, json_rows
from careen.patch.python.sources import Sources, split_credentials
from careen.patch.web import ADVICE, open_client
from careen.tools.addresses import RefusedAddressError
from careen.tools.http_answer import opened

MAX_PAGE = 64 << 20
"""Maximum bytes of a project's page; the largest real one has some 20 MB as HTML."""

MAX_WHEEL = 8 << 30
_MAX_METADATA = 4 << 20
_PAGE_SECONDS = 60.0
_FILE_SECONDS = 1800.0
_SILENT_SECONDS = 20.0
_ANOTHER = "name another with --index-url, or a directory with --find-links"
_TRIES = 3
_PIECE = 1 << 18
_JSON = "application/vnd.pypi.simple.v1+json"
_ACCEPT = f"{_JSON}, application/vnd.pypi.simple.v1+html;q=0.5, text/html;q=0.1"
_NOT_THERE = frozenset({404, 410})
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_OK = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """One offered file.

    `tags` are those of a wheel, None for a source distribution. `sha256` is "" if the index does
    not state it.
    """

    name: str
    version: Version
    filename: str
    url: str = field(repr=False)
    sha256: str = ""
    tags: frozenset[str] | None = None
    build: tuple[int, str] | tuple[()] = ()
    python: str = ""
    yanked: bool = False
    metadata: bool = False
    path: Path | None = None
    origin: str = ""


class Index:
    """Reader of the sources; it asks for each project once.

    Every method raises ToolError if a source does not answer as an index does.
    """

    def __init__(self, sources: Sources, store: Path) -> None:
        self.sources = sources
        self._store = store
        self._fetched: dict[str, str] = {}
        self._known: dict[str, tuple[Offer, ...]] = {}
        self._logins: dict[str, tuple[str, str]] = {}
        self._client: httpx.Client | None = None
        self._houses: tuple[Offer, ...] | None = None
        self._metadata: dict[str, str] = {}
        for url in (*sources.indexes, *sources.find_links):
            _, login = split_credentials(url)
            if login is not None:
                self._logins[urlsplit(url).netloc.rpartition("@")[2]] = login

    @property
    def origin(self) -> str:
        """Name of the sources in messages."""
        return self.sources.origin

    def offers(self, project: str) -> tuple[Offer, ...]:
        """Return all files of a project, unordered; empty if no source knows it."""
        if project not in self._known:
            found = [offer for offer in self._in_houses() if offer.name == project]
            for index in self.sources.indexes:
                here = self._page(f"{index.rstrip('/')}/{project}/", project)
                if here:
                    found.extend(here)
                    break
            self._known[project] = tuple(found)
        return self._known[project]

    def _in_houses(self) -> tuple[Offer, ...]:
        if self._houses is None:
            found: list[Offer] = []
            for directory in self.sources.directories:
                offers = (
                    (_offer(path.name, path.resolve().as_uri(), str(directory)), path)
                    for path in sorted(directory.iterdir())[:MAX_FILES]
                    if path.is_file()
                )
                found.extend(_with(offer, path=path) for offer, path in offers if offer is not None)
            for url in self.sources.find_links:
                found.extend(self._page(url, ""))
            self._houses = tuple(found)
        return self._houses

    def _page(self, url: str, project: str) -> list[Offer]:
        bare, _ = split_credentials(url)
        answer = self._get(url, _PAGE_SECONDS, MAX_PAGE)
        if answer is None:
            return []
        data, kind, final = answer
        origin = without_credentials(bare.removesuffix(f"{project}/")) if project else bare
        try:
            rows = json_rows(data, bare) if "json" in kind else html_rows(data, bare)
            found = [
                _with(
                    offer,
                    sha256=row.sha256,
                    python=row.python,
                    yanked=row.yanked,
                    metadata=row.metadata,
                )
                for row in rows
                if (offer := _offer(row.filename, urljoin(final, row.url), origin)) is not None
                and (not project or offer.name == project)
            ]
        except ValueError as error:
            msg = f"{bare}: not a page of a Python index: {without_credentials(str(error))[:200]}"
            raise ToolError(msg) from error
        return found

    def metadata(self, offer: Offer) -> str:
        """Return a wheel's METADATA, from the index (PEP 658) or else from the wheel."""
        if offer.url not in self._metadata:
            self._metadata[offer.url] = self._read_metadata(offer)
        return self._metadata[offer.url]

    def _read_metadata(self, offer: Offer) -> str:
        if offer.metadata:
            answer = self._get(f"{offer.url}.metadata", _PAGE_SECONDS, _MAX_METADATA)
            if answer is not None:
                return answer[0].decode("utf-8", "replace")
        with self.fetch(offer, offer.sha256).open("rb") as stream:
            try:
                with ZipArchive(stream, offer.filename) as archive:
                    names = [
                        name
                        for name in archive.names()
                        if name.endswith(".dist-info/METADATA") and name.count("/") == 1
                    ]
                    return (
                        archive.read(names[0], _MAX_METADATA).decode("utf-8", "replace")
                        if names
                        else ""
                    )
            except ImageError as error:
                msg = f"{offer.origin}: {error}"
                raise ToolError(msg) from error

    def digest(self, offer: Offer) -> str:
        """Return a wheel's SHA-256 as the index states it, else that of the file."""
        if not offer.sha256:
            self.fetch(offer, "")
        return offer.sha256 or self._fetched[offer.url]

    def fetch(self, offer: Offer, sha256: str) -> Path:
        """Return a wheel's path in the store; fetch it once.

        Raises ToolError with the file and both digests if `sha256` differs ("" accepts any).
        """
        target = self._store / offer.filename
        if offer.url not in self._fetched:
            self._fetched[offer.url] = self._into(target, offer)
        if sha256 and self._fetched[offer.url] != sha256:
            msg = (
                f"{offer.origin}: {offer.filename}: its SHA-256 is {self._fetched[offer.url]},"
                f" expected {sha256}; nothing of it was installed"
            )
            raise ToolError(msg)
        return target

    def _into(self, target: Path, offer: Offer) -> str:
        digest = hashlib.sha256()
        try:
            with target.open("wb") as out:
                for piece in (
                    _pieces(offer.path)
                    if offer.path is not None
                    else self._stream(offer.url, _FILE_SECONDS, MAX_WHEEL)
                ):
                    digest.update(piece)
                    out.write(piece)
        except OSError as error:
            msg = f"{offer.filename}: cannot be stored: {error.strerror or error}"
            raise ToolError(msg) from error
        except _NotThereError:
            msg = f"{offer.origin}: {offer.filename}: listed, and not there"
            raise ToolError(msg) from None
        return digest.hexdigest()

    def _get(self, url: str, seconds: float, limit: int) -> tuple[bytes, str, str] | None:
        """Return body, content type and final URL, or None if the page does not exist."""
        headers: dict[str, str] = {}
        try:
            kept = list(self._stream(url, seconds, limit, headers))
        except _NotThereError:
            return None
        return b"".join(kept), headers.get("content-type", ""), headers.get("careen-url", url)

    def _stream(
        self, url: str, seconds: float, limit: int, headers: dict[str, str] | None = None
    ) -> Iterator[bytes]:
        bare, _ = split_credentials(url)
        deadline = time.monotonic() + seconds
        for attempt in range(1, _TRIES + 1):
            begun = False
            try:
                with opened(
                    self._http(), bare, {"Accept": _ACCEPT}, self._logins.get(urlsplit(bare).netloc)
                ) as answer:
                    if answer.status_code in _NOT_THERE:
                        raise _NotThereError
                    if answer.status_code in _AGAIN and attempt < _TRIES:
                        time.sleep(0.3 * attempt)
                        continue
                    if answer.status_code != _OK:
                        msg = (
                            f"{without_credentials(bare)}: the index answered {answer.status_code}"
                            f" {answer.reason_phrase}; {_advice(answer.status_code)}"
                        )
                        raise ToolError(msg)
                    if headers is not None:
                        headers.update(
                            {
                                "content-type": answer.headers.get("content-type", ""),
                                "careen-url": str(answer.url),
                            }
                        )
                    size = 0
                    # raw, as it arrives: waiting for full pieces would delay the deadline check
                    for piece in answer.iter_raw():
                        size += len(piece)
                        if size > limit or time.monotonic() > deadline:
                            msg = f"{without_credentials(bare)}: " + (
                                f"more than {limit} bytes"
                                if size > limit
                                else f"no end after {seconds:g} s"
                            )
                            raise ToolError(msg)
                        begun = True
                        yield piece
                    return
            except httpx.HTTPError as error:
                if (
                    attempt == _TRIES
                    or begun
                    or isinstance(error, httpx.ReadTimeout | httpx.UnsupportedProtocol)
                    or "CERTIFICATE" in str(error)
                ):
                    why = without_credentials(str(error)) or type(error).__name__
                    msg = (
                        f"{without_credentials(bare)}: no answer from the index: {why};"
                        f" {TRUST if any(word in why for word in UNTRUSTED) else _ANOTHER}"
                    )
                    raise ToolError(msg) from error
            except RefusedAddressError as error:
                msg = f"{without_credentials(bare)}: {error}; {ADVICE}"
                raise ToolError(msg) from error
            except httpx.InvalidURL as error:
                msg = (
                    f"{without_credentials(bare)}: not an address:"
                    f" {without_credentials(str(error))}"
                )
                raise ToolError(msg) from error

    def _http(self) -> httpx.Client:
        if self._client is None:
            timeout = httpx.Timeout(_SILENT_SECONDS, connect=10.0)
            trust = trusting_context(self.sources.certificates)
            self._client = open_client(trust, self.sources.proxies, timeout, self.sources.permit)
        return self._client

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


class _NotThereError(Exception):
    """The index has no such page (404 or 410)."""


def _offer(filename: str, url: str, origin: str) -> Offer | None:
    """Parse a file name; return None if it is neither a wheel nor a source distribution."""
    # a file name has at most 255 bytes
    if len(filename) > 300 or "/" in filename:  # noqa: PLR2004
        return None
    try:
        if filename.endswith(".whl"):
            name, version, build, tags = parse_wheel_filename(filename)
            return Offer(
                name,
                version,
                filename,
                url,
                tags=frozenset(map(str, tags)),
                build=build,
                origin=origin,
            )
        if filename.endswith((".tar.gz", ".zip")):
            name, version = parse_sdist_filename(filename)
            return Offer(canonicalize_name(name), version, filename, url, origin=origin)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
    return None


def _with(offer: Offer, **fields: object) -> Offer:
    from dataclasses import replace

    return replace(offer, **fields)  # type: ignore[arg-type]


def _advice(status: int) -> str:
    if status in (401, 403):
        return "it wants credentials: give them in the index's URL or the environment"
    return "try again later, or name another with --index-url"
