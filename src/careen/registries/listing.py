"""Ask a registry for the referrers of an image: one GET, which skopeo has no verb for.

Credentials and authorities are those that skopeo uses. The answer is only an optimisation: without
one, the list under the tag serves.
"""

import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from careen.errors import CareenError
from careen.model.digest import Digest
from careen.oci.documents import as_list, as_object, read_json
from careen.oci.limits import MAX_DOCUMENT
from careen.oci.reference import RegistryImage
from careen.registries.credentials import Login, login_for
from careen.registries.skopeo import Skopeo
from careen.tools.http_answer import IDENTITY_ENCODING

_TIMEOUT = 30.0
_CHALLENGE = re.compile(r'(realm|service|scope)="([^"\\]*)"')
_HUB = {"docker.io": "registry-1.docker.io"}
_MAX_TOKEN = 1 << 20
_OK, _UNAUTHORIZED = 200, 401


def listed_referrers(image: RegistryImage, digest: Digest, skopeo: Skopeo) -> frozenset[str]:
    """Return the digests that the registry lists as referrers; none if it does not answer that."""
    plain = skopeo.speaks_plain_http(image.host)
    scheme = "http" if plain else "https"
    path = image.repository.partition("/")[2]
    url = f"{scheme}://{_HUB.get(image.host, image.host)}/v2/{path}/referrers/{digest}"
    try:
        trust = _trust(image.host, verify=skopeo.tls_verify is not False)
        with httpx.Client(timeout=_TIMEOUT, verify=trust) as client:
            data = _get(client, url, image)
        document = as_object(read_json(data, url), url)
        items = as_list(document.get("manifests"), url)
        return frozenset(str(as_object(item, url).get("digest")) for item in items)
    except (CareenError, httpx.HTTPError, httpx.InvalidURL, OSError):
        return frozenset()


def _get(client: httpx.Client, url: str, image: RegistryImage) -> bytes:
    """Return the body of a GET, with a login if one is asked for; b"" for any failure."""
    status, data, challenge = _once(client, url, "", MAX_DOCUMENT)
    if status == _UNAUTHORIZED:
        login = login_for(image)
        header = _authorization(client, challenge, login)
        status, data, _ = _once(client, url, header, MAX_DOCUMENT) if header else (status, b"", "")
    return data if status == _OK else b""


def _authorization(client: httpx.Client, challenge: str, login: Login | None) -> str:
    """Return the header that a challenge asks for, or "" if it cannot be had."""
    kind = challenge.partition(" ")[0].lower()
    if kind == "basic":
        return login.basic if login is not None else ""
    given = dict(_CHALLENGE.findall(challenge))
    realm = given.pop("realm", "")
    if kind != "bearer" or urlsplit(realm).scheme != "https":
        return ""  # a password goes out encrypted, or not at all
    url = httpx.URL(realm).copy_merge_params(given)
    status, data, _ = _once(client, str(url), login.basic if login else "", _MAX_TOKEN)
    if status != _OK:
        return ""
    document = as_object(read_json(data, "token"), "token")
    token = document.get("token") or document.get("access_token")
    return f"Bearer {token}" if isinstance(token, str) and token.isascii() else ""


def _once(client: httpx.Client, url: str, header: str, limit: int) -> tuple[int, bytes, str]:
    """Return status, body (at most `limit` bytes, else none) and challenge; follow no redirect."""
    headers = {**IDENTITY_ENCODING, **({"Authorization": header} if header else {})}
    with client.stream("GET", url, headers=headers, follow_redirects=False) as answer:
        data = bytearray()
        for piece in answer.iter_raw():
            data += piece
            if len(data) > limit:
                return answer.status_code, b"", ""
        return answer.status_code, bytes(data), answer.headers.get("www-authenticate", "")


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
