"""The documents of a report that are attached to a pushed result."""

from pathlib import Path

from careen.pipeline.run.settings import Destination
from careen.registries.referrers import Attachment
from careen.tools.read_file import read_file

MEDIA_TYPES = {
    "sbom.cdx.json": "application/vnd.cyclonedx+json",
    "sbom.spdx.json": "application/spdx+json",
    "vex.openvex.json": "application/vnd.openvex+json",
    "rbom.json": "application/vnd.careen.rbom+json",
}
MAX_BYTES = 256 << 20


def attachments_of(report: Path, destination: Destination) -> tuple[Attachment, ...]:
    """Return the documents that a report directory has, if the user wants them attached.

    Raises ConfigError for one that cannot be read.
    """
    if not destination.attach:
        return ()
    return tuple(
        Attachment(name, media_type, read_file(report / name, MAX_BYTES))
        for name, media_type in MEDIA_TYPES.items()
        if (report / name).is_file()
    )
