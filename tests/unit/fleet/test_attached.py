"""What is attached to an image of a registry says nothing about other images."""

import json
from pathlib import Path

from careen.model.runs.trace import Use
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
