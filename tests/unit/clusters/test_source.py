"""Where pods are listed: files, kubelets and API servers, and what each refusal says."""

import json
from pathlib import Path

import pytest

from careen.clusters import source
from careen.clusters.source import PodSource
from careen.errors import CareenError, InputError, ToolError
from tests.support.http_server import Said, http_server
from tests.unit.clusters.test_pods import POD, listed, without


def of(place: str = "", node: str = "", namespace: str = "", **environ: str) -> PodSource:
    return PodSource(place, node, namespace, environ)


def test_a_file_lists_the_pods_of_this_node(tmp_path: Path) -> None:
    file = tmp_path / "pods.json"
    elsewhere = without("spec.nodeName", "n2")
    file.write_bytes(listed(POD, elsewhere))
    assert len(of(str(file)).pods()) == 2
    assert [pod.node for pod in of(str(file), "n1").pods()] == ["n1"]
    assert of(str(file), "n1", "other").pods() == ()
    assert len(of(str(file), "n1", "shop").pods()) == 1


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No such file or directory; `kubectl get pods -o json`"):
        of(str(tmp_path / "none")).pods()


def test_a_kubelets_port_without_a_login_is_read() -> None:
    with http_server() as kubelet:
        kubelet.answers["/pods"] = Said(listed(POD))
        assert len(of(f"{kubelet.url}/pods").pods()) == 1
        assert "authorization" not in kubelet.headers[0]  # a token is not sent in the clear
        for status, said in (
            (401, "refuses careen's account"),
            (403, "may not list pods"),
            (500, "500"),
        ):
            kubelet.answers["/pods"] = Said(status=status)
            with pytest.raises(ToolError, match=said):
                of(f"{kubelet.url}/pods").pods()
        kubelet.answers["/pods"] = Said(json.dumps({"kind": "Status"}).encode())
        with pytest.raises(ToolError, match="not a list of pods"):
            of(f"{kubelet.url}/pods").pods()
    with pytest.raises(ToolError, match="not reached"):
        of(f"{kubelet.url}/pods").pods()


def test_a_list_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LARGEST", 100)
    with http_server() as kubelet:
        kubelet.answers["/pods"] = Said(listed(POD))
        with pytest.raises(ToolError, match="more than 0 MiB of pods"):
            of(f"{kubelet.url}/pods").pods()


@pytest.mark.parametrize(
    ("place", "environ", "said"),
    [
        ("", {}, "not in a pod of a cluster"),
        ("", {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "name this one with --node"),
        ("http://10.0.0.1:10255/pods", {}, "expected https, or http on this node's loopback"),
        ("ftp://127.0.0.1/pods", {}, "expected https"),
        ("https://[::1/pods", {}, "not an address"),
    ],
)
def test_what_cannot_be_asked_is_one_line(place: str, environ: dict[str, str], said: str) -> None:
    with pytest.raises(CareenError, match=said) as error:
        of(place, **environ).pods()
    assert "\n" not in str(error.value)


def test_an_api_server_is_asked_for_this_node_alone() -> None:
    address = of("", "n 1", KUBERNETES_SERVICE_HOST="fd00::1")._api_server()
    assert address == (
        "https://[fd00::1]:443/api/v1/pods?fieldSelector=spec.nodeName%3Dn%201&resourceVersion=0"
    )
    environ = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "6443"}
    address = of("", "n1", "a/b", **environ)._api_server()
    assert address.startswith("https://10.96.0.1:6443/api/v1/namespaces/a%2Fb/pods?")
