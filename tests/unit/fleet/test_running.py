"""What runs in clusters, and what runs without any document."""

import json
import os
import time
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.fleet.ask.answer import STRANGE
from careen.model.fleet.question import Filters
from careen.pipeline.fleet.forget import ForgetRequest, forget
from careen.pipeline.fleet.index import index
from careen.pipeline.fleet.pods import LiveCluster
from careen.report.terminal_output.progress import SilentProgress
from tests.support.fleet import LOG4J, Fleet, digest, sbom
from tests.support.http_server import Said, http_server


def pods(*images: tuple[str, str]) -> bytes:
    """Return a list of pods, one for each name and digest of an image."""
    items = [
        {
            "metadata": {"name": f"pod-{number}", "namespace": "shop", "uid": str(number)},
            "spec": {"containers": [{"name": "app", "image": name}]},
            "status": {
                "phase": "Running",
                "containerStatuses": [
                    {
                        "name": "app",
                        "image": name,
                        "imageID": f"{name}@{sha256}" if sha256 else "",
                        "containerID": f"containerd://{number:064x}",
                        "state": {"running": {}},
                    }
                ],
            },
        }
        for number, (name, sha256) in enumerate(images)
    ]
    about = {"resourceVersion": "12"}
    return json.dumps(
        {"apiVersion": "v1", "items": items, "kind": "List", "metadata": about}
    ).encode()


@pytest.fixture(name="fleet")
def _fleet(tmp_path: Path) -> Fleet:
    fleet = Fleet(tmp_path)
    for number in (1, 2, 3):
        fleet.write(f"{number}.json", sbom(number, [LOG4J]))
    fleet.index()
    return fleet


def test_images_that_run_are_counted_by_digest_and_by_name(fleet: Fleet) -> None:
    assert [hit.running for hit in fleet.ask(LOG4J).hits] == [None, None, None]
    with pytest.raises(InputError, match="no list of running pods"):
        fleet.ask(LOG4J, Filters(running=True))
    listed = fleet.write(
        "prod.json", pods(("r/a:1", digest(1)), ("r/a:1", digest(1)), ("shop/app:2", ""))
    )
    assert fleet.index(listed).running == 3
    counts = {hit.name: hit.running for hit in fleet.ask(LOG4J).hits}
    assert counts == {"shop/app:1": 2, "shop/app:2": 1, "shop/app:3": 0}
    running = fleet.ask(LOG4J, Filters(running=True))
    assert [hit.name for hit in running.hits] == ["shop/app:1", "shop/app:2"]


def test_what_runs_without_a_document_is_never_an_absence(fleet: Fleet) -> None:
    fleet.index(fleet.write("prod.json", pods(("r/new:1", digest(9)), ("r/other:1", ""))))
    (unknown,) = fleet.ask("pkg:pypi/none").not_known
    assert (unknown.why, unknown.images) == (STRANGE, 2)
    assert unknown.examples == ("r/other:1", digest(9))


def test_a_newer_list_of_a_cluster_replaces_the_older_one(fleet: Fleet) -> None:
    fleet.index(fleet.write("prod.json", pods(("r/a:1", digest(1)))))
    fleet.index(fleet.write("test.json", pods(("r/a:1", digest(2)))))
    fleet.index(fleet.write("prod.json", pods(("r/a:1", digest(3)))))
    running = fleet.ask(LOG4J, Filters(running=True))
    assert [hit.name for hit in running.hits] == ["shop/app:2", "shop/app:3"]


def test_two_lists_of_one_name_in_one_run_do_not_replace_each_other(fleet: Fleet) -> None:
    first = fleet.write("a/pods.json", pods(("r/a:1", digest(1))))
    fleet.write("b/pods.json", pods(("r/a:1", digest(2))))
    done = fleet.index(fleet.folder, first)  # the same file twice is one list
    (refused,) = done.refused
    assert Path(refused.where).parent.name == "b"
    assert "name each file after its cluster" in refused.problem
    assert [hit.name for hit in fleet.ask(LOG4J, Filters(running=True)).hits] == ["shop/app:1"]


