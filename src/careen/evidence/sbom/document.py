"""An SBOM as read by careen."""

from dataclasses import dataclass

from careen.model.packages.package import Inventory


@dataclass(frozen=True, slots=True)
class SbomDocument:
    """Content of one SBOM.

    `inventory` holds the packages that can be compared with advisories; the others are `unknowns`
    with a reason. A package without a stated location has the record `/`. `subject` names what the
    document describes; `digest` is the image's (`sha256:…`) or "". `format` includes the version
    (`CycloneDX 1.6`). `created` is the document's time as written, or "".
    """

    inventory: Inventory
    subject: str
    digest: str
    format: str
    created: str
