"""A vulnerability is matched when it is asked: an older inventory answers today's advisory."""

import json
from pathlib import Path

import pytest

from careen.advisories.database.importing import import_directory
from careen.advisories.database.store import open_store
from careen.advisories.matching.match import match
from careen.errors import ConfigError, InputError
from careen.evidence.sbom.read import read_sbom
from careen.fleet.store.place import opened
from careen.model.fleet.grade import Grade
from careen.model.fleet.question import Filters
from careen.model.runs.trace import Use
from careen.pipeline.fleet.forget import ForgetRequest, forget
from tests.support.fleet import LOG4J, Fleet, digest, rbom, sbom, used

DEBIAN = {
    "type": "operating-system",
    "name": "debian",
    "version": "12",
    "properties": [{"name": "syft:distro:versionCodename", "value": "bookworm"}],
}
OTHER = {"type": "operating-system", "name": "slackware", "version": "15"}
LIBSSL = "pkg:deb/debian/libssl3@3.0.11-1~deb12u1?arch=amd64&distro=debian-12&upstream=openssl%403.0.11-1~deb12u1"
TRACKER = {
    "openssl": {
        "CVE-2024-1": {
            "releases": {
                "bookworm": {
                    "status": "resolved",
                    "fixed_version": "3.0.11-1~deb12u2",
                    "repositories": {"bookworm": "3.0.11-1~deb12u2"},
                    "urgency": "medium",
                }
            }
        }
    }
}


