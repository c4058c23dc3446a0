"""Inventories of results, kept as CycloneDX, so that matching does not need the image."""

import contextlib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from careen.errors import CareenError
from careen.model.packages.package import Inventory
from careen.pipeline.run.timestamp import now
from careen.pipeline.watching.state import ADVICE
from careen.report.directory import write_report

if TYPE_CHECKING:
    from careen.pipeline.run.session import Session

# Readers and writers are imported on use: most passes need none, and take less time than the
# import.
FOLDER = "inventory"
_SUFFIX = ".cdx.json"


def kept_inventory(state: Path, digest: str) -> Inventory | None:
    """Return the inventory of a result; None if it was not kept or is damaged."""
    from careen.evidence.sbom.read import read_sbom

    path = state / FOLDER / _name(digest)
    if not path.is_file():
        return None
    try:
        return read_sbom(path, str(path)).inventory
    except CareenError:
        return None


def keep_inventory(state: Path, digest: str, document: bytes) -> None:
    """Write a result's SBOM to the state directory. Raises InputError."""
    write_report(state / FOLDER, {_name(digest): document}, ADVICE)


def take_inventory(tag: str, session: "Session") -> bytes:
    """Return the SBOM of a result in docker's store.

    Raises InputError, ImageError or ToolError.
    """
    from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
    from careen.pipeline.findings.scan_source import open_inventory

    with open_inventory(tag, session) as stock:
        return to_cyclonedx_sbom(tag, stock.digest, stock.inventory, created=now(), files=False)


def drop_inventories(state: Path, but: Collection[str]) -> None:
    """Remove the inventories of results that are no longer in use."""
    names = {_name(digest) for digest in but}
    for path in (state / FOLDER).glob(f"*{_SUFFIX}"):
        if path.name not in names:
            with contextlib.suppress(OSError):
                path.unlink()


def _name(digest: str) -> str:
    return digest.replace(":", "-") + _SUFFIX
