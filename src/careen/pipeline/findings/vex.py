"""Subject of a VEX document: the image, under the names that scanners use for it."""

import re

from careen.evidence.vex.statements import CodeFiles
from careen.evidence.vex.subject import Scan, VexSubject
from careen.model.rbom import ImageRef
from careen.oci.reference import EngineImage, RegistryImage, StorageImage, parse_reference
from careen.triage.affected import AffectedFiles

AUTHOR = "careen"
_OTHER = re.compile(r"[^a-z0-9._/-]+")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def subject_of(name: str, ref: ImageRef | None, digest: str = "") -> VexSubject:
    """Return the VEX subject of an image from the user's name for it.

    A name gives repository and tag (`latest` without one), a file its own name.
    """
    repository, tag = _named(name)
    digests = [
        text
        for text in (ref.manifest_digest if ref is not None else digest,)
        if text and _DIGEST.fullmatch(text)
    ]
    platform = ref.platform.split("/") if ref is not None else []
    return VexSubject(repository, tuple(digests), tag, platform[1] if len(platform) > 1 else "")


def code_files() -> CodeFiles:
    """Return the function that finds the code files that an advisory names."""
    return AffectedFiles().vulnerable


def scan_kind(subject: VexSubject) -> Scan:
    """Return how scanners will name the image: by registry digest, if it has one."""
    return Scan.REGISTRY if subject.digests else Scan.LOCAL


def _named(name: str) -> tuple[str, str]:
    if name.startswith("sbom:"):
        return _plain(name.removeprefix("sbom:").rpartition("/")[2]), "latest"
    reference = parse_reference(name)
    if isinstance(reference, StorageImage):
        return _repository(reference.name.rpartition("]")[2])
    if not isinstance(reference, EngineImage | RegistryImage):
        inner = getattr(reference, "ref", None) or getattr(reference, "tag", None)
        stem = reference.path.name.removesuffix(".tar")
        return _repository(inner) if inner and ":" in inner else (_plain(stem), inner or "latest")
    return _repository(reference.name)


def _repository(name: str) -> tuple[str, str]:
    bare = name.partition("@")[0]
    head, slash, last = bare.rpartition("/")
    last, _, tag = last.partition(":")
    return f"{head}{slash}{last}", tag or "latest"


def _plain(text: str) -> str:
    return _OTHER.sub("-", text.lower()).strip("-./") or "image"
