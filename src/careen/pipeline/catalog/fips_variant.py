"""The variant `fips`: FIPS mode is turned on in a built image, and shown by probes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from careen.model.cryptography.fips import FipsReport
from careen.pipeline.catalog.layers import Titled
from careen.pipeline.hardening.fips_first import FipsFirst, fips_first, require_shown
from careen.pipeline.hardening.fips_options import FipsOptions
from careen.pipeline.profiling.profile import runnable
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined


@dataclass(frozen=True, slots=True)
class FipsBase:
    """A base in FIPS mode, before anything showed it."""

    first: FipsFirst
    session: Session

    @property
    def image(self) -> Examined:
        return self.first.image

    @property
    def layer(self) -> Titled:
        """The layer of configuration and provider."""
        return Titled(self.image.image.layers[-1], "FIPS mode")

    def shown(self) -> FipsReport:
        """Return what the probes found. Raises VerificationError if FIPS mode is not shown,
        ToolError without an engine.
        """
        with self.session.stage("test"), runnable(self.image, self.session) as prepared:
            found = self.first.report(self.image, prepared, None, self.session)
        require_shown(found)
        return found


@contextmanager
def in_fips_mode(examined: Examined, created: str, session: Session) -> Iterator[FipsBase]:
    """Yield the image in FIPS mode, by the provider that it has; `created` is its time."""
    with fips_first(examined, FipsOptions(), session, created) as first:
        yield FipsBase(first, session)
