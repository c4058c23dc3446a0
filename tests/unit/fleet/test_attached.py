"""What is attached to an image of a registry says nothing about other images."""

import json
from pathlib import Path

from careen.fleet.store.place import opened
from careen.fleet.store.reader import Reader
from careen.model.fleet.indexed import Refused
from careen.model.fleet.trends import Trends
from careen.model.runs.trace import Use
from careen.pipeline.fleet.documents import parse
from careen.pipeline.fleet.facts import NOT_READ
from careen.pipeline.fleet.trends import Period, trends
from tests.support.fleet import LOG4J, Fleet, digest, rbom, sbom, used

URLLIB3 = "pkg:pypi/urllib3@2.2.3"


def test_an_attached_rbom_adds_no_digest_of_another_image(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("1.json", sbom(1, [LOG4J]))
    assert fleet.index().images == 1
    claimed = json.loads(rbom(2, [used("/x", Use.OPENED)]))
    claimed["image"] |= {"manifest_digest": digest(2), "config_digest": digest(1)}
    assert fleet.attach("evil:1", 2, json.dumps(claimed).encode()).fleet == 2
    # Nor later, when its documents are joined with one of a file.
    assert fleet.index(fleet.write("2.json", sbom(2, [URLLIB3]))).fleet == 2
    assert {hit.image for hit in fleet.ask(LOG4J).hits} == {digest(1)}
    assert {hit.image for hit in fleet.ask(URLLIB3).hits} == {digest(2)}


def test_an_attached_sbom_adds_no_name_of_another_image(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("1.json", sbom(1, [LOG4J]))
    fleet.index()
    claimed = json.loads(sbom(2, [URLLIB3], timestamp="2999-01-01T00:00:00Z"))
    claimed["metadata"]["component"]["name"] = "shop/app:1"
    fleet.attach("evil:1", 2, json.dumps(claimed).encode())
    fleet.index(fleet.write("2.json", rbom(2, [used("/x", Use.OPENED)])))
    with opened(fleet.store, write=False) as database:
        assert set(Reader(database).named("shop/app:1").values()) == {digest(1)}


def test_a_time_in_the_future_is_none(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("a.json", sbom(1, [LOG4J]))
    fleet.write("b.json", sbom(1, [URLLIB3], timestamp="2999-01-01T00:00:00Z"))
    fleet.index()
    assert fleet.ask(LOG4J).affected == 1
    assert fleet.ask(URLLIB3).affected == 0


def test_a_time_with_an_offset_is_in_utc(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("a.json", sbom(1, [LOG4J], timestamp="2026-10-01T10:00:00-05:00"))
    fleet.write("b.json", sbom(1, [URLLIB3], timestamp="2026-10-01T14:00:00Z"))
    fleet.index()
    assert fleet.ask(LOG4J).affected == 1


def test_a_scan_of_another_tool_says_nothing_of_findings(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    ours = vulns(1, [{"id": "CVE-1", "annotations": [{"package": LOG4J, "evidence": "present"}]}])
    other = vulns(1, [{"id": "CVE-2021-44228", "severity": [{"method": "3.1", "score": "10.0"}]}])
    odd = vulns(1, {"Results": []})
    fleet.attach("shop/app:1", 1, other, odd)
    assert [each.images for each in answer(fleet).not_known] == [1]
    fleet.attach("shop/app:1", 1, ours)
    fleet.attach("shop/app:1", 1, other)
    (row,) = answer(fleet).rows
    assert row.open == 1


def test_vex_in_cyclonedx_is_no_inventory(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    vex = json.loads(sbom(1, [], timestamp="2026-11-20T00:00:00Z"))
    del vex["components"]
    vex["vulnerabilities"] = [{"id": "CVE-1", "analysis": {"state": "not_affected"}}]
    attested = statement(1, "https://cyclonedx.org/bom/v1.6", vex)
    fleet.attach("shop/app:1", 1, sbom(1, [LOG4J]), attested)
    assert fleet.ask(LOG4J).affected == 1
    (refused,) = fleet.index(fleet.write("vex.json", json.dumps(vex).encode())).refused
    assert "CycloneDX VEX, which lists no components" in refused.problem
    assert fleet.ask(LOG4J).affected == 1


def test_vex_that_an_older_careen_stored_does_not_answer() -> None:
    vex = json.loads(sbom(1, []))
    vex["vulnerabilities"] = [{"id": "CVE-1"}]
    assert parse(json.dumps(vex).encode(), "stored sbom", "sbom").kind == "other"


def test_one_bad_attachment_is_a_reason_and_the_rest_is_read(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    for _ in range(2):  # it is not taken for an image that did not change
        done = fleet.attach("shop/app:1", 1, sbom(1, [LOG4J]), b"{", print="state")
        assert ["not valid JSON" in each.problem for each in done.refused] == [True]
        assert done.fleet == 1
    assert fleet.ask(LOG4J).affected == 1
    absent = fleet.ask(URLLIB3)
    assert [(each.why, each.images) for each in absent.not_known] == [(NOT_READ, 1)]
    assert fleet.attach("shop/app:1", 1, sbom(1, [LOG4J]), print="other").refused == ()
    assert fleet.ask(URLLIB3).not_known == ()


def test_what_cannot_be_read_of_an_image_leaves_it_in_the_store(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    done = fleet.attach("shop/app:1", 1, unread=("the registry lies",), forged=True)
    assert done.refused == (Refused("shop/app:1", "shop/app:1: the registry lies", forged=True),)
    assert (done.fleet, done.bare) == (1, ())
    assert [each.images for each in fleet.ask(LOG4J).not_known] == [1]


def vulns(number: int, result: object) -> bytes:
    """Return a statement of vulnerabilities about an image."""
    predicate = {"scanner": {"uri": "https://scanner.example", "result": result}}
    return statement(number, "https://in-toto.io/attestation/vulns/v0.2", predicate)


def statement(number: int, kind: str, predicate: object) -> bytes:
    """Return a statement about an image, which nobody signed."""
    return json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "shop/app:1", "digest": {"sha256": digest(number)[7:]}}],
            "predicateType": kind,
            "predicate": predicate,
        }
    ).encode()


def answer(fleet: Fleet) -> Trends:
    """Return the trends of everything that was loaded."""
    return trends(fleet.store, Period("", "9999-01-01T00:00:00Z"))
