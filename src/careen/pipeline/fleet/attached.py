"""An image of a registry, and the attestations and SBOMs that are attached to it."""

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from careen.errors import InputError, VerificationError
from careen.evidence.attest.attestation import Claim, read_attestation, read_claim
from careen.evidence.sbom.bounded_json import limit_values, read_object
from careen.evidence.sbom.read_cyclonedx import is_vex
from careen.model.fleet.facts import Known
from careen.oci.config import parse_config
from careen.oci.manifest import Descriptor
from careen.oci.reference import RegistryImage
from careen.pipeline.fleet.statements import OTHER, RBOM, SBOM, SCAN, kind_of_claim
from careen.pipeline.fleet.trust import Trust, UnsignedError
from careen.pipeline.run.session import Session
from careen.registries.artifacts import Blob, Budget, artifacts_about, blobs_of
from careen.registries.manifests import Remote, find, raw_config
from careen.registries.skopeo import Skopeo
from careen.tools.remove_tree import remove_tree

MOST_BYTES = 512 << 20
"""Bytes that are fetched of the artifacts of one image together."""
MOST_ARTIFACTS = 256
"""Artifacts of one image: each costs a request or two."""
_PLAIN = ("cyclonedx+json", "spdx+json", "syft+json")
"""Ends of the media types of SBOMs that are attached as they are, and signed by nobody."""
_BLOCK = 1 << 12
_OF_ONE_IMAGE = (SBOM, SCAN, RBOM)
"""Kinds that say what an image has: images of other platforms have something else."""
_RULES = "3"
"""Changes when other documents are read, so that images are read again."""


@dataclass(slots=True)
class _Read:
    """What was read of an image: documents by their place, and what was left out, and why."""

    budget: Budget
    files: dict[Path, bytes] = field(default_factory=dict)
    types: dict[Path, str] = field(default_factory=dict)
    unsigned: int = 0
    refused: list[str] = field(default_factory=list)
    forged: bool = False

    def add(self, place: Path, data: bytes, kind: str) -> None:
        """Keep a document."""
        self.files[place], self.types[place] = data, kind


