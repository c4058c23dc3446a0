"""careen's inventory of one image file as JSON, in a process of its own: `python -m
bench._inventory REFERENCE SCRATCH`.

Prints one JSON object on one line: `packages` as `[ecosystem, name, version, record, purl,
evidence]` (name with its namespace for npm, golang and maven, as the purl has it), `unknowns` as
`[path, reason]`, `owned` (files with an owner), `markers` and `models` (paths).
"""

import json
import sys
from pathlib import Path

from packageurl import PackageURL

from careen.inventory.scan import scan, scan_contents
from careen.model.packages.package import Package
from careen.oci.open import open_image
from careen.oci.reference import EngineImage, RegistryImage, StorageImage, parse_reference


def row(package: Package) -> list[str]:
    """Return one package as the JSON has it."""
    url = PackageURL.from_string(package.purl)
    spaced = url.namespace and url.type in ("npm", "golang", "maven")
    name = f"{url.namespace}/{url.name}" if spaced else url.name
    return [
        package.ecosystem.value,
        name,
        package.version,
        package.record,
        package.purl,
        package.evidence,
    ]


def main(reference: str, scratch: Path) -> None:
    """Read the image, find everything, print it."""
    parsed = parse_reference(reference)
    if isinstance(parsed, EngineImage | RegistryImage | StorageImage):
        message = f"{reference}: not a file"
        raise SystemExit(message)
    with open_image(parsed, None, scratch) as image:
        rootfs = image.rootfs()
        inventory = scan_contents(rootfs, scan(rootfs))
    found = {
        "packages": [row(package) for package in inventory.packages.values()],
        "unknowns": [[unknown.path, unknown.reason] for unknown in inventory.unknowns],
        "markers": [marker.path for marker in inventory.markers],
        "models": [model.path for model in inventory.models],
        "owned": len(inventory.owners),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