def record(name: str, alias: str, ecosystem: str, package: str, fixed: str) -> dict[str, object]:
    """Return an OSV record."""
    events = [{"introduced": "0"}, {"fixed": fixed}]
    return {
        "id": name,
        "modified": "2026-11-01T00:00:00Z",
        "aliases": [alias],
        "affected": [
            {
                "package": {"ecosystem": ecosystem, "name": package},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
    }


RECORDS = [
    record(
        "GHSA-jfh8-c2jp-5v3q",
        "CVE-2021-44228",
        "Maven",
        "org.apache.logging.log4j:log4j-core",
        "2.15.0",
    ),
    record("GHSA-aaaa-bbbb-cccc", "CVE-2024-2", "PyPI", "Foo_Bar", "2.0"),
    record("GHSA-dddd-eeee-ffff", "CVE-2024-3", "npm", "@scope/left-pad", "1.1.0"),
    record("GHSA-gggg-hhhh-iiii", "CVE-2024-4", "Go", "github.com/Acme/Tool", "1.5.0"),
]


@pytest.fixture(name="fleet")
def _fleet(tmp_path: Path) -> Fleet:
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    (feeds / "one").write_text(json.dumps(TRACKER))
    for each in RECORDS:
        name = str(each["id"])
        (feeds / name).write_text(json.dumps(each) + "\n" + json.dumps({**each, "id": f"{name}x"}))
    fleet = Fleet(tmp_path)
    fleet.db = tmp_path / "advisories.db"
    import_directory(feeds, fleet.db, lambda _: None)
    fleet.write("1/sbom.cdx.json", sbom(1, [DEBIAN, LIBSSL, LOG4J, "pkg:pypi/foo-bar@1.9"]))
    fleet.write("1/rbom.json", rbom(1, [used("/x.jar", Use.MAPPED, LOG4J)]))
    fleet.write(
        "2.json",
        sbom(
            2,
            [
                DEBIAN,
                LIBSSL.replace("deb12u1", "deb12u2"),
                LOG4J.replace("2.14.1", "2.17.1"),
                "pkg:npm/%40scope/left-pad@1.0.0",
                "pkg:npm/left-pad@1.0.0",
                "pkg:golang/github.com/acme/tool@v1.4.0",
                "pkg:golang/github.com/Acme/Tool@v1.4.0",
            ],
        ),
    )
    fleet.write("3.json", sbom(3, [OTHER, LIBSSL, "pkg:pypi/Foo.Bar@2.0"]))
    assert fleet.index().refused == ()
    return fleet


def test_each_vulnerability_is_where_a_scan_of_each_image_finds_it(fleet: Fleet) -> None:
    with open_store(fleet.db) as store:
        scanned = {
            (digest(number), found.package, name)
            for number, path in ((1, "1/sbom.cdx.json"), (2, "2.json"), (3, "3.json"))
            for found in match(read_sbom(fleet.folder / path, path).inventory, store).findings
            for name in found.identifiers
        }
    assert len({name for _, _, name in scanned if name.startswith("CVE")}) == 5
    for name in {name for _, _, name in scanned}:
        assert {(hit.image, hit.what, name) for hit in fleet.ask(name).hits} == {
            each for each in scanned if each[2] == name
        }


def test_a_distribution_without_a_feed_is_not_known(fleet: Fleet) -> None:
    found = fleet.ask("CVE-2024-1")
    assert [hit.image for hit in found.hits] == [digest(1)]
    assert [(each.images, each.examples) for each in found.not_known] == [(1, ("shop/app:3",))]
    assert "distribution" in found.not_known[0].why
    assert any("no feed of crates.io" in note for note in found.notes)


def test_a_package_that_cannot_be_compared_is_never_an_absence(fleet: Fleet) -> None:
    fleet.write("4.json", sbom(4, ["pkg:deb/debian/openssl@1.1.1k-1"]))
    fleet.write("5.json", sbom(5, [DEBIAN, "pkg:conda/openssl@1.1.1"]))
    fleet.write("6.json", sbom(6, [DEBIAN, "pkg:cargo/serde@1.0.0", "pkg:conda/zlib@1"]))
    fleet.write("7.json", sbom(7, ["pkg:pypi/other@1"]))
    fleet.index()
    found = fleet.ask("CVE-2024-1")
    assert [hit.image for hit in found.hits] == [digest(1)]
    assert found.unknown_images == {digest(3), digest(4), digest(5), digest(6)}
    said = {name: each.why for each in found.not_known for name in each.examples}
    assert "does not say which distribution" in said["shop/app:4"]
    assert "conda" in said["shop/app:5"]
    assert "no feed of crates.io" in said["shop/app:6"]


def test_filters_are_those_of_packages(fleet: Fleet) -> None:
    filters = Filters(grade=Grade.EXECUTED)
    assert [hit.image for hit in fleet.ask("CVE-2021-44228", filters).hits] == [digest(1)]
    assert fleet.ask("CVE-2024-1", filters).hits == ()


def test_an_unknown_vulnerability_or_no_database_is_one_line(fleet: Fleet) -> None:
    with pytest.raises(InputError, match="no advisory of the database"):
        fleet.ask("CVE-2099-1")
    fleet.db = fleet.folder / "none.db"
    with pytest.raises(ConfigError, match="there is no advisory database"):
        fleet.ask("CVE-2024-1")


def vex(number: int, status: str, *subcomponents: str) -> bytes:
    """Return an attestation of OpenVEX about log4j's flaw in an image."""
    product = {"@id": f"pkg:oci/app@{digest(number)}"}
    if subcomponents:
        product["subcomponents"] = [{"@id": each} for each in subcomponents]  # type: ignore[assignment]
    statement = {"vulnerability": {"name": "CVE-2021-44228"}, "status": status}
    if status == "not_affected":
        statement["justification"] = "vulnerable_code_not_present"
    predicate = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": f"urn:vex:{number}",
        "author": "shop",
        "timestamp": "2026-11-02T00:00:00Z",
        "version": 1,
        "statements": [{**statement, "products": [product]}],
    }
    subject = {"name": "shop/app", "digest": {"sha256": digest(number).partition(":")[2]}}
    return json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [subject],
            "predicateType": "https://openvex.dev/ns/v0.2.0",
            "predicate": predicate,
        }
    ).encode()


def test_vex_is_told_beside_a_hit_and_hides_none(fleet: Fleet) -> None:
    for number in range(1, 6):
        fleet.write(f"{number}.json", sbom(number, [LOG4J]))
    fleet.write("1-vex.json", vex(1, "not_affected"))
    fleet.write("2-vex.json", vex(2, "not_affected", LOG4J))
    fleet.write("3-vex.json", vex(3, "not_affected", "pkg:maven/other/thing@1"))
    fleet.write("4-vex.json", vex(4, "under_investigation"))
    assert fleet.index().refused == ()
    found = fleet.ask("CVE-2021-44228")
    said = "not_affected: vulnerable_code_not_present"
    assert {hit.image: hit.vex for hit in found.hits} == {
        digest(1): said,
        digest(2): said,
        digest(3): "",
        digest(4): "",
        digest(5): "",
    }
    assert any("2 images are stated as not affected" in note for note in found.notes)
    assert all(not hit.vex for hit in fleet.ask(LOG4J).hits)
    forget(fleet.store, ForgetRequest((digest(2),)))
    assert sum(bool(hit.vex) for hit in fleet.ask("CVE-2021-44228").hits) == 1
    with opened(fleet.store, write=False) as database:
        assert database.rows("SELECT count(*) FROM image_vex") == [(2,)]
