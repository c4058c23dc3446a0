"""The image that is profiled: the user's own, upgraded, prepared, in FIPS mode."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from careen.model.patching import PatchPlan, Reach
from careen.model.rbom import ImageRef
from careen.patch.store import patch_plan_object
from careen.pipeline.hardening.request import HardenRequest, Prepared
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined

if TYPE_CHECKING:  # few runs patch or are in FIPS mode; these take a quarter second to import
    from careen.pipeline.hardening.fips_first import FipsFirst
    from careen.pipeline.hardening.patch_first import PatchedFirst


@dataclass(frozen=True, slots=True)
class Base:
    """The image that is profiled: the user's own, upgraded, prepared, in FIPS mode."""

    original: Examined
    patch: "PatchedFirst | None"
    prepared: Prepared | None
    fips: "FipsFirst | None"

    @property
    def image(self) -> Examined:
        if self.fips is not None:
            return self.fips.image
        if self.prepared is not None:
            return self.prepared.image
        return self.patch.image if self.patch is not None else self.original

    @property
    def changed_from(self) -> ImageRef | None:
        """The user's image if its configuration or files were changed, else None."""
        changed = self.fips is not None or self.prepared is not None
        return self.original.image.ref if changed else None

    @property
    def changed(self) -> bool:
        """Whether it has other packages or files than the user's."""
        return self.changed_from is not None or (self.patch is not None and self.patch.changed)


def prepared_by(
    request: HardenRequest, base: Examined, stack: ExitStack, session: Session
) -> Prepared | None:
    """Return the image as the request changes it, until `stack` closes; None if it does not."""
    if request.prepare is None:
        return None
    return stack.enter_context(request.prepare(base, session))


def in_fips_mode(
    request: HardenRequest, base: Examined, stack: ExitStack, session: Session
) -> "FipsFirst | None":
    """Return the image in FIPS mode, until `stack` closes; None if that was not asked for."""
    if request.fips is None:
        return None
    from careen.pipeline.hardening.fips_first import fips_first

    return stack.enter_context(fips_first(base, request.fips, session))


def upgrades_stated(
    patch: "PatchedFirst | None", changed_from: ImageRef | None
) -> Mapping[str, Any] | None:
    """Return the upgrades as plan.json states them.

    `changed_from` is the user's image if FIPS mode was turned on in it, or it was changed to a
    variant: the plan is of another image then, and `careen why` finds the user's by this.
    """
    if patch is not None:
        return patch_plan_object(patch.done.plan)
    if changed_from is None:
        return None
    note = "nothing was upgraded; the image was changed before the plan was made"
    return patch_plan_object(PatchPlan(changed_from, Reach.SECURITY, (), (), notes=(note,)))
