"""Numbers in an SBOM that are longer than Python converts."""

import json

from careen.evidence.sbom.read_cyclonedx import read_cyclonedx


def test_an_epoch_of_five_thousand_digits_is_text() -> None:
    properties = {
        "aquasecurity:trivy:SrcName": "source",
        "aquasecurity:trivy:SrcVersion": "1",
        "aquasecurity:trivy:SrcEpoch": "9" * 5000,
    }
    component = {
        "type": "library",
        "name": "a",
        "version": "1-1",
        "purl": "pkg:rpm/fedora/a@1-1?arch=x86_64",
        "properties": [{"name": key, "value": value} for key, value in properties.items()],
    }
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]}
    read = read_cyclonedx(json.loads(json.dumps(document)), "x.json")
    (package,) = read.inventory.packages.values()
    assert package.source.startswith("source@999")
