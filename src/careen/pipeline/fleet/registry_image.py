"""One image of a registry on its way into the store: found, read, and scanned without an SBOM."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.errors import CareenError, VerificationError
from careen.oci.manifest import NoImageError
from careen.oci.reference import RegistryImage
from careen.pipeline.fleet.attached import Attached
from careen.pipeline.fleet.images import Content, Found
from careen.pipeline.fleet.scanning import scan_documents
from careen.pipeline.fleet.sources import Source
from careen.pipeline.fleet.trust import Trust
from careen.pipeline.run.session import Session
from careen.registries.skopeo import Skopeo


@dataclass(frozen=True, slots=True)
class RegistryReading:
    """How images of registries are read: by whose trust, with which calls of skopeo.

    With `database` (advisories) an image without an SBOM is scanned.
    """

    session: Session
    trust: Trust | None
    database: Path | None
    skopeo: Skopeo


@dataclass(slots=True)
class ImageOnItsWay:
    """One image; `source` says what is known of it so far. `tags` are those of its repository.

    `begin` and `read` ask the registry and run in threads; `found` scans, in the caller's.
    """

    image: RegistryImage
    how: RegistryReading
    tags: Collection[str] | None = None
    source: Source = field(init=False)
    is_image: bool = True
    _attached: Attached | None = None
    _files: dict[Path, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.source = Source(str(self.image), (), name=self.image.name, live=True)

    def begin(self) -> None:
        """Find the image and what is attached to it; nothing of that is fetched."""
        how = self.how
        try:
            found = Attached(self.image, how.session, how.trust, how.skopeo, self.tags)
        except CareenError as error:
            self._fail(error)
            return
        # What was left without a scan is not as it is with one.
        state = f"{found.print} {'scan' if how.database is not None else ''}".rstrip()
        self.source = replace(self.source, print=state, digest=str(found.remote.digest))
        self._attached = found

    def read(self, take: Callable[[int], None]) -> None:
        """Fetch what is attached; `take` is called with the bytes of each part before."""
        if (attached := self._attached) is None:
            return
        try:
            self.source = replace(self.source, known=attached.known())
            self._files = attached.documents(take)
        except CareenError as error:
            self._fail(error)
        else:
            self.source = replace(self.source, unread=attached.refused, forged=attached.forged)

    def is_wanted(self, is_known: Callable[[Source], bool]) -> bool:
        """Return whether it is an image, and the store has it not as it is."""
        return self.is_image and bool(self.source.problem or not is_known(self.source))

    def found(self) -> Found | None:
        """Return the image with its documents, those of a scan if it has no SBOM; None for a chart
        or a module, which no fleet runs.
        """
        made = self._scanned()
        if not self.is_image:
            return None
        if self.source.problem:
            return self.source
        bare = not self._files and not made and not self.source.unread
        signer = "" if self.how.trust is None else self.how.trust.signer
        content = Content({**self._files, **made}, signer, frozenset(made))
        return replace(self.source, bare=bare), content

    def _scanned(self) -> dict[Path, bytes]:
        attached, database = self._attached, self.how.database
        if database is None or attached is None or attached.has_sbom:
            return {}
        try:
            settings = self.how.session.settings
            _, made = scan_documents(str(attached.pinned), database, settings)
        except CareenError as error:
            self._fail(error)
            return {}
        self.source = replace(self.source, print="", scanned=True)
        return made

    def _fail(self, error: CareenError) -> None:
        self._attached = None
        if isinstance(error, NoImageError):
            self.is_image = False
            return
        problem, forged = str(error), isinstance(error, VerificationError)
        source = self.source
        if source.known is None:
            self.source = replace(source, problem=problem, forged=forged)
        else:
            # The image is there, and what it has is not known.
            unread = (*source.unread, problem)
            self.source = replace(source, unread=unread, forged=source.forged or forged)
