"""Open what is to be scanned: an image or an SBOM."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from careen.errors import ImageError, InputError
from careen.evidence.sbom.read import read_sbom
from careen.inventory.scan import scan
from careen.inventory.unowned import unowned
from careen.model.entry import Entry
from careen.model.findings.triage import ScanReport
from careen.model.packages.package import Inventory
from careen.model.rbom import ImageRef
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Located, known_at, locate, open_located

SBOM = "sbom:"
EXAMPLES = 20  # unowned files that a report names
_START = 256  # bytes that are enough to recognise a document


@dataclass(frozen=True, slots=True)
class Stock:
    """Inventory of what is scanned.

    `digest` names the image and is "" if an SBOM does not state it. `ref` and `rootfs` are None for
    an SBOM.
    """

    subject: str
    digest: str
    inventory: Inventory
    ref: ImageRef | None = None
    rootfs: Rootfs | None = None
    warnings: tuple[str, ...] = ()


@contextmanager
def open_inventory(subject: str, session: Session) -> Iterator[Stock]:
    """Yield the inventory of an image or of `sbom:FILE`.

    Raises InputError, ImageError or ToolError.
    """
    if subject.startswith(SBOM):
        yield _from_sbom(subject)
        return
    _refuse_document(subject)
    located = locate(subject, session)
    with ExitStack() as opened:
        later = ImageLater(located, session, opened)
        if (known := known_at(located, session, later)) is not None:
            later.expected = known.ref.config_digest
            yield Stock(subject, known.ref.digest, known.inventory, known.ref, known.rootfs)
            return
        image = later.image
        session.say("reading the layers")
        rootfs = image.rootfs()
        session.say(f"inventorying {len(rootfs):,} paths")
        yield Stock(
            subject,
            image.ref.digest,
            session.known.stock(image.ref, rootfs, scan(rootfs)),
            image.ref,
            rootfs,
        )


@dataclass
class ImageLater:
    """An image that is opened on the first read of a file, and closed with `opened`.

    `expected` is the digest of its configuration, or "". A fault of the whole image raises
    InputError.
    """

    located: Located
    session: Session
    opened: ExitStack
    expected: str = ""

    @cached_property
    def image(self) -> Image:
        """The open image."""
        return self.opened.enter_context(open_located(self.located, self.session))

    def open(self, entry: Entry) -> BinaryIO:
        """Open a regular file. Raises InputError if the image has changed."""
        try:
            found = self.image
        except ImageError as error:
            # Readers take an ImageError for a fault of one file.
            raise InputError(str(error)) from error
        if self.expected not in ("", found.ref.config_digest):
            msg = f"image {self.located.text!r} was changed during the run; run it again"
            raise InputError(msg)
        return found.rootfs().open(entry.path)


def _refuse_document(subject: str) -> None:
    """Refuse a JSON or XML file: it is no image, and probably an SBOM."""
    try:
        with Path(subject).open("rb") as stream:
            start = stream.read(_START).removeprefix(b"\xef\xbb\xbf").lstrip()
    except (OSError, ValueError):  # not a file: a name in docker's store, or one with a NUL
        return
    if start.startswith((b"{", b"<")):
        msg = f"image {subject!r}: this file is not an image archive; did you mean {SBOM}{subject}?"
        raise InputError(msg)


def _from_sbom(subject: str) -> Stock:
    path = subject.removeprefix(SBOM)
    if not path:
        msg = f"{subject!r}: no file after 'sbom:'; name a CycloneDX, SPDX or Syft document"
        raise InputError(msg)
    document = read_sbom(Path(path), path)
    about = (
        f"scanned from a {document.format}"
        f" document{f' of {document.created[:10]}' if document.created else ''}: what it does not"
        " list is not compared"
    )
    return Stock(subject, document.digest, document.inventory, warnings=(about,))


def with_unowned(report: ScanReport, rootfs: Rootfs) -> ScanReport:
    """Add to a report the files of its image that no package owns."""
    nobody = unowned(rootfs, report.inventory)
    return replace(report, unowned=len(nobody), unowned_examples=nobody[:EXAMPLES])