class Attached:
    """One image of a registry.

    When its documents were read, `has_sbom` is known, `refused` says what could not be used, and
    `forged` whether a signature was wrong.
    """

    def __init__(
        self,
        image: RegistryImage,
        session: Session,
        trust: Trust | None,
        skopeo: Skopeo,
        tags: Collection[str] | None = None,
    ) -> None:
        """Find the image and its artifacts; `tags` are those of its repository, if they are known.

        Raises InputError, ImageError or ToolError.
        """
        self.image = image
        self._session = session
        self._trust = trust
        self._skopeo = skopeo
        self.remote: Remote = find(image, session.settings.platform, skopeo)
        self.has_sbom = False
        self.refused: tuple[str, ...] = ()
        self.forged = False
        self._about = frozenset(map(str, (self.remote.digest, self.remote.named)))
        own = artifacts_about(image, (self.remote.digest,), tags, skopeo)
        self._own = frozenset(each.digest for each in own)
        index = (
            artifacts_about(image, (self.remote.named,), tags, skopeo)
            if self.remote.named != self.remote.digest
            else ()
        )
        self._artifacts = (*own, *(each for each in index if each.digest not in self._own))

    @property
    def print(self) -> str:
        """What tells this state from others: the image, its artifacts, and who must have signed."""
        parts = [
            _RULES,
            *sorted(self._about),
            *sorted(str(each.digest) for each in self._artifacts),
            "" if self._trust is None else self._trust.fingerprint,
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def pinned(self) -> RegistryImage:
        """The image by its digest: a name may move meanwhile."""
        return self.image.at(self.remote.digest)

    def known(self) -> Known:
        """Return what the registry says of the image."""
        config = parse_config(raw_config(self.remote, self._skopeo), f"{self.image}: config")
        return Known(
            (str(self.remote.digest), str(self.remote.manifest.config.digest)),
            (self.image.name,),
            str(config.platform),
            tuple(map(str, config.diff_ids)),
            closed=True,
        )

    def documents(self, reserve: Callable[[int], None]) -> dict[Path, bytes]:
        """Return the statements and SBOMs that are indexed, by a place that names them.

        `reserve` is as in `Budget`. What cannot be used is a reason in `refused`, and the rest goes
        on. Raises VerificationError where the signer signed nothing; else InputError, ImageError or
        ToolError.
        """
        if len(self._artifacts) > MOST_ARTIFACTS:
            msg = (
                f"{self.image}: {len(self._artifacts)} artifacts are attached to it, more than the"
                f" {MOST_ARTIFACTS} that are read; remove old ones"
            )
            raise InputError(msg)
        read = _Read(Budget(MOST_BYTES, reserve))
        scratch = self._session.scratch("attached")
        for number, artifact in enumerate(self._artifacts):
            self._session.say(f"{self.image.name}: {number + 1} of {len(self._artifacts)}")
            self._read(artifact, scratch / str(number), read)
        self.refused, self.forged = tuple(read.refused), read.forged
        if self._trust is not None and read.unsigned and not read.files and not read.refused:
            msg = (
                f"{self.image}: none of its {read.unsigned} attestations is signed by"
                f" {self._trust.name}"
            )
            raise UnsignedError(msg)
        return dict(_preferred(read))

    def _read(self, artifact: Descriptor, folder: Path, read: _Read) -> None:
        try:
            blobs = blobs_of(self.image, artifact, folder, self._skopeo, read.budget)
        except InputError as error:
            read.refused.append(str(error))
            return
        finally:  # a run over a registry would fill the disk
            remove_tree(folder)
        for number, blob in enumerate(blobs):
            place = Path(f"{self.image.name}", f"{artifact.digest}", str(number))
            try:
                self._document(blob, place, read, own=artifact.digest in self._own)
            except (InputError, VerificationError) as error:
                read.forged = read.forged or isinstance(error, VerificationError)
                read.refused.append(str(error))

    def _document(self, blob: Blob, place: Path, read: _Read, *, own: bool) -> None:
        """Keep a document that is indexed. Raises InputError, VerificationError if it is forged."""
        if not blob.media_type.endswith(_PLAIN):
            if _is_json(blob.data):
                limit_values(blob.data, str(place))
                self._attestation(blob.data, place, read)
        elif self._trust is not None:
            read.unsigned += 1
        elif not _states_vex(blob.data, str(place)):
            if not own:
                raise InputError(self._of_index(place))
            read.add(place, blob.data, blob.media_type)
            self.has_sbom = True

    def _attestation(self, data: bytes, place: Path, read: _Read) -> None:
        try:
            found = read_attestation(data, str(place))
        except InputError:
            if self._trust is None:
                raise
            read.unsigned += 1  # what cannot be read is signed by nobody
            return
        if found is None:
            return
        limit_values(found.payload, str(place))
        claim, problem = _claim(found.payload, str(place))
        if claim is not None and kind_of_claim(claim) == OTHER:
            return
        # What others signed may say anything, or nothing.
        if self._trust is not None and not self._trust.signed(found, str(place)):
            read.unsigned += 1
            return
        if claim is None:
            raise InputError(problem)
        kind = kind_of_claim(claim)
        self._require_subject(claim, kind, place)
        read.add(place, found.payload, claim.predicate_type)
        self.has_sbom = self.has_sbom or kind == SBOM

    def _require_subject(self, claim: Claim, kind: str, place: Path) -> None:
        """Raise InputError unless a statement is about this image."""
        msg = ""
        if self._about.isdisjoint(claim.subjects):
            msg = f"{place}: is about {next(iter(claim.subjects))}, and attached to another image"
        elif kind in _OF_ONE_IMAGE and len(claim.subjects) > 1:
            msg = f"{place}: is about {len(claim.subjects)} images; expected one"
        elif kind in _OF_ONE_IMAGE and str(self.remote.digest) not in claim.subjects:
            msg = self._of_index(place)
        if msg:
            raise InputError(msg)

    def _of_index(self, place: Path) -> str:
        return (
            f"{place}: is about the index {self.remote.named}, and does not say of which of its"
            f" images; attach it to {self.remote.digest}"
        )


def _claim(payload: bytes, where: str) -> tuple[Claim | None, str]:
    """Return what a statement says, None and the reason for one that cannot be read."""
    try:
        return read_claim(payload, where), ""
    except InputError as error:
        return None, str(error)


def _states_vex(data: bytes, where: str) -> bool:
    return b'"vulnerabilities"' in data and is_vex(read_object(data, where))


def _is_json(data: bytes) -> bool:
    return data[:_BLOCK].lstrip()[:1] == b"{"


def _preferred(read: _Read) -> Iterator[tuple[Path, bytes]]:
    """Yield the documents, without SPDX where CycloneDX says the same."""
    cyclonedx = any("cyclonedx" in kind.lower() for kind in read.types.values())
    for place, data in read.files.items():
        if not (cyclonedx and "spdx" in read.types[place].lower()):
            yield place, data
