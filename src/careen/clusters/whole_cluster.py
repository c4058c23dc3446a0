"""All pods of a cluster, page by page, as its API server lists them."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from careen.clusters.pods import Pod, read_pods, rest_of, version_of
from careen.clusters.source import OUTSIDE, api_server, fetched
from careen.errors import InputError, ToolError

PAGE = 500
MOST_PAGES = 2_000
"""Limit of a list: a million pods."""


def all_pods(place: str, environ: Mapping[str, str]) -> Iterator[tuple[Pod, ...]]:
    """Yield the running pods of a whole cluster, of one state of it.

    `place` is the address of a list of pods, "" for the API server of the cluster that careen runs
    in. Raises InputError or ToolError with one line that says why not.
    """
    address = place or _own(environ)
    if "://" not in address:
        msg = f"--pods-from {place!r}: expected an address; name a file as a SOURCE"
        raise InputError(msg)
    first = f"{address}{'&' if '?' in address else '?'}limit={PAGE}"
    page = first
    for _ in range(MOST_PAGES):
        data, where = fetched(page)
        if page is first and not version_of(data, where):
            # A kubelet's list is of no state of a cluster.
            msg = (
                f"{where}: not a list of an API server (no `resourceVersion`); a kubelet lists one"
                " node's pods: name the API server's /api/v1/pods"
            )
            raise ToolError(msg)
        yield read_pods(data, where)
        token = rest_of(data, where)
        if not token:
            return
        page = f"{first}&continue={quote(token, safe='')}"
    msg = f"{where}: more than {MOST_PAGES * PAGE:,} pods, or a list that does not end"
    raise ToolError(msg)


def _own(environ: Mapping[str, str]) -> str:
    server = api_server(environ)
    if not server:
        msg = (
            f"{OUTSIDE}: run `kubectl proxy`, and name --pods-from"
            " http://127.0.0.1:8001/api/v1/pods, or a file of `kubectl get pods -A -o json`"
        )
        raise InputError(msg)
    return f"{server}/api/v1/pods"
