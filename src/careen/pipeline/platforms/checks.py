"""What is refused of several platforms before any of them is worked on."""

from collections.abc import Sequence

from careen.errors import InputError
from careen.model.image import Platform
from careen.pipeline.hardening.request import HardenRequest
from careen.pipeline.platforms.choice import Part
from careen.pipeline.platforms.parts import folder
from careen.pipeline.platforms.source import IndexSource


def check_stated(source: IndexSource, parts: Sequence[Part]) -> None:
    """Raise InputError if an image is for another platform than the index says.

    A variant may differ: configurations often lack it. A kept image stays as the index has it.
    """
    for part in parts:
        if not (part.is_run or part.is_derived):
            continue
        own = source.platform_of(part.listed)
        if (own.os, own.architecture) != (part.platform.os, part.platform.architecture):
            # The image may say anything, at any length.
            said = f"{own.os}/{own.architecture}"[:80]
            msg = (
                f"{source.text}: manifest {part.listed.digest}: the index says {part.platform}, the"
                f" image says {said!r}; correct the index, or leave it out of --platform"
            )
            raise InputError(msg)


def check_kept(source: IndexSource, parts: Sequence[Part]) -> None:
    """Raise as `IndexSource.check` if a kept platform or an attestation of it cannot be copied."""
    for part in parts:
        if part.is_run or part.is_derived:
            continue
        for item in (part.listed, *source.listing.about(part.listed.digest)):
            source.check(item)


def check_wishes(request: HardenRequest, parts: Sequence[Part]) -> None:
    """Raise InputError for a wish that a platform which is not run cannot meet."""
    # Findings are judged, and upgrades tried, by what a run shows.
    options = (("--fail-on", request.judgement.fail_on), ("--patch", request.patch))
    for option, wish in options:
        for part in parts:
            if wish and not part.is_run:
                msg = (
                    f"{option} needs every platform to be run: {part.platform} cannot be run here:"
                    f" {part.support.why}; leave it out of --platform"
                )
                raise InputError(msg)


def check_folders(parts: Sequence[Part], where: str) -> None:
    """Raise InputError if the reports of two platforms would go into one folder."""
    seen: dict[str, Platform] = {}
    for part in parts:
        other = seen.setdefault(folder(part.platform), part.platform)
        if other != part.platform:
            msg = (
                f"{where}: the reports of {other} and {part.platform} would go into one folder,"
                f" {folder(other)}; leave one of them out of --platform"
            )
            raise InputError(msg)
