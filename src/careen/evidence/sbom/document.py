"""An SBOM that somebody made, as careen takes it in."""

from dataclasses import dataclass

from careen.model.package import Inventory


@dataclass(frozen=True, slots=True)
class SbomDocument:
    """What one SBOM says.

    `inventory` holds the packages that can be compared with advisories; what cannot is one of its
    `unknowns`, with the reason. A package whose place the document does not state has the record
    `/`. `subject` is what the document is about, by name; `digest` the image's (`sha256:…`), ""
    where none is stated. `format` names format and version (`CycloneDX 1.6`), `created` is the
    document's own time, as written, or "".
    """

    inventory: Inventory
    subject: str
    digest: str
    format: str
    created: str
