"""Strip an image by a plan, in scratch space."""

import os
from collections.abc import Mapping

from careen.model.image import ImageConfig
from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.model.rewriting.declared_edits import DeclaredEdits
from careen.model.rewriting.layer_scheme import LayerScheme
from careen.oci.changes.edit import LayerCache
from careen.oci.created import created_from_environment
from careen.oci.image import Image
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.rewrite.cut.times import stamped_files
from careen.rewrite.databases import database_edits
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
        created_from_environment(os.environ, examined.image.config),
        memory,
        examined.lighter,
        examined.times if session.settings.layers is LayerScheme.SHARED else None,
    )
    return strip(
        examined.image,
        examined.rootfs,
        examined.inventory,
        plan,
        facts,
        session.scratch("stripped"),
    )


def declared_edits(examined: Examined, plan: Plan, session: Session) -> DeclaredEdits:
    """Return what the result may differ in from the original, beyond the plan."""
    times: Mapping[ImagePath, float] = {}
    stamps: Mapping[ImagePath, int] = {}
    if session.settings.layers is LayerScheme.SHARED:
        times = examined.times.times(plan.keep.keys())
        stamps = examined.times.stamps(plan.keep.keys())
    rewritten = database_edits(
        examined.rootfs,
        examined.inventory,
        plan,
        examined.lighter,
        stamped_files(examined.rootfs, stamps),
    )
    return DeclaredEdits(rewritten.keys(), times, stamps)
