"""Whether the documents of a run say what is in the bytes of its result."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from careen.evidence.attest.predicates import RunDocuments
from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
from careen.evidence.sbom.listed import listed
from careen.evidence.sbom.spdx import to_spdx_sbom
from careen.inventory.scan import scan, scan_contents
from careen.model.attestations.checked import Agreement
from careen.model.packages.package import Inventory
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.report import read_plan_of
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import locate, open_located
from careen.verify.recorded_files import recorded_files

SHOWN = 20
"""Disagreements of one document that are named; more are counted."""


def image_agreement(text: str, directory: Path, run: RunDocuments, session: Session) -> Agreement:
    """Open an image, and compare it with the SBOMs and the RBOM of a report.

    Raises InputError (no such image, documents of different images), ImageError, ToolError or
    ConfigError (a damaged document).
    """
    located = locate(text, session)
    with open_located(located, session) as image:
        session.say(f"reading {text}")
        rootfs = image.rootfs()
        # Read again: who can write to the cache could make a false document agree.
        inventory = scan_contents(rootfs, scan(rootfs))
        session.say(f"comparing the RBOM with {text}")
        return _agreement(image.ref, (rootfs, inventory), directory, run)


def _agreement(
    ref: ImageRef, inside: tuple[Rootfs, Inventory], directory: Path, run: RunDocuments
) -> Agreement:
    rootfs, inventory = inside
    plan, bom, index = read_plan_of(directory)
    files = recorded_files(bom, plan, index.rootfs, rootfs)
    problems = [f"rbom: {each}" for each in _bounded(files.problems)]
    components = {}
    for name, document, written in (
        ("sbom", run.sbom, to_cyclonedx_sbom),
        ("spdx", run.spdx, to_spdx_sbom),
    ):
        if document is not None:
            of_image = listed(json.loads(written("", "", inventory, created="")))
            of_document = listed(document)
            components[name] = len(of_image & of_document)
            problems += [
                f"{name}: {each}" for each in _bounded(_differences(of_document, of_image))
            ]
    return Agreement(
        frozenset({ref.digest, ref.config_digest}),
        components,
        files.same,
        files.rewritten,
        files.absent,
        tuple(problems),
    )


def _differences(document: frozenset[str], image: frozenset[str]) -> Iterator[str]:
    for each in sorted(document - image):
        yield f"lists {each}, which the image does not have"
    for each in sorted(image - document):
        yield f"does not list {each}, which the image has"


def _bounded(problems: Iterable[str]) -> Iterator[str]:
    found = list(problems)
    yield from found[:SHOWN]
    if len(found) > SHOWN:
        yield f"{len(found) - SHOWN:,} more disagreements with the image"


def in_words(found: Agreement) -> str:
    """Return what was compared, in one line."""
    parts = [f"{name}: {number:,} components" for name, number in found.components.items()]
    parts.append(
        f"rbom: {found.same:,} files the same, {found.rewritten:,} rewritten (not compared),"
        f" {found.absent:,} absent as planned"
    )
    return "; ".join(parts)
