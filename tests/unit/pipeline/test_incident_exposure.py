"""Which images of a list an incident is about, by a real store of the fleet."""

import json
from pathlib import Path
from typing import Any

import pytest

from careen.advisories.database.importing import import_directory
from careen.errors import InputError
from careen.fleet.store.place import opened as store_opened
from careen.fleet.store.reader import Reader
from careen.model.runs.trace import Use
from careen.pipeline.incidents.affected import Exposure
from careen.pipeline.incidents.exposure import exposure
from careen.pipeline.watching.image_list import Watched, load_list
from tests.support.fleet import LOG4J, Fleet, rbom, sbom, used

CVE = "CVE-2021-44228"
FIXED = LOG4J.replace("2.14.1", "2.17.1")
RECORD = {
    "id": "GHSA-jfh8-c2jp-5v3q",
    "modified": "2026-11-01T00:00:00Z",
    "aliases": [CVE],
    "affected": [
        {
            "package": {"ecosystem": "Maven", "name": "org.apache.logging.log4j:log4j-core"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.15.0"}]}],
        }
    ],
}


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """Images shop/app:N: 1 executes it, 2 has it, 3 has it fixed, 4 has no SBOM."""
    fleet = Fleet(tmp_path)
    fleet.db = tmp_path / "advisories.db"
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    (feeds / "maven").write_text(json.dumps(RECORD) + "\n")
    import_directory(feeds, fleet.db, lambda _: None)
    fleet.write("1.json", sbom(1, [LOG4J]))
    fleet.write(
        "1-rbom.json", rbom(1, [used("/x.jar", Use.MAPPED, LOG4J)], [(80, "/usr/bin/java")])
    )
    fleet.write("2.json", sbom(2, [LOG4J]))
    fleet.write("3.json", sbom(3, [FIXED]))
    fleet.write("4-rbom.json", rbom(4, []))
    assert fleet.index().refused == ()
    return fleet


def listed(fleet: Fleet, *rows: tuple[str, str]) -> tuple[Watched, ...]:
    file = fleet.folder.parent / "images.toml"
    file.write_text(
        "".join(
            f'[[image]]\nsource = "{source}"\ntag = "{tag}"\nconfig = "careen.toml"\n'
            for source, tag in rows
        )
    )
    return load_list(file)


def seen(fleet: Fleet, *rows: tuple[str, str]) -> Exposure:
    return exposure(fleet.store, CVE, fleet.db, listed(fleet, *rows))


def test_results_come_before_sources(fleet: Fleet) -> None:
    found = seen(
        fleet,
        ("shop/app:9", "shop/app:1"),  # the result has it
        ("docker://docker.io/shop/app:2", "shop/new:2"),  # no result yet: the source has it
        ("shop/app:2", "shop/app:3"),  # the result is fixed
    )
    assert [(each.name, each.use, each.watched is None) for each in found.affected] == [
        ("shop/app:1", "executed", False),
        ("shop/new:2", "not known", False),
    ]
    assert found.affected[0].listens
    assert found.unanswered == ()


def test_what_the_store_cannot_answer_is_named(fleet: Fleet) -> None:
    found = seen(
        fleet,
        ("shop/other:1", "shop/other:1-hardened"),  # the store has neither
        ("shop/app:3", "shop/app:4"),  # of the result there is no SBOM
        ("shop/app:3", "shop/new:3"),  # no result, and the source is clean
        ("shop/app:1", "shop/again:4"),
    )
    assert found.unanswered == ("shop/other:1-hardened", "shop/app:4")
    assert found.unknown == 1


def test_a_source_that_is_affected_counts_if_nothing_is_known_of_the_result(fleet: Fleet) -> None:
    found = seen(fleet, ("shop/app:1", "shop/app:4"))
    assert next((each.name, each.use) for each in found.affected) == ("shop/app:4", "executed")


def test_affected_images_that_no_entry_makes_are_named(fleet: Fleet) -> None:
    found = seen(fleet, ("shop/app:1", "shop/app:3"))
    assert [(each.name, each.watched) for each in found.affected] == [("shop/app:2", None)]


def test_the_newest_inventory_of_a_name_counts_and_an_undated_one_is_the_oldest(
    fleet: Fleet,
) -> None:
    undated = json.loads(sbom(7, [FIXED]))
    undated["metadata"]["component"]["name"] = "shop/app:1"
    del undated["metadata"]["timestamp"]
    fleet.write("7.json", json.dumps(undated).encode())
    fleet.index()
    found = seen(fleet, ("shop/app:9", "shop/app:1"))
    assert [each.name for each in found.affected if each.watched] == ["shop/app:1"]


def test_the_store_is_opened_once_and_asked_once_for_each_name(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, asked = [], list[str]()

    def counted(place: str, *, write: bool) -> Any:
        opened.append(place)
        return store_opened(place, write=write)

    def named(reader: Reader, text: str) -> dict[int, str]:
        asked.append(text)
        return reader_named(reader, text)

    reader_named = Reader.named
    monkeypatch.setattr("careen.pipeline.incidents.exposure.opened", counted)
    monkeypatch.setattr(Reader, "named", named)
    seen(fleet, ("shop/app:9", "shop/app:1"))
    assert len(opened) == 1
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("text", [f"sha256:{'a' * 64}", LOG4J])
def test_only_a_vulnerability_opens_an_incident(fleet: Fleet, text: str) -> None:
    with pytest.raises(InputError, match="an incident is about a vulnerability"):
        exposure(fleet.store, text, fleet.db, listed(fleet, ("shop/app:1", "shop/app:3")))
