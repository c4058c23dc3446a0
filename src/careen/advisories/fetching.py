"""HTTP downloads into a cache: conditional, resumable, and checked for completeness."""

import email.utils
import json
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from careen.errors import InputError, ToolError
from careen.tools.http_answer import opened

LARGEST = 8 << 30
"""Limit on the bytes of one feed; the largest real one (Red Hat's archive) is below 1 GB."""

TRIES = 4
"""Attempts at one file; each resumes where the last one broke off."""

TRIES_TO_RESOLVE = 2
"""Attempts if the host name cannot be resolved: usually there is no network."""

_TIMEOUT = 60.0  # seconds without a byte
_DEPTH = 10  # length of a chain of causes
_PARTIAL, _OK, _NOT_MODIFIED, _BAD_RANGE = 206, 200, 304, 416
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file in the cache.

    `changed`: downloaded now; otherwise the server answered "not modified". `date` is the server's,
    as RFC 3339, or "".
    """

    path: Path
    url: str
    changed: bool
    date: str


class _Broken(Exception):  # noqa: N818 — the name describes the state
    """The transfer broke off and may be retried."""


class Fetcher:
    """Downloader into a cache directory.

    `pause` waits between attempts, in seconds. `say` receives progress messages.
    """

    def __init__(
        self,
        client: httpx.Client,
        cache: Path,
        say: Callable[[str], None],
        pause: Callable[[float], None] | None = None,
        largest: int = LARGEST,
    ) -> None:
        self._client = client
        self._cache = cache
        self._say = say
        self._pause = pause or time.sleep
        self._largest = largest

    def text(self, url: str, limit: int) -> str:
        """Return a small text.

        Raises ToolError (network, server) and InputError (more than `limit` bytes).
        """
        for attempt in range(1, TRIES + 1):
            try:
                return self._text(url, limit)
            except (_Broken, httpx.TransportError) as error:
                self._again(url, error, attempt)
        raise AssertionError  # the last try raises

    def _text(self, url: str, limit: int) -> str:
        with opened(self._client, url, {}) as answer:
            self._check(answer, url)
            data = bytearray()
            for piece in answer.iter_raw():
                data += piece
                if len(data) > limit:
                    msg = f"{url}: larger than the {limit} bytes that are read of such a text"
                    raise InputError(msg)
        return data.decode("utf-8", "replace")

    def file(self, url: str, name: str) -> Fetched:
        """Fetch a file into the cache as `name`.

        Raises ToolError (network, server) and InputError (too large). A partial download is kept
        for the next attempt.
        """
        target = self._cache / name
        for attempt in range(1, TRIES + 1):
            try:
                return self._file(url, target)
            except (_Broken, httpx.TransportError) as error:
                self._again(url, error, attempt)
        raise AssertionError  # the last try raises

    def _again(self, url: str, error: Exception, attempt: int) -> None:
        if (
            attempt == (TRIES_TO_RESOLVE if is_unresolved(error) else TRIES)
            or isinstance(error, httpx.UnsupportedProtocol | httpx.ProxyError)
            or "CERTIFICATE" in str(error)
        ):
            raise _failure(url, error) from error
        self._say(f"{url}: {error}; trying again")
        self._pause(2.0 ** (attempt - 1))

    def _file(self, url: str, target: Path) -> Fetched:
        known, part = _note(target), target.with_name(f".{target.name}.part")
        begun = _note(part)
        headers: dict[str, str] = {}
        start = 0
        if (
            part.exists()
            and begun.get("url") == url
            and (validator := _strong(begun.get("etag", "")) or begun.get("modified"))
        ):
            start = part.stat().st_size
            headers |= {"Range": f"bytes={start}-", "If-Range": validator} if start else {}
        if not start and target.exists() and known.get("url") == url:
            headers |= {
                key: known[field]
                for key, field in (("If-None-Match", "etag"), ("If-Modified-Since", "modified"))
                if known.get(field)
            }
        with opened(self._client, url, headers) as answer:
            if answer.status_code == _NOT_MODIFIED and target.exists():
                return Fetched(target, url, changed=False, date=_date(known.get("modified", "")))
            if answer.status_code == _BAD_RANGE and start:
                part.unlink()
                raise _Broken("what was fetched before is no beginning of it")
            self._check(answer, url)
            if answer.status_code == _PARTIAL and not answer.headers.get(
                "content-range", ""
            ).startswith(f"bytes {start}-"):
                part.unlink(missing_ok=True)
                raise _Broken(
                    f"asked for the bytes from {start} on, got"
                    f" {answer.headers.get('content-range')!r}"
                )
            if answer.status_code == _OK:
                start = 0
            note = {
                "url": url,
                "etag": answer.headers.get("etag", ""),
                "modified": answer.headers.get("last-modified", ""),
            }
            _write_note(part, note)
            self._receive(answer, part, start, url)
        part.replace(target)
        _write_note(target, note)
        _note_path(part).unlink(missing_ok=True)
        return Fetched(target, url, changed=True, date=_date(note["modified"]))

    def _receive(self, answer: httpx.Response, part: Path, start: int, url: str) -> None:
        length = answer.headers.get("content-length", "")
        expected = start + int(length) if length.isdecimal() else None
        if expected is not None and expected > self._largest:
            msg = (
                f"{url}: {expected} bytes, more than the {self._largest} that are fetched of a feed"
            )
            raise InputError(msg)
        size, told = start, 0.0
        with part.open("ab" if start else "wb") as out:
            # Unbuffered: a partial chunk would be lost if the connection breaks.
            for piece in answer.iter_raw():
                size += len(piece)
                if size > self._largest:
                    msg = f"{url}: more than the {self._largest} bytes that are fetched of a feed"
                    raise InputError(msg)
                out.write(piece)
                if time.monotonic() - told > 1:
                    told = time.monotonic()
                    self._say(
                        f"{url}: {size >> 20} MiB" + (f" of {expected >> 20}" if expected else "")
                    )
        if expected is not None and size != expected:
            raise _Broken(f"{size} of {expected} bytes came")

    def _check(self, answer: httpx.Response, url: str) -> None:
        if answer.status_code in (_OK, _PARTIAL):
            return
        said = f"the server answers {answer.status_code} {answer.reason_phrase}"
        if answer.status_code in _RETRIED:
            raise _Broken(said)
        msg = f"fetching {url}: {said}; is the address, or that of the mirror, right?"
        raise ToolError(msg)


def is_unresolved(error: BaseException | None) -> bool:
    """Return whether an error comes from a host name that could not be resolved."""
    for _ in range(_DEPTH):
        if error is None:
            return False
        if isinstance(error, socket.gaierror):
            return True
        error = error.__cause__ or error.__context__
    return False


def new_client() -> httpx.Client:
    """Return the HTTP client of an update.

    Proxies and certificates come from the environment (`HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`).
    """
    from careen import __version__

    return httpx.Client(timeout=_TIMEOUT, headers={"User-Agent": f"careen/{__version__}"})


def _failure(url: str, error: Exception) -> ToolError:
    if isinstance(error, httpx.ProxyError):
        advice = "the proxy refuses; see HTTPS_PROXY and NO_PROXY"
    elif "CERTIFICATE" in str(error):
        advice = (
            "the server's certificate is not trusted; name your authority's file in SSL_CERT_FILE"
        )
    elif isinstance(error, httpx.TimeoutException):
        advice = f"nothing came for {_TIMEOUT:.0f} s; run it again to go on from there"
    elif isinstance(error, httpx.ConnectError):
        advice = (
            "is there a network? else `careen db import DIR` reads files, and --mirror names"
            " another place"
        )
    else:
        advice = "run it again to go on from there"
    return ToolError(f"fetching {url}: {error or type(error).__name__}; {advice}")


def _strong(etag: str) -> str:
    """Return a strong ETag, else "": ranges need byte equality (RFC 9110, 13.1.5)."""
    return "" if etag.startswith("W/") else etag


def _date(modified: str) -> str:
    try:
        return email.utils.parsedate_to_datetime(modified).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return ""


def _note_path(path: Path) -> Path:
    return path.with_name(f".{path.name.removeprefix('.')}.json")


def _note(path: Path) -> Mapping[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads(_note_path(path).read_text(encoding="utf-8"))
        if isinstance(found, dict) and all(isinstance(value, str) for value in found.values()):
            return found
    return {}


def _write_note(path: Path, note: Mapping[str, str]) -> None:
    _note_path(path).write_text(json.dumps(note), encoding="utf-8")