def test_a_list_without_containers_is_a_list(fleet: Fleet) -> None:
    fleet.index(fleet.write("prod.json", pods()))
    assert fleet.ask(LOG4J, Filters(running=True)).affected == 0
    assert [hit.running for hit in fleet.ask(LOG4J).hits] == [0, 0, 0]


def test_an_older_list_does_not_replace_a_newer_one_and_its_age_is_told(fleet: Fleet) -> None:
    new = fleet.write("prod.json", pods(("r/a:1", digest(1))))
    now = time.time()
    os.utime(new, (now, now - 3 * 86_400 - 60))
    old = fleet.write("old/prod.json", pods(("r/a:1", digest(2))))
    os.utime(old, (now, now - 9 * 86_400))
    fleet.index(new)
    (refused,) = fleet.index(old).refused
    assert "newer one of that cluster" in refused.problem
    found = fleet.ask(LOG4J, Filters(running=True))
    assert [hit.name for hit in found.hits] == ["shop/app:1"]
    assert found.notes == ("what runs is known by lists of pods: prod (3 days old)",)


def test_a_cluster_that_is_gone_can_be_forgotten(fleet: Fleet) -> None:
    fleet.index(fleet.write("prod.json", pods(("r/a:1", digest(1)), ("r/new:1", digest(9)))))
    fleet.index(fleet.write("test.json", pods(("r/a:1", digest(2)))))
    with pytest.raises(InputError, match="no list of it; it has: prod, test"):
        forget(fleet.store, ForgetRequest((digest(1),), ("gone",)))
    done = forget(fleet.store, ForgetRequest(clusters=("prod",)))
    assert (done.images, done.clusters, done.fleet) == ((), ("prod",), 3)
    found = fleet.ask(LOG4J)
    assert [hit.running for hit in found.hits] == [0, 1, 0]
    assert found.not_known == ()


def test_a_list_that_is_cut_or_too_long_is_one_line(fleet: Fleet) -> None:
    whole = pods(("r/a:1", digest(1)))
    fleet.write("cut.json", whole[:-30])
    fleet.write("other.json", b'{"apiVersion": "v1", "kind": "ConfigMap"}')
    many = json.loads(whole)
    ended = {"status": {"phase": "Succeeded"}}
    many["items"] = [*many["items"], *[ended] * 10_000]  # pods that have ended count, too
    fleet.write("many.json", json.dumps(many).encode())
    refused = {Path(each.where).name: each.problem for each in fleet.index().refused}
    assert set(refused) == {"cut.json", "other.json", "many.json"}
    assert "one list for each namespace" in refused["many.json"]


def test_an_api_server_is_asked_what_runs(fleet: Fleet) -> None:
    fleet.index(fleet.write("prod.json", pods(("r/old:1", digest(7)))))
    with http_server() as server:
        server.answers["/pods?limit=500"] = Said(pods(("r/a:1", digest(1)), ("r/b:1", digest(9))))
        cluster = LiveCluster("prod", f"{server.url}/pods", {})
        done = index(fleet.store, (), SilentProgress(), cluster=cluster)
        assert (done.running, done.refused) == (2, ())
        server.answers.clear()
        failed = index(fleet.store, (), SilentProgress(), cluster=cluster)
    assert [(each.where, "status 404" in each.problem) for each in failed.refused] == [
        ("prod", True)
    ]
    # What was known before stays.
    found = fleet.ask(LOG4J, Filters(running=True))
    assert [(hit.name, hit.running) for hit in found.hits] == [("shop/app:1", 1)]
    assert found.unknown_images == {digest(9)}


def test_a_part_of_a_list_is_not_taken_for_the_whole(fleet: Fleet) -> None:
    document = json.loads(pods(("r/a:1", digest(1))))
    document["metadata"] = {"continue": "more"}
    part = fleet.write("prod.json", json.dumps(document).encode())
    (refused,) = fleet.index(part).refused
    assert "the first page of a list" in refused.problem
