"""Answers of the fleet: grades by evidence, filters, and what is not known."""

import json
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.fleet.store.place import opened
from careen.fleet.store.reader import Reader
from careen.model.fleet.grade import Grade
from careen.model.fleet.question import Filters
from careen.model.runs.trace import Use
from careen.report.documents.document import to_json
from tests.support.boms import RUN
from tests.support.fleet import JAVA, LOG4J, Fleet, digest, index_alone, rbom, sbom, used

RANGE = "pkg:maven/org.apache.logging.log4j/log4j-core<2.17.1"
JAR = "/app/log4j-core-2.14.1.jar"
FIXED = LOG4J.replace("2.14.1", "2.17.1")
COMPONENT = {
    "type": "library",
    "name": "log4j-core",
    "purl": LOG4J,
    "evidence": {"occurrences": [{"location": JAR}]},
    "properties": [{"name": "careen:record", "value": JAR}],
}


@pytest.fixture(name="fleet")
def _fleet(tmp_path: Path) -> Fleet:
    """Five images: executed and listening, opened, only present, without an RBOM, fixed; and one
    of which only an RBOM is known.
    """
    fleet = Fleet(tmp_path)
    fleet.write("1.json", sbom(1, [COMPONENT]))
    fleet.write("1-rbom.json", rbom(1, [used(JAR, Use.MAPPED, LOG4J)], [(8080, JAVA)]))
    fleet.write("2.json", sbom(2, [COMPONENT]))
    fleet.write("2-rbom.json", rbom(2, [used(JAR, Use.OPENED, LOG4J, program="/bin/cat")]))
    fleet.write("3.json", sbom(3, [COMPONENT]))
    fleet.write("3-rbom.json", rbom(3, [used("/bin/sh", Use.EXECUTED)], [(80, "/bin/sh")]))
    fleet.write("4.json", sbom(4, [COMPONENT]))
    fleet.write("5.json", sbom(5, [FIXED]))
    fleet.write("6-rbom.json", rbom(6, [used("/bin/sh", Use.EXECUTED)], layers=()))
    assert fleet.index().refused == ()
    return fleet


def test_each_image_has_its_grade_and_the_rest_is_counted(fleet: Fleet) -> None:
    assert fleet.grades(RANGE) == {
        "shop/app:1": "executed",
        "shop/app:2": "opened",
        "shop/app:3": "present",
        "shop/app:4": "not known",
    }
    found = fleet.ask(RANGE)
    assert (found.images, found.affected) == (6, 4)
    assert [(each.images, each.examples) for each in found.not_known] == [(1, ("shop/app:6",))]
    first = found.hits[0]
    assert (first.workload, first.program, first.ports, first.path) == ("web", JAVA, (8080,), JAR)


def test_every_image_without_an_answer_is_named_by_its_digest(fleet: Fleet) -> None:
    for number in range(20, 26):
        fleet.write(f"{number}-rbom.json", rbom(number, [used("/bin/sh", Use.EXECUTED)]))
    fleet.index()
    found = fleet.ask(RANGE)
    assert found.unknown_images == {digest(6), *map(digest, range(20, 26))}
    assert sum(each.images for each in found.not_known) == len(found.unknown_images)
    assert b"unknown_images" not in to_json(found)


def test_a_filter_by_use_counts_what_it_cannot_decide(fleet: Fleet) -> None:
    found = fleet.ask(RANGE, Filters(grade=Grade.EXECUTED))
    assert [hit.name for hit in found.hits] == ["shop/app:1"]
    assert {each.examples: each.images for each in found.not_known} == {
        ("shop/app:4",): 1,
        ("shop/app:6",): 1,
    }
    listening = fleet.ask(RANGE, Filters(listening=True))
    assert [hit.name for hit in listening.hits] == ["shop/app:1"]


def test_an_incomplete_profile_makes_a_weak_grade_the_least(fleet: Fleet) -> None:
    document = json.loads(rbom(7, [used(JAR, Use.OPENED, LOG4J, program="/bin/cat")]))
    document["runs"][0]["sensor"]["losses"] = {"ring_full": 3}
    fleet.write("7/rbom.json", json.dumps(document).encode())
    fleet.write("7/sbom.cdx.json", sbom(7, [COMPONENT]))
    fleet.index()
    assert fleet.grades(RANGE)["shop/app:7"] == "opened"
    found = fleet.ask(RANGE, Filters(grade=Grade.EXECUTED))
    assert "shop/app:7" not in {hit.name for hit in found.hits}
    assert "shop/app:7" in {name for each in found.not_known for name in each.examples}
    listening = fleet.ask(RANGE, Filters(listening=True))
    assert listening.unknown_images == {digest(4), digest(6), digest(7)}


def test_files_are_found_by_content_and_by_name(fleet: Fleet) -> None:
    sha256 = f"{sum(JAR.encode()):064x}"
    assert fleet.grades(f"sha256:{sha256}") == {"shop/app:1": "executed", "shop/app:2": "opened"}
    assert fleet.grades("**/log4j-core-*.jar") == {
        "shop/app:1": "executed",
        "shop/app:2": "opened",
        "shop/app:3": "present",
        "shop/app:4": "not known",
    }
    found = fleet.ask("**/none-*.jar")
    assert (found.affected, [each.images for each in found.not_known]) == (0, [6])
    used_only = fleet.ask("**/none-*.jar", Filters(grade=Grade.LOADED))
    assert sum(each.images for each in used_only.not_known) == 2  # no RBOM: 4 and 5


