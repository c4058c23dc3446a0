"""Ask a registry for what skopeo has no verb for: lists in pages, by GET.

Credentials and authorities are those that skopeo uses.
"""

import re
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from careen.errors import ToolError
from careen.oci.documents import as_object, read_json
from careen.oci.limits import MAX_DOCUMENT
from careen.oci.reference import RegistryImage
from careen.registries.credentials import Login, login_for
from careen.registries.skopeo import Skopeo
from careen.tools.http_answer import IDENTITY_ENCODING

LONGEST = 60.0
"""Seconds for a whole list."""

_TIMEOUT = 30.0  # of one read
_CHALLENGE = re.compile(r'(realm|service|scope)="([^"\\]*)"')
_HUB = {"docker.io": "registry-1.docker.io"}
_MAX_TOKEN = 1 << 20
_OK, _UNAUTHORIZED = 200, 401
_NO_LIST = (404, 405, 501)  # registries that do not know the request
_NEXT = re.compile(r'<([^<>]{1,2000})>\s?;\s?rel="?next"?')


def pages(
    image: RegistryImage, path: str, doing: str, skopeo: Skopeo
) -> Iterator[Mapping[str, Any]]:
    """Yield the documents of a list, a page at a time; none if the registry has no such list.

    `path` follows `/v2/`. Raises ToolError for any other answer and for none, ImageError for one
    that is no JSON object.
    """
    try:
        trust = _trust(image.host, verify=skopeo.tls_verify is not False)
        with httpx.Client(timeout=_TIMEOUT, verify=trust) as client:
            asking = _Asking(client, time.monotonic() + LONGEST, doing)
            session = _Session(asking, image)
            url, begun = _first(asking, image, path, skopeo), False
            while url:
                status, answer = session.get(url)
                if status in _NO_LIST and not begun:
                    return
                if status in _NO_LIST:
                    # What was listed before would count as the whole list.
                    msg = f"{doing}: a later page of the list has status {status}"
                    raise ToolError(msg)
                begun = True
                yield as_object(read_json(answer.data, url), url)
                url = _next(url, answer.link, doing)
    # ValueError: an address that no URL can be.
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        msg = f"{doing}: {type(error).__name__}: {error}"
        raise ToolError(msg) from error


def _first(asking: "_Asking", image: RegistryImage, path: str, skopeo: Skopeo) -> str:
    """Return the address of the first page, with the scheme that the registry speaks."""
    server = f"{_HUB.get(image.host, image.host)}/v2/"
    if skopeo.may_speak_plain_http(image.host) and not skopeo.speaks_plain_http(image.host):
        # skopeo finds that out by itself, and may not have been called yet.
        try:
            asking.client.head(f"https://{server}", headers=IDENTITY_ENCODING)
        except httpx.TransportError as error:
            if "WRONG_VERSION_NUMBER" in str(error):
                skopeo.found_plain_http(image.host)
    scheme = "http" if skopeo.speaks_plain_http(image.host) else "https"
    return f"{scheme}://{server}{path}"


@dataclass(frozen=True, slots=True)
class _Answer:
    """The body of an answer (at most the limit, else none), its challenge and its next page."""

    data: bytes
    challenge: str
    link: str


@dataclass(frozen=True, slots=True)
class _Asking:
    """A client, and the moment at which the whole list must be there."""

    client: httpx.Client
    until: float
    doing: str = "asking"


class _Session:
    """GETs of one list, with the login that the first of them needed."""

    def __init__(self, asking: _Asking, image: RegistryImage) -> None:
        self._asking, self._image, self._header = asking, image, ""

    def get(self, url: str) -> tuple[int, _Answer]:
        """Return status and answer. Raises ToolError unless there is a list or no such one."""
        status, answer = _once(self._asking, url, self._header, MAX_DOCUMENT)
        if status == _UNAUTHORIZED and not self._header:
            login = login_for(self._image)
            self._header = _authorization(self._asking, answer.challenge, login)
            if self._header:
                status, answer = _once(self._asking, url, self._header, MAX_DOCUMENT)
        if status not in (_OK, *_NO_LIST):
            msg = f"{self._asking.doing}: it answers with status {status}"
            raise ToolError(msg)
        return status, answer


def _next(url: str, link: str, doing: str) -> str:
    """Return the address of the next page on the same server, or ""."""
    match = _NEXT.search(link)
    if match is None:
        if "next" not in link:
            return ""
        msg = f"{doing}: no address of a next page in {link[:200]!r}"
        raise ToolError(msg)
    joined = httpx.URL(url).join(match[1])
    same = (joined.scheme, joined.netloc) == (httpx.URL(url).scheme, httpx.URL(url).netloc)
    # A login goes to the registry that asked for it, and nowhere else.
    if not same:
        msg = f"{doing}: the next page is on another server, {str(joined)[:200]!r}"
        raise ToolError(msg)
    return str(joined)


def _authorization(asking: _Asking, challenge: str, login: Login | None) -> str:
    """Return the header that a challenge asks for, or "" if it cannot be had."""
    kind = challenge.partition(" ")[0].lower()
    if kind == "basic":
        return login.basic if login is not None else ""
    given = dict(_CHALLENGE.findall(challenge))
    realm = given.pop("realm", "")
    if kind != "bearer" or urlsplit(realm).scheme != "https":
        return ""  # a password goes out encrypted, or not at all
    url = httpx.URL(realm).copy_merge_params(given)
    status, answer = _once(asking, str(url), login.basic if login else "", _MAX_TOKEN)
    if status != _OK:
        return ""
    document = as_object(read_json(answer.data, "token"), "token")
    token = document.get("token") or document.get("access_token")
    return f"Bearer {token}" if isinstance(token, str) and token.isascii() else ""


def _once(asking: _Asking, url: str, header: str, limit: int) -> tuple[int, _Answer]:
    """Return status and answer, with a body of at most `limit` bytes; follow no redirect."""
    headers = {**IDENTITY_ENCODING, **({"Authorization": header} if header else {})}
    with asking.client.stream("GET", url, headers=headers, follow_redirects=False) as answer:
        data = bytearray()
        for piece in answer.iter_raw():
            data += piece
            if time.monotonic() > asking.until:
                msg = f"{url}: no whole answer after {LONGEST:.0f} seconds"
                raise ToolError(msg)
            if len(data) > limit:
                return answer.status_code, _Answer(b"", "", "")
        challenge = answer.headers.get("www-authenticate", "")
        return answer.status_code, _Answer(bytes(data), challenge, answer.headers.get("link", ""))


def _trust(host: str, *, verify: bool) -> ssl.SSLContext | bool:
    """Return how certificates of a registry are verified: as skopeo does it."""
    if not verify:
        return False
    context = ssl.create_default_context()
    # Go accepts an authority without key usage, and so do registries that use one.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    for path in _authorities(host):
        context.load_verify_locations(cafile=str(path))
    return context


def _authorities(host: str) -> Iterator[Path]:
    for folder in (
        Path("/etc/containers/certs.d"),
        Path("/etc/docker/certs.d"),
        Path("~/.config/containers/certs.d").expanduser(),
    ):
        yield from sorted((folder / host).glob("*.crt"))
