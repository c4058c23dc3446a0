"""Documents of one image that are read together give the store that they give one by one."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from careen.fleet.store.place import opened
from careen.model.runs.trace import Use
from careen.pipeline.fleet import index as indexing
from careen.pipeline.fleet.index import index
from careen.report.terminal_output.progress import SilentProgress
from tests.support.fleet import LOG4J, Fleet, digest, rbom, sbom, scan, used

NOW = "2026-12-01T00:00:00Z"
PACKAGES = [LOG4J, *(f"pkg:deb/debian/lib{number}@1.{number}" for number in range(40))]
DOCUMENTS = {
    "sbom": sbom(1, PACKAGES),
    "other name": sbom(
        1,
        PACKAGES[:9],
        component={"type": "container", "name": "shop/other:2", "version": digest(1)},
    ),
    "older": sbom(1, PACKAGES[:5], timestamp="2026-10-01T00:00:00Z"),
    "rbom": rbom(1, [used("/x.jar", Use.MAPPED, LOG4J)], [(8080, "/usr/bin/java")]),
    "scan": scan(1, "2026-11-02", [("CVE-2021-44228", LOG4J, "critical")]),
    "of another": rbom(2, [used("/y.jar", Use.OPENED, LOG4J)]),
}


@pytest.fixture(autouse=True)
def _one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "now", lambda: NOW)


def dump(store: str) -> dict[str, list[Any]]:
    """Return all rows of a store."""
    with opened(store, write=False) as database:
        names = database.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return {
            name: sorted(database.rows(f"SELECT * FROM {name}"), key=repr)  # noqa: S608
            for (name,) in names
        }


@pytest.mark.parametrize("jobs", [1, 2])
def test_together_is_as_one_by_one(tmp_path: Path, jobs: int) -> None:
    for number, kinds in enumerate(permutations(DOCUMENTS, 2 if jobs == 1 else 6)):
        if number % 97 and jobs > 1:  # processes take a second to start
            continue
        folder = tmp_path / str(number)
        folder.mkdir()
        together, alone = Fleet(folder), Fleet(folder, str(folder / "alone.db"))
        for place, kind in enumerate(kinds):
            path = together.write(f"{place}.json", DOCUMENTS[kind])
            index(alone.store, (path,), SilentProgress(), 1)
        index(together.store, (together.folder,), SilentProgress(), jobs)
        assert dump(together.store) == dump(alone.store), kinds


def test_two_documents_of_an_image_are_parsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(_content: bytes, where: str, _kind: str) -> None:
        pytest.fail(f"{where} is parsed again")

    monkeypatch.setattr(indexing, "parse", parse)
    fleet = Fleet(tmp_path)
    for number in range(3):
        fleet.write(f"{number}/rbom.json", rbom(number, [used("/x.jar", Use.MAPPED, LOG4J)]))
        fleet.write(f"{number}/sbom.json", sbom(number, PACKAGES))
    assert fleet.index().images == 6
    assert fleet.grades(LOG4J) == {f"shop/app:{number}": "executed" for number in range(3)}


def test_what_the_store_has_more_of_the_image_counts(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    findings = scan(1, "2026-11-02", [("CVE-2021-44228", LOG4J, "critical")])
    fleet.index(fleet.write("before.json", findings))
    fleet.write("rbom.json", DOCUMENTS["rbom"])
    fleet.write("sbom.json", DOCUMENTS["sbom"])
    fleet.index()
    assert fleet.grades(LOG4J) == {"shop/app:1": "executed"}
    with opened(fleet.store, write=False) as database:
        kinds = database.rows("SELECT kind FROM image_document WHERE current = 1 ORDER BY kind")
    assert [kind for (kind,) in kinds] == ["rbom", "sbom", "scan"]