def test_an_old_inventory_proves_no_absence(fleet: Fleet) -> None:
    found = fleet.ask("pkg:pypi/absent", Filters(max_age=0))
    assert sum(each.images for each in found.not_known) == 6
    assert found.affected == 0


def test_an_inventory_without_a_date_is_older_than_any(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("1.json", sbom(1, [LOG4J], timestamp=""))
    fleet.write("2.json", sbom(2, [LOG4J], timestamp="2000-01-01T00:00:00Z"))
    fleet.index()
    found = fleet.ask("pkg:pypi/absent", Filters(max_age=1))
    assert found.unknown_images == {digest(1), digest(2)}
    assert min(fleet.ask(LOG4J).hits, key=lambda hit: hit.inventory).name == "shop/app:1"


def test_an_index_is_as_old_as_the_first_run_of_its_profile(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("1/index.json", index_alone(1))
    fleet.write("1/rbom.json", rbom(1, [used("/x", Use.OPENED)]))
    fleet.index()
    (hit,) = fleet.ask("pkg:pypi/foo").hits
    assert hit.inventory == hit.profile == RUN.started[:19] + "Z"


def test_images_of_a_base_are_found_by_their_layers(fleet: Fleet) -> None:
    layers = ("sha256:" + "a" * 64, "sha256:" + "b" * 64)
    fleet.write("base.json", rbom(10, [used("/bin/sh", Use.EXECUTED)], layers=layers[:1]))
    fleet.write("child.json", rbom(11, [used("/bin/sh", Use.EXECUTED)], layers=layers))
    fleet.write("child-sbom.json", sbom(11, [COMPONENT]))
    fleet.index()
    found = fleet.ask(RANGE, Filters(base=digest(10)))
    assert [hit.name for hit in found.hits] == ["shop/app:11"]
    with pytest.raises(InputError, match="knows no layers"):
        fleet.ask(RANGE, Filters(base="shop/none:1"))


def test_a_version_that_cannot_be_read_is_not_known(fleet: Fleet) -> None:
    fleet.write("8.json", sbom(8, [LOG4J.replace("2.14.1", "%F0%9F%92%A5")]))
    fleet.index()
    found = fleet.ask(RANGE)
    assert "shop/app:8" in {name for each in found.not_known for name in each.examples}
    assert "shop/app:8" in fleet.grades("pkg:maven/org.apache.logging.log4j/log4j-core")


def test_names_that_differ_in_case_alone_are_two_packages(fleet: Fleet) -> None:
    fleet.write("9.json", sbom(9, ["pkg:maven/a.b/Thing@1", "pkg:pypi/Foo_Bar@1"]))
    fleet.index()
    assert fleet.grades("pkg:maven/a.b/thing") == {}
    assert fleet.grades("pkg:maven/a.b/Thing") == {"shop/app:9": "not known"}
    assert fleet.grades("pkg:pypi/foo.bar<2") == {"shop/app:9": "not known"}


def test_an_index_that_lists_nothing_inside_files_proves_no_absence(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("1/index.json", index_alone(1))
    fleet.write("1/rbom.json", rbom(1, [used("/x", Use.OPENED)]))
    assert fleet.index().refused == ()
    assert fleet.grades("pkg:pypi/foo") == {"shop/app:1": "not known"}
    (unknown,) = fleet.ask("pkg:pypi/bar").not_known
    assert "inside other files" in unknown.why


def test_most_of_a_fleet_is_read_as_a_part_of_it_is(fleet: Fleet) -> None:
    with opened(fleet.store, write=False) as database:
        reader = Reader(database)
        numbers = sorted(reader.numbers())
        some = numbers[:-1]
        by_number = reader.image_rows(some)
        walked = reader.image_rows(some, walk=True)
        assert {number: walked[number] for number in some} == by_number
        assert sorted(by_number) == some


def test_rows_come_by_grade_then_listening_then_name(fleet: Fleet) -> None:
    fleet.write("10.json", sbom(10, [COMPONENT]))
    fleet.write("10-rbom.json", rbom(10, [used(JAR, Use.MAPPED, LOG4J)]))
    fleet.write("12.json", sbom(12, [COMPONENT]))
    fleet.write("12-rbom.json", rbom(12, [used(JAR, Use.MAPPED, LOG4J)], [(8080, JAVA)]))
    fleet.index()
    assert [hit.name for hit in fleet.ask(RANGE).hits] == [
        f"shop/app:{number}" for number in (1, 12, 10, 2, 3, 4)
    ]
    answer = json.loads(to_json(fleet.ask(RANGE)))
    assert answer["hits"][0]["grade"] == "executed"
    assert answer["hits"][0]["ports"] == [8080]


def test_a_package_of_the_same_name_is_named_and_not_counted(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    shaded = "pkg:maven/org.example/log4j-core@2.14.1"
    fleet.write("1.json", sbom(1, [LOG4J, shaded]))
    fleet.index()
    found = fleet.ask("pkg:maven/log4j-core<2.17.1")
    assert found.affected == 0
    (note,) = found.notes
    assert note.endswith(
        "of this name: pkg:maven/org.apache.logging.log4j/log4j-core,"
        " pkg:maven/org.example/log4j-core"
    )
    found = fleet.ask("pkg:maven/org.example/log4j-core<2.17.1")
    assert [hit.what for hit in found.hits] == [shaded]
    assert found.notes[0].endswith("of this name: pkg:maven/org.apache.logging.log4j/log4j-core")
    assert fleet.ask("pkg:maven/org.example/other").notes == ()
