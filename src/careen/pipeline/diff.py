"""Compare two images."""

from careen.model.comparing.imagediff import ImageDiff
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine, open_source
from careen.verify.compare_images import Side, compare_images


def diff(before: str, after: str, session: Session) -> ImageDiff:
    """Open both images and compare files, packages, executables, setuid files and configuration."""
    with (
        session.stage("inspect"),
        open_source(before, session) as one,
        open_source(after, session) as two,
    ):
        sides = [_side(examine(image, session)) for image in (one, two)]
        session.say("comparing")
        return compare_images(sides[0], sides[1])


def _side(examined: Examined) -> Side:
    return Side(examined.rootfs, examined.inventory, examined.image.config)
