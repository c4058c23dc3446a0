"""Strip an image and check its bytes; nothing is run."""

from contextlib import ExitStack

from careen.errors import VerificationError
from careen.model.plan import Plan
from careen.oci.changes.edit import LayerCache
from careen.pipeline.proof.verify import Candidate, inspect_candidate
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine
from careen.pipeline.run.stripping import make_stripped


def strip_inspected(
    original: Examined,
    plan: Plan,
    images: ExitStack,
    session: Session,
    what: str,
    memory: LayerCache | None = None,
) -> Examined:
    """Return the image without what the plan removes; `images` closes it.

    `memory` has the layers of earlier strips, and takes their digests.

    Raises VerificationError if the bytes are not as planned; it calls the image `what`.
    """
    with session.stage("strip"):
        made = make_stripped(original, plan, session, memory)
        result = examine(images.enter_context(made), session)
    with session.stage("verify"):
        verdict = inspect_candidate(Candidate(original, plan, result), session)
    if breaches := verdict.breaches():
        msg = (
            f"{what} is not what was planned, nothing was promoted: {breaches[0]} (of"
            f" {len(breaches)})"
        )
        raise VerificationError(msg)
    return result
