"""All pods of a cluster are read page by page, and a list that cannot be read is one line."""

import json
from collections.abc import Iterator

import pytest

from careen.clusters import pods as pods_module
from careen.clusters import whole_cluster
from careen.clusters.whole_cluster import all_pods
from careen.errors import CareenError, ToolError
from tests.support.http_server import HttpServer, Said, http_server
from tests.unit.clusters.test_pods import POD, listed, without

FIRST = "/api/v1/pods?limit=500"


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with http_server() as found:
        yield found


def page(number: int, rest: str = "") -> Said:
    document = json.loads(listed(without("metadata.name", f"pod-{number}")))
    about = {"resourceVersion": "12", "continue": rest}
    return Said(json.dumps({**document, "metadata": about}).encode())


def test_a_list_is_read_to_its_end(server: HttpServer) -> None:
    server.answers[FIRST] = page(1, "a+b")
    server.answers[f"{FIRST}&continue=a%2Bb"] = page(2, "c")
    server.answers[f"{FIRST}&continue=c"] = page(3)
    pages = list(all_pods(f"{server.url}/api/v1/pods", {}))
    assert [[pod.name for pod in each] for each in pages] == [["pod-1"], ["pod-2"], ["pod-3"]]


def test_an_address_may_have_a_query_and_a_list_no_pages(server: HttpServer) -> None:
    server.answers["/pods?labelSelector=a&limit=500"] = page(1)
    (pods,) = all_pods(f"{server.url}/pods?labelSelector=a", {})
    assert len(pods) == 1


def test_the_pods_of_one_node_are_not_taken_for_a_cluster(server: HttpServer) -> None:
    # As a kubelet answers, whatever the query.
    answer = {**json.loads(listed(POD)), "metadata": {}}
    server.answers["/pods?limit=500"] = Said(json.dumps(answer).encode())
    with pytest.raises(ToolError, match="a kubelet lists one node's pods"):
        list(all_pods(f"{server.url}/pods", {}))


def test_a_page_with_too_many_pods_is_not_cut(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pods_module, "MOST_PODS", 2)
    document = json.loads(page(1).body)
    document["items"] *= 3
    server.answers[FIRST] = Said(json.dumps(document).encode())
    with pytest.raises(ToolError, match="more than 2 pods in one list"):
        list(all_pods(f"{server.url}/api/v1/pods", {}))


def test_a_list_that_does_not_end_is_refused(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_cluster, "MOST_PAGES", 3)
    server.answers[FIRST] = page(1, "x")
    server.answers[f"{FIRST}&continue=x"] = page(2, "x")
    with pytest.raises(ToolError, match="more than 1,500 pods, or a list that does not end"):
        list(all_pods(f"{server.url}/api/v1/pods", {}))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Said(status=403), "may not list pods"),
        (Said(status=410), "the list expired"),
        (Said(b"{"), "pods: "),
        (Said(b'{"kind": "Status"}'), "not a list of pods"),
    ],
)
def test_what_a_server_refuses_is_one_line(server: HttpServer, answer: Said, said: str) -> None:
    server.answers[FIRST] = page(1, "x")
    server.answers[f"{FIRST}&continue=x"] = answer
    with pytest.raises(ToolError, match=said) as caught:
        list(all_pods(f"{server.url}/api/v1/pods", {}))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("", "not in a pod of a cluster"),
        ("pods.json", "expected an address; name a file as a SOURCE"),
        ("http://10.0.0.1/api/v1/pods", "expected https"),
    ],
)
def test_what_cannot_be_asked_is_one_line(place: str, said: str) -> None:
    with pytest.raises(CareenError, match=said):
        list(all_pods(place, {}))
