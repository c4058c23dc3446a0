"""`careen fleet` as a user runs it: the table, JSON, CSV, exit status, mistakes in one line."""

import csv
import io
import json
from pathlib import Path

import click
import jsonschema
import pytest
from click.testing import CliRunner

from careen.cli.verbs.fleet import command
from careen.errors import CareenError
from careen.model.runs.trace import Use
from careen.pipeline.fleet.trust import stored_signer
from careen.signing.identity import TrustedIdentity
from tests.support.fleet import JAVA, LOG4J, Fleet, digest, rbom, sbom, used
from tests.support.http_server import Said, http_server
from tests.support.schemas import document
from tests.unit.fleet.test_running import pods

RANGE = "pkg:maven/org.apache.logging.log4j/log4j-core<2.17.1"
HOSTILE = "=cmd|'/c calc'!A1\x1b[31m\n"


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAREEN_FLEET", str(tmp_path / "data" / "fleet.db"))
    monkeypatch.setenv("CAREEN_DB", str(tmp_path / "missing.db"))
    fleet = Fleet(tmp_path)
    fleet.write("1.json", sbom(1, [LOG4J]))
    bom = json.loads(rbom(1, [used("/x.jar", Use.MAPPED, LOG4J)], [(8080, JAVA)]))
    bom["image"]["reference"] = HOSTILE
    fleet.write("1-rbom.json", json.dumps(bom).encode())
    fleet.write("2.json", sbom(2, [LOG4J]))
    fleet.write("3-rbom.json", rbom(3, [used("/bin/sh", Use.EXECUTED)], layers=()))


def fleet(*words: str) -> tuple[int, str]:
    ended = CliRunner().invoke(command, words, standalone_mode=False, catch_exceptions=False)
    return ended.return_value, ended.stdout


def test_an_answer_as_table_lines_json_and_csv() -> None:
    assert fleet("index", "documents")[0] == 0
    status, text = fleet("who-has", RANGE)
    assert status == 0
    assert " ".join(text.split()).startswith(
        f"{RANGE}: 2 of 3 images (1 executed, 1 not known); not known for 1 Images"
        " with maven/org.apache.logging.log4j/log4j-core GRADE IMAGE VERSION"
    )
    assert "8080" in text
    assert "\x1b" not in text
    lines = fleet("who-has", RANGE, "-q")[1].splitlines()
    assert [line.split()[0] for line in lines] == ["executed", "not"]
    found = json.loads(fleet("who-has", RANGE, "--json")[1])
    assert [hit["grade"] for hit in found["hits"]] == ["executed", "not known"]
    assert found["not_known"][0]["images"] == 1
    rows = list(csv.DictReader(io.StringIO(fleet("who-has", RANGE, "--csv")[1])))
    assert [row["grade"] for row in rows] == ["executed", "not known", "not known"]
    assert all(not (cell or "").startswith("=") for row in rows for cell in row.values())


def test_filters_reach_the_answer() -> None:
    fleet("index", "documents")
    for option in ("--executed", "--loaded", "--listening"):
        found = json.loads(fleet("who-has", RANGE, option, "--json")[1])
        assert [hit["image"] for hit in found["hits"]] == [digest(1)]
        assert sum(each["images"] for each in found["not_known"]) == 2
    found = json.loads(fleet("who-has", "--file", "**/x.jar", "--state", "verified", "--json")[1])
    assert found["hits"] == []


def test_a_signer_is_asked_for_as_cosign_is_told(tmp_path: Path) -> None:
    pem = "-----BEGIN PUBLIC KEY-----\nYWJj\n-----END PUBLIC KEY-----\n"
    Path("cosign.pub").write_text(pem)
    key = stored_signer("cosign.pub")
    signed = Fleet(tmp_path, str(tmp_path / "data" / "fleet.db"))
    Path("data").mkdir()
    signed.attach("a:1", 11, sbom(11, [LOG4J]), signer=key)
    signed.attach("b:1", 12, sbom(12, [LOG4J]), signer="ci@shop.example of https://i.example")
    assert fleet("who-has", RANGE, "--key", "cosign.pub", "-q")[1].split()[3:] == ["a:1", LOG4J]
    identity = ("--certificate-identity", "ci@shop.example")
    issuer = ("--certificate-oidc-issuer", "https://i.example")
    found = json.loads(fleet("who-has", RANGE, *identity, *issuer, "--json")[1])
    assert [hit["signer"] for hit in found["hits"]] == ["ci@shop.example of https://i.example"]
    assert "not signed, or not all of it, by ci@shop" in found["not_known"][0]["why"]
    rows = list(csv.DictReader(io.StringIO(fleet("who-has", RANGE, "--csv")[1])))
    assert [row["signer"] for row in rows] == [key, "ci@shop.example of https://i.example"]
    table = " ".join(fleet("who-has", RANGE)[1].split())
    assert "SIGNED BY" in table
    with pytest.raises(CareenError, match="--certificate-oidc-issuer"):
        fleet("who-has", RANGE, *identity)


