"""Which files below a path are read: none is hidden by the name of another."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from careen.model.runs.trace import Use
from tests.support.fleet import LOG4J, Fleet, digest, rbom, sbom, used


@pytest.mark.parametrize("name", ["verify.json", "rbom.json", "findings-hardened.json"])
def test_one_file_of_a_report_hides_no_other(tmp_path: Path, name: str) -> None:
    fleet = Fleet(tmp_path)
    fleet.write(name, b'{"format": "careen-verify", "passed": true}')
    fleet.write("1.json", sbom(1, [LOG4J]))
    fleet.write("below/2.json", sbom(2, [LOG4J]))
    fleet.index()
    assert {hit.image for hit in fleet.ask(LOG4J).hits} == {digest(1), digest(2)}


def test_what_lies_beside_a_report_is_read(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("out/rbom.json", rbom(1, [used("/x.jar", Use.MAPPED, LOG4J)]))
    fleet.write("out/manifest.json", b"{}")
    fleet.write("out/oscal-poam.json", b"{}")
    fleet.write("out/other.json", sbom(2, [LOG4J]))
    fleet.write("out/below/3.json", sbom(3, [LOG4J]))
    fleet.write("out/attestations/4.json", sbom(4, [LOG4J]))
    refused = fleet.index().refused
    assert [Path(each.where).name for each in refused] == ["out"]
    assert {hit.image for hit in fleet.ask(LOG4J).hits} == {digest(2), digest(3)}


def test_a_list_of_a_part_of_the_packages_is_no_inventory(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("rbom.cdx.json", sbom(1, [LOG4J]))
    fleet.write("2.json", sbom(2, [LOG4J]))
    fleet.index()
    assert {hit.image for hit in fleet.ask(LOG4J).hits} == {digest(2)}


def test_a_directory_that_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("1.json", sbom(1, [LOG4J]))
    closed = fleet.write("closed/2.json", sbom(2, [LOG4J])).parent
    scan = os.scandir

    def refusing(path: Any) -> Any:
        if Path(path) == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)  # root may read every directory
    done = fleet.index()
    assert done.images == 1
    (refused,) = done.refused
    assert (refused.where, refused.problem) == (
        str(closed),
        f"{closed}: cannot be read: Permission denied",
    )
