"""Which platforms of an index are hardened, and how each comes about."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from careen.engines.runnable import Runs, Support, support
from careen.errors import InputError
from careen.model.image import Platform
from careen.oci.choices import listed
from careen.oci.index.listing import Listed
from careen.oci.select import matches
from careen.tools.binfmt import Handler

ALL = "all"


class Unrunnable(enum.Enum):
    """What becomes of a platform that cannot be run here."""

    REFUSE = "refuse"
    KEEP = "keep"
    DERIVE = "derive"


@dataclass(frozen=True, slots=True)
class PlatformChoice:
    """The user's wish; no `wanted` platform stands for all."""

    wanted: tuple[Platform, ...] = ()
    unrunnable: Unrunnable = Unrunnable.REFUSE


@dataclass(frozen=True, slots=True)
class Part:
    """One platform of the result; `support` says whether it is run, `opened_by` selects it."""

    listed: Listed
    platform: Platform
    support: Support
    unrunnable: Unrunnable
    opened_by: Platform

    @property
    def is_run(self) -> bool:
        return self.support.runs is not Runs.NOT

    @property
    def is_derived(self) -> bool:
        return not self.is_run and self.unrunnable is Unrunnable.DERIVE


def choose_parts(
    images: Sequence[tuple[Listed, Platform]],
    choice: PlatformChoice,
    handlers: Sequence[Handler] | None,
    where: str,
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Return the platforms of the result, and the names of those that are left out.

    Raises InputError for a platform that the index lacks, has twice, or that cannot be run.
    """
    names = sorted({str(platform) for _, platform in images})
    for want in choice.wanted:
        if not any(matches(platform, want) for _, platform in images):
            msg = f"{where}: no image for {want}; available: {listed(names) or 'none'}"
            raise InputError(msg)
    chosen = [
        Part(
            item,
            platform,
            support(platform, handlers),
            choice.unrunnable,
            _selector(platform, [each for _, each in images]),
        )
        for item, platform in images
        if not choice.wanted or any(matches(platform, want) for want in choice.wanted)
    ]
    if choice.unrunnable is Unrunnable.REFUSE:
        _refuse(chosen, where)
    _check(chosen, where)
    kept = {str(part.platform) for part in chosen}
    return tuple(chosen), tuple(name for name in names if name not in kept)


def _selector(platform: Platform, others: Sequence[Platform]) -> Platform:
    """Return what selects a platform; without its variant where no other differs in that alone."""
    # The image's configuration may not state the variant that the index does.
    alike = [
        each
        for each in others
        if (each.os, each.architecture) == (platform.os, platform.architecture)
    ]
    return platform if len(set(alike)) > 1 else replace(platform, variant="")


def _refuse(parts: Iterable[Part], where: str) -> None:
    for part in parts:
        if not part.is_run:
            remedy = f"{part.support.remedy}; or " if part.support.remedy else ""
            msg = (
                f"{where}: {part.platform} cannot be run here: {part.support.why}; {remedy}leave it"
                " out of --platform, or say with --unrunnable keep or derive what becomes of it"
            )
            raise InputError(msg)


def _check(parts: Sequence[Part], where: str) -> None:
    if not any(part.is_run for part in parts):
        first = f": {parts[0].platform}: {parts[0].support.why}" if parts else ""
        msg = f"{where}: no platform of it can be run here, so there is nothing to harden{first}"
        raise InputError(msg)
    seen: set[Platform] = set()
    for part in parts:
        # A platform is opened by its name; one that is kept is copied by its digest.
        if part.platform in seen and (part.is_run or part.is_derived):
            msg = f"{where}: holds several images for {part.platform}, and nothing tells them apart"
            raise InputError(msg)
        seen.add(part.platform)
