"""Where a list of this node's pods comes from: the API server, the kubelet, or a file."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

from careen import __version__
from careen.clusters.pods import LARGEST, Pod, read_pods
from careen.errors import InputError, ToolError
from careen.tools.http_answer import opened, shown_address

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_TIMEOUT = 30.0
_TOKEN_LIMIT = 1 << 16
_OK, _UNAUTHORIZED, _FORBIDDEN, _GONE = 200, 401, 403, 410
OUTSIDE = "not in a pod of a cluster (KUBERNETES_SERVICE_HOST is not set)"


@dataclass(frozen=True, slots=True)
class PodSource:
    """A place that lists pods.

    `place` is an address (https, or http on loopback), a file, or "" for the API server of the
    cluster that careen runs in. `node` is this node's name, which the API server needs.
    """

    place: str
    node: str
    namespace: str
    environ: Mapping[str, str]

    def pods(self) -> tuple[Pod, ...]:
        """Return the running pods. Raises InputError or ToolError with one line that says why not.

        An API server lists those of this node alone, as does a kubelet.
        """
        if not self.place:
            return self._here(read_pods(*fetched(self._api_server())))
        if "://" in self.place:
            return self._here(read_pods(*fetched(self.place)))
        try:
            with Path(self.place).open("rb") as stream:
                data = stream.read(LARGEST + 1)
        except OSError as error:
            msg = (
                f"list of pods {self.place!r}: {error.strerror}; `kubectl get pods -o json` makes"
                " one"
            )
            raise InputError(msg) from error
        return self._here(read_pods(data, self.place))

    def _here(self, pods: tuple[Pod, ...]) -> tuple[Pod, ...]:
        return tuple(
            pod
            for pod in pods
            if (not self.node or pod.node in ("", self.node))
            and self.namespace in ("", pod.namespace)
        )

    def _api_server(self) -> str:
        server = api_server(self.environ)
        if not server:
            msg = (
                f"{OUTSIDE}: name where the node's pods are listed with --pods-from (a kubelet's"
                " https://NODE:10250/pods, or a file that `kubectl get pods -o json` made)"
            )
            raise InputError(msg)
        if not self.node:
            msg = "the API server lists the pods of all nodes: name this one with --node"
            raise InputError(msg)
        field = quote(f"spec.nodeName={self.node}", safe="")
        # Version 0: from the server's memory, without a question to its database.
        query = f"fieldSelector={field}&resourceVersion=0"
        place = f"/namespaces/{quote(self.namespace, safe='')}" if self.namespace else ""
        return f"{server}/api/v1{place}/pods?{query}"


def api_server(environ: Mapping[str, str]) -> str:
    """Return the address of the API server of the cluster that careen runs in, "" outside."""
    host, port = (environ.get(f"KUBERNETES_SERVICE_{word}", "") for word in ("HOST", "PORT"))
    bracketed = f"[{host}]" if ":" in host else host
    return f"https://{bracketed}:{port or '443'}" if host else ""


def fetched(address: str) -> tuple[bytes, str]:
    """Return the list of pods at an address, and the address as it is shown.

    Raises InputError or ToolError with one line that says why not.
    """
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        msg = f"list of pods {address[:200]!r}: not an address"
        raise InputError(msg) from error
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(url.host)):
        msg = f"{shown_address(url)}: expected https, or http on this node's loopback"
        raise InputError(msg)
    headers = {"User-Agent": f"careen/{__version__}", "Accept": "application/json"}
    if url.scheme == "https" and (token := _token()):
        headers["Authorization"] = f"Bearer {token}"
    where = shown_address(url)
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, verify=_trust(), trust_env=False) as client,
            opened(client, address, headers) as answer,
        ):
            if answer.status_code != _OK:
                raise ToolError(_refusal(where, answer.status_code))
            body = bytearray()
            for chunk in answer.iter_raw():
                body += chunk
                if len(body) > LARGEST:
                    msg = f"{where}: more than {LARGEST >> 20} MiB of pods"
                    raise ToolError(msg)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise ToolError(_failure(where, error)) from error
    return bytes(body), where


def _is_loopback(host: str) -> bool:
    return host in ("127.0.0.1", "::1", "localhost")


def _token() -> str:
    try:
        with (ACCOUNT / "token").open("rb") as stream:
            return stream.read(_TOKEN_LIMIT).decode("ascii").strip()
    except (OSError, ValueError):
        return ""


def _trust() -> ssl.SSLContext:
    """Return whom to trust: the cluster's own authority in a pod, else the machine's."""
    authority = ACCOUNT / "ca.crt"
    return ssl.create_default_context(cafile=str(authority) if authority.exists() else None)


def _refusal(where: str, status: int) -> str:
    if status == _UNAUTHORIZED:
        return (
            f"{where}: refuses careen's account (401): run careen in a pod with a service account,"
            " or name a file with --pods-from"
        )
    if status == _FORBIDDEN:
        return (
            f"{where}: careen's service account may not list pods (403): bind the role of"
            " deploy/kubernetes/recorder, or for a kubelet one with nodes/pods (docs/kubernetes.md)"
        )
    if status == _GONE:
        return f"{where}: the list expired while it was read (410): run it again"
    return f"{where}: answers with status {status}, expected a list of pods"


def _failure(where: str, error: Exception) -> str:
    reason = str(error) or type(error).__name__
    if "CERTIFICATE" in reason:
        return (
            f"{where}: its certificate is not signed by the cluster's authority (many kubelets sign"
            " their own): leave --pods-from out, to ask the API server"
        )
    return f"{where}: not reached: {reason[:200]}"
