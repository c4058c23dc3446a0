"""FIPS mode of `harden --fips`, turned on before profiling and proved on the result."""

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from careen.cryptography.certificates import age_words, load_certificates
from careen.cryptography.enabling import fips_changes
from careen.cryptography.provider_file import check_certificate, given_provider, own_provider
from careen.cryptography.standing import Judge
from careen.errors import CareenError, InputError, VerificationError
from careen.model.cryptography.certificate import Certificates
from careen.model.cryptography.fips import FipsChanges, FipsReport, Provider
from careen.model.rbom import RuntimeBom
from careen.model.runs.engine import PreparedImage
from careen.oci.created import created_from_environment
from careen.patch.deb.apt.adding import additions, why_not
from careen.patch.port import Ground
from careen.pipeline.assessing.cryptography import cryptography_of
from careen.pipeline.hardening.fips_options import FipsOptions
from careen.pipeline.hardening.fips_probes import (
    BEFORE,
    HARDENED,
    Asked,
    prove_fips,
    tools_of,
)
from careen.pipeline.profiling.profile import runnable
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine
from careen.pipeline.upgrading.patching import Attempt, patching
from careen.pipeline.upgrading.sandbox import require_sandbox
from careen.rewrite.fips_mode import with_fips_mode

PACKAGE = "openssl-provider-fips"
_OTHERWISE = "give OpenSSL's fips.so with --fips-module FILE"
_WORKS_IN_PART = 5  # probes that a message names


@dataclass(frozen=True, slots=True)
class FipsFirst:
    """The image in FIPS mode that the later stages take for the original."""

    image: Examined
    changes: FipsChanges
    known: Certificates
    today: dt.date
    certificate: int | None = None

    @property
    def kept(self) -> tuple[str, ...]:
        """The paths that no plan may remove."""
        files = (each.path for each in self.changes.files)
        return (self.changes.provider.path, *files, *self.changes.links)

    def report(
        self, result: Examined, prepared: PreparedImage, bom: RuntimeBom | None, session: Session
    ) -> FipsReport:
        """Probe the result, and judge its cryptography.

        What only tools answer that hardening removed is asked before it. Raises ToolError if the
        engine fails.
        """
        inventory = cryptography_of(result, Judge(self.known, self.today, self.certificate), bom)
        asked = [Asked(prepared, result, HARDENED)]
        with ExitStack() as stack:
            if not _same_tools(self.image, result):
                before = stack.enter_context(runnable(self.image, session))
                asked.append(Asked(before, self.image, BEFORE))
            proof = prove_fips(asked, session)
        ref = result.image.ref
        return FipsReport(
            ref.reference,
            ref.digest,
            self.today.isoformat(),
            age_words(self.known, self.today),
            self.known.sha256,
            self.changes.provider,
            self.changes.environment,
            inventory,
            proof,
            self.changes.notes,
            self.certificate,
        )


def _same_tools(before: Examined, after: Examined) -> bool:
    return set(tools_of(before)) <= set(tools_of(after))


def require_shown(report: FipsReport, where: Path | None = None) -> None:
    """Raise VerificationError unless the probes show FIPS mode; `where` has the report."""
    if report.proof.is_shown:
        return
    failed = report.proof.failed
    said = "; ".join(
        f"{each.title}: expected that it {each.expected.value}, found {each.found}"
        for each in failed[:_WORKS_IN_PART]
    )
    why = said or (
        "no tool of the image can show it"
        f" ({'; '.join(report.proof.not_evaluable) or 'no probe answered'})"
    )
    see = "" if where is None else f"; see {where}"
    msg = f"FIPS mode is not shown, nothing was promoted: {why}{see}"
    raise VerificationError(msg)


@contextmanager
def fips_first(
    original: Examined, options: FipsOptions, session: Session, created: str | None = None
) -> Iterator[FipsFirst]:
    """Yield the image in FIPS mode; `created` is its time, else as `created_from_environment`.

    Raises InputError if there is no provider for it, ConfigError for a wrong list of certificates.
    """
    today = dt.datetime.now(dt.UTC).date()
    known = load_certificates(options.certificates, today)
    judge = Judge(known, today, options.certificate)
    with ExitStack() as stack:
        with session.stage("patch"):
            session.say("looking for cryptography")
            base, provider, content = _with_provider(original, options, judge, session, stack)
            if options.certificate is not None:
                check_certificate(options.certificate, provider, known, today)
            inventory = cryptography_of(base, judge, None)
            environment = base.image.config.env
            changes = fips_changes(base.rootfs, inventory, environment, provider, content)
            session.say("turning FIPS mode on")
            created = created or created_from_environment(os.environ, base.image.config)
            made = stack.enter_context(
                with_fips_mode(
                    base.image, base.rootfs, changes, created, session.scratch("fips-mode")
                )
            )
            first = FipsFirst(examine(made, session), changes, known, today, options.certificate)
        yield first


def _with_provider(
    original: Examined, options: FipsOptions, judge: Judge, session: Session, stack: ExitStack
) -> tuple[Examined, Provider, bytes]:
    """Return the image, its provider, and the provider's bytes."""
    inventory = cryptography_of(original, judge, None)
    if options.module is not None:
        architecture = original.image.config.platform.architecture
        given = given_provider(options.module, architecture, original.rootfs, inventory)
        return original, *given
    if (own := own_provider(original.rootfs, inventory)) is not None:
        return original, *own
    base = stack.enter_context(_installed(original, options, session))
    found = own_provider(base.rootfs, cryptography_of(base, judge, None))
    if found is None:
        msg = f"{PACKAGE} was installed, and the image has no FIPS provider; {_OTHERWISE}"
        raise InputError(msg)
    source = f"{PACKAGE}, from the image's package sources"
    return base, replace(found[0], source=source), found[1]


@contextmanager
def _installed(original: Examined, options: FipsOptions, session: Session) -> Iterator[Examined]:
    """Yield the image with Debian's provider, installed by its own apt in a sandbox."""
    choices = options.sources.choices
    ground = Ground(original.rootfs, original.inventory, choices)
    if why := why_not(ground):
        msg = (
            f"--fips: the image has no FIPS provider, and careen adds one by apt alone: {why}; add"
            f" the distribution's own in the Dockerfile, or {_OTHERWISE}"
        )
        raise InputError(msg)
    require_sandbox(session, choices)
    with patching(original, original.inventory, options.sources, session) as ready:
        attempt: Attempt | None = None
        try:
            with ready.survey.sandboxes.open() as sandbox:
                wanted = additions(ground, PACKAGE, sandbox)
            session.say(f"installing {PACKAGE} {wanted[0].target}")
            attempt = ready.attempt(wanted)
        except CareenError as error:
            error.add_note(f"--fips: the image has no FIPS provider; {_OTHERWISE}")
            raise
        if attempt is None:
            msg = f"--fips: installing {PACKAGE} changed nothing; {_OTHERWISE}"
            raise InputError(msg)
        try:
            yield attempt.result
        finally:
            attempt.close()
