"""Strip an image by a plan, in scratch space."""

import os

from careen.model.image import ImageConfig
from careen.model.plan import Plan
from careen.oci.changes.edit import LayerCache
from careen.oci.created import created_from_environment
from careen.oci.image import Image
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.rewrite.strip import StripFacts, strip


def check_time() -> None:
    """Check SOURCE_DATE_EPOCH early. Raises ConfigError."""
    created_from_environment(os.environ, ImageConfig({}))


def make_stripped(
    examined: Examined, plan: Plan, session: Session, memory: LayerCache | None = None
) -> Image:
    """Return the image without what the plan removes.

    Its layers are in the run's scratch space; the caller closes it before the original. `memory` is
    passed on from one plan of an image to the next.
    """
    session.say(f"writing {len(plan.keep):,} of {len(examined.rootfs):,} paths")
    facts = StripFacts(
        created_from_environment(os.environ, examined.image.config), memory, examined.lighter
    )
    return strip(
        examined.image,
        examined.rootfs,
        examined.inventory,
        plan,
        facts,
        session.scratch("stripped"),
    )
