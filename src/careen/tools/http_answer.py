"""HTTP answers as they were sent: redirects are followed here, nothing is decompressed.

httpx decompresses a whole chunk before its size can be checked and reads the bodies of redirects to
their end. A few kilobytes could then take gigabytes of memory.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from careen.errors import ToolError

IDENTITY_ENCODING: Mapping[str, str] = {"Accept-Encoding": "identity"}
"""Headers of every request of careen."""

MAX_REDIRECTS = 5
_SHOWN = 200

# Web servers send `x.csv.gz` with `Content-Encoding: gzip`: that is the file itself.
_OWN_PACKING = {"gz": ("gzip", "x-gzip"), "zst": ("zstd",)}


@contextmanager
def opened(
    client: httpx.Client, url: str, headers: Mapping[str, str], login: tuple[str, str] | None = None
) -> Iterator[httpx.Response]:
    """Yield the answer to a GET; read its body with `iter_raw`.

    Raises ToolError for a compressed body, for a redirect from https to http and for more than
    `MAX_REDIRECTS` redirects. Exceptions of httpx pass through.
    """
    request = client.build_request("GET", url, headers={**headers, **IDENTITY_ENCODING})
    auth: tuple[str, str] | None = login
    for _ in range(MAX_REDIRECTS + 1):
        answer = client.send(request, auth=auth, stream=True, follow_redirects=False)
        try:
            following = answer.next_request
            if following is None:
                _refuse_packed(answer)
                yield answer
                return
        finally:
            answer.close()
        _refuse_downgrade(request.url, following.url)
        # httpx keeps the login in the headers, on the same host only
        request, auth = following, None
    msg = f"{shown_address(request.url)}: more than {MAX_REDIRECTS} redirects"
    raise ToolError(msg)


def shown_address(url: httpx.URL) -> str:
    """Return a URL for messages: no credentials, query or fragment, at most 200 characters."""
    bare = url.copy_with(userinfo=b"", query=None, fragment=None)
    return str(bare)[:_SHOWN]


def _refuse_packed(answer: httpx.Response) -> None:
    packing = answer.headers.get("content-encoding", "identity").strip().lower()
    ending = answer.url.path.rpartition(".")[2]
    if packing not in ("", "identity", *_OWN_PACKING.get(ending, ())):
        msg = (
            f"{shown_address(answer.url)}: the server sends its answer packed ({packing[:40]!r}),"
            " though careen asks for it as it is; name another server"
        )
        raise ToolError(msg)


def _refuse_downgrade(old: httpx.URL, new: httpx.URL) -> None:
    if old.scheme == "https" and new.scheme != "https":
        msg = (
            f"{shown_address(old)}: redirected from https to {shown_address(new)}, where anybody on"
            " the way could change what comes; name another server"
        )
        raise ToolError(msg)
