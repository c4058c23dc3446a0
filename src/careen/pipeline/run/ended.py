"""What was signed and attested of the image that the user named: it ends with the original."""

from careen.errors import CareenError
from careen.model.attestations.ended import MAX_ENDED, EndedDocuments
from careen.model.digest import Digest
from careen.model.rbom import ImageRef
from careen.oci.index.ended_stored import stored_documents
from careen.oci.reference import (
    EngineImage,
    OciArchive,
    OciLayout,
    RegistryImage,
    StorageImage,
    in_registry,
    is_image_id,
)
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Located
from careen.registries.ended import registry_documents


def ended_documents(located: Located, ref: ImageRef, session: Session) -> EndedDocuments:
    """Ask the place that an image came from. What it does not answer is in `unknown`."""
    found = _asked(located, ref, session)
    if len(found.documents) <= MAX_ENDED:
        return found
    more = len(found.documents) - MAX_ENDED
    unknown = (*found.unknown, f"{more:,} more documents about the original are not listed")
    return EndedDocuments(found.documents[:MAX_ENDED], unknown)


def _asked(located: Located, ref: ImageRef, session: Session) -> EndedDocuments:
    match located.reference:
        case RegistryImage() if located.remote is not None:
            session.say(f"asking the registry what was signed of {located.text}")
            return registry_documents(located.remote, session.skopeo)
        case OciLayout() | OciArchive() as reference if ref.manifest_digest is not None:
            digest = Digest.parse(ref.manifest_digest, located.text)
            try:
                found = stored_documents(
                    reference, digest, session.scratch("ended"), session.budget
                )
            except CareenError as error:
                return EndedDocuments((), (str(error),))
            return EndedDocuments(tuple({each.digest: each for each in found}.values()))
        case EngineImage(name):
            whose = f"{name} came from {session.store.name}'s store"
            advice = "" if is_image_id(name) else f"; name {in_registry(name)} to ask its registry"
        case StorageImage(name):
            whose, advice = f"{name} came from containers-storage", ""
        case _:
            whose, advice = f"{located.text} came from an archive of docker", ""
    return EndedDocuments((), (f"{whose}, so no registry was asked{advice}",))
