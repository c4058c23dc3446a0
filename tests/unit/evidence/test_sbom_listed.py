"""What an SBOM lists, in both formats, and in documents of any shape."""

import json

import pytest

from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
from careen.evidence.sbom.listed import listed
from careen.evidence.sbom.spdx import to_spdx_sbom
from tests.support.scan_reports import CREATED, DIGEST, INVENTORY, SUBJECT


def test_both_formats_list_the_same_packages_models_and_distribution() -> None:
    made = [
        json.loads(write(SUBJECT, DIGEST, INVENTORY, created=CREATED))
        for write in (to_cyclonedx_sbom, to_spdx_sbom)
    ]
    one, two = map(listed, made)
    assert one == two
    assert len(one) == len(INVENTORY.packages) + len(INVENTORY.models) + 1
    assert {model.path for model in INVENTORY.models} <= one
    assert not any(SUBJECT in each for each in one)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"components": 7},
        {"components": [7, {"components": "x", "properties": [1]}, {"purl": 3}]},
        {"spdxVersion": "SPDX-2.3", "packages": [{"externalRefs": [1, {}]}, None]},
    ],
)
def test_any_shape_is_read(document: dict[str, object]) -> None:
    assert listed(document) <= {""}
