"""The earlier result that a plan should stay close to (`--like`)."""

from dataclasses import replace

from careen.errors import CareenError
from careen.inventory.scan import scan
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import PlanChoices
from careen.pipeline.run.source import open_source
from careen.plan.as_before import Previous


def with_previous(choices: PlanChoices, session: Session) -> PlanChoices:
    """Return the choices with what the image named by `like` has; without one, unchanged.

    Raises as `open_source`.
    """
    if choices.like is None or choices.previous is not None:
        return choices
    try:
        with session.stage("inspect"), open_source(choices.like, session) as image:
            session.say(f"reading what {choices.like} keeps")
            rootfs = image.rootfs()
            previous = Previous(
                choices.like,
                frozenset(scan(rootfs).packages),
                frozenset(entry.path for entry in rootfs if not entry.is_dir),
            )
    except CareenError as error:
        error.add_note(f"--like {choices.like}")
        raise
    return replace(choices, previous=previous)
