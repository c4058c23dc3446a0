"""The user's choices for FIPS mode, and the documents that it adds to a report."""

from dataclasses import dataclass, field
from pathlib import Path

from careen.model.patching import PatchChoices
from careen.pipeline.upgrading.options import PatchOptions

FIPS_REPORT = ("fips.json", "cbom.cdx.json")


@dataclass(frozen=True, slots=True)
class FipsOptions:
    """The user's choices for FIPS mode.

    `module` is a provider in a file, `certificate` the number that the user says it has,
    `certificates` a list in the place of careen's. `sources` are those of patching.
    """

    module: Path | None = None
    certificate: int | None = None
    certificates: Path | None = None
    sources: PatchOptions = field(default_factory=lambda: PatchOptions(PatchChoices()))