def test_an_identity_counts_by_the_root_that_its_signatures_were_checked_by(
    tmp_path: Path,
) -> None:
    root = {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "certificateAuthorities": [{}],
        "tlogs": [{}],
    }
    for name, version in (("ours.json", 1), ("theirs.json", 2)):
        Path(name).write_text(json.dumps({**root, "version": version}))
    identity = ("--certificate-identity", "ci@shop.example")
    words = (*identity, "--certificate-oidc-issuer", "https://i.example")
    by = TrustedIdentity.given("ci@shop.example", "https://i.example", Path("ours.json"))
    signed = Fleet(tmp_path, str(tmp_path / "data" / "fleet.db"))
    Path("data").mkdir()
    signed.attach("a:1", 11, sbom(11, [LOG4J]), signer=stored_signer(by))

    def found(*root: str) -> int:
        answer: int = json.loads(fleet("who-has", RANGE, *words, *root, "--json")[1])["affected"]
        return answer

    assert found("--trusted-root", "ours.json") == 1
    assert found("--trusted-root", "theirs.json") == 0
    assert found() == 0
    with pytest.raises(CareenError, match="none"):
        found("--trusted-root", "none.json")


def test_a_cluster_is_asked_by_the_address_of_its_list_of_pods() -> None:
    fleet("index", "documents")
    with http_server() as server:
        server.answers["/api/v1/pods?limit=500"] = Said(pods(("r/a:1", digest(1))))
        words = ("--cluster", "prod", "--pods-from", f"{server.url}/api/v1/pods", "--json")
        done = json.loads(fleet("index", *words)[1])
    assert (done["running"], done["refused"]) == (1, [])
    found = json.loads(fleet("who-has", RANGE, "--running", "--json")[1])
    assert [hit["image"] for hit in found["hits"]] == [digest(1)]
    status, text = fleet("index", "--cluster", "prod")
    assert (status, "not in a pod of a cluster" in text) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name a SOURCE, or --cluster NAME"),
        (("--pods-from", "http://127.0.0.1/pods"), "--pods-from: of which cluster"),
        (("--cluster", ""), "--cluster: the name is empty"),
        (("--cluster", "", "--pods-from", "http://127.0.0.1/pods"), "--cluster: the name is empty"),
    ],
)
def test_what_is_indexed_must_be_named(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(click.UsageError, match=said):
        fleet("index", *words)


def test_a_bad_document_is_named_and_the_status_is_1() -> None:
    Path("documents", "bad.json").write_bytes(b'{"bomFormat": "CycloneDX",')
    status, text = fleet("index", "documents")
    assert status == 1
    assert [line for line in text.splitlines() if "bad.json" in line] == [
        line for line in text.splitlines() if line.startswith("not indexed: ")
    ]
    status, text = fleet("index", "documents", "-q")
    assert (status, text.count("\n")) == (1, 1)
    done = json.loads(fleet("index", "documents", "--json")[1])
    assert (done["images"], done["unchanged"], len(done["refused"])) == (0, 4, 1)
    assert jsonschema.Draft202012Validator(json.loads(document("fleet-index"))).is_valid(done)


def test_an_image_is_forgotten() -> None:
    fleet("index", "documents")
    assert fleet("forget", digest(2))[1] == (
        "1 image removed, 2 left\n1 name with their history removed\n"
    )
    assert json.loads(fleet("who-has", RANGE, "--json")[1])["affected"] == 1
    assert fleet("forget", digest(1), "-q")[1] == f"{digest(1)}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("who-has", RANGE), "there is no store of a fleet"),
        (("who-has", "log4j"), "expected a package URL"),
        (("who-has", "--file", "x"), "--file 'x'"),
        (("index", "none"), "no such file or directory"),
        (("index", "documents", "--store", "mysql://x"), "not a store"),
        (("forget", "x"), "no image of the store"),
        (("forget", "--cluster", "x"), "no list of it"),
    ],
)
def test_a_mistake_is_one_clear_line(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CareenError, match=said) as failed:
        fleet(*words)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize("words", [(), (RANGE, "--file", "/x")])
def test_one_thing_is_asked_at_a_time(words: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError, match="either WHAT or --file"):
        fleet("who-has", *words)
