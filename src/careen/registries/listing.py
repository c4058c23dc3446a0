"""Ask a registry for the referrers of an image, by GET: skopeo has no verb for that.

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

from careen.errors import CareenError, ToolError
from careen.model.digest import Digest
from careen.oci.documents import as_list, as_object, read_json
from careen.oci.limits import MAX_DOCUMENT, MAX_MANIFESTS
from careen.oci.reference import RegistryImage
from careen.registries.credentials import Login, login_for
from careen.registries.skopeo import Skopeo
from careen.tools.http_answer import IDENTITY_ENCODING

_TIMEOUT = 30.0  # of one read
_LONGEST = 60.0  # of a whole list
_CHALLENGE = re.compile(r'(realm|service|scope)="([^"\\]*)"')
_HUB = {"docker.io": "registry-1.docker.io"}
_MAX_TOKEN = 1 << 20
_OK, _UNAUTHORIZED = 200, 401
_NO_LIST = (404, 405, 501)  # registries from before the distribution specification 1.1
_NEXT = re.compile(r'<([^<>]{1,2000})>\s?;\s?rel="?next"?')


def listed_referrers(image: RegistryImage, digest: Digest, skopeo: Skopeo) -> frozenset[str]:
    """Return the digests that the registry lists as referrers; none if it does not answer that."""
    try:
        items = referrers_of(image, digest, skopeo)
    except CareenError:
        return frozenset()  # without an answer, the list under the tag serves
    return frozenset(str(item.get("digest")) for item in items or ())


def referrers_of(
    image: RegistryImage, digest: Digest, skopeo: Skopeo
) -> tuple[Mapping[str, Any], ...] | None:
    """Return the descriptors of all pages of the list, None if the registry has no such list.

    Raises ToolError for any other answer and for none, ImageError for one that is no list.
    """
    plain = skopeo.speaks_plain_http(image.host)
    scheme = "http" if plain else "https"
    path = image.repository.partition("/")[2]
    url = f"{scheme}://{_HUB.get(image.host, image.host)}/v2/{path}/referrers/{digest}"
    found: list[Mapping[str, Any]] = []
    try:
        trust = _trust(image.host, verify=skopeo.tls_verify is not False)
        with httpx.Client(timeout=_TIMEOUT, verify=trust) as client:
            session = _Session(_Asking(client, time.monotonic() + _LONGEST), image)
            while url:
                status, answer = session.get(url)
                if status in _NO_LIST:
                    return None
                document = as_object(read_json(answer.data, url), url)
                items = as_list(document.get("manifests"), url)
                found += [as_object(item, url) for item in items]
                url = _next(url, answer.link)
                if len(found) > MAX_MANIFESTS or (url and not items):
                    msg = f"{image}: lists more than {MAX_MANIFESTS} referrers"
                    raise ToolError(msg)
    # ValueError: an address that no URL can be.
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        msg = f"asking {image.host} for referrers: {type(error).__name__}: {error}"
        raise ToolError(msg) from error
    return tuple(found)


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
            msg = f"asking {self._image.host} for referrers: it answers with status {status}"
            raise ToolError(msg)
        return status, answer


def _next(url: str, link: str) -> str:
    """Return the address of the next page on the same server, or ""."""
    match = _NEXT.search(link)
    if match is None:
        if "next" not in link:
            return ""
        msg = f"asking for referrers: no address of a next page in {link[:200]!r}"
        raise ToolError(msg)
    joined = httpx.URL(url).join(match[1])
    same = (joined.scheme, joined.netloc) == (httpx.URL(url).scheme, httpx.URL(url).netloc)
    # A login goes to the registry that asked for it, and nowhere else.
    if not same:
        msg = f"asking for referrers: the next page is on another server, {str(joined)[:200]!r}"
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
                msg = f"{url}: no whole answer after {_LONGEST:.0f} seconds"
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
