"""Whether layers, configuration or history hold what looks like a secret."""

from collections.abc import Iterable

from careen.compliance.check import Check, Decision, failed, not_evaluable, passed
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence, Result
from careen.model.compliance.secrets import SecretScan, SuspectedSecret

NO_SCAN = "not searched: gitleaks is not installed (Debian: apt-get install gitleaks)"
_NAMED = 3


def _secrets(subject: Subject) -> Decision:
    scan = subject.secrets
    if scan is None:
        return not_evaluable(NO_SCAN)
    own = [each for each in scan.suspected if not each.package]
    packaged = [each for each in scan.suspected if each.package]
    if own:
        return failed(f"{_counted(len(own))} outside of packages", _evidence((*own, *packaged)))
    if packaged:
        reason = f"{_counted(len(packaged))} in files that packages installed: a person must look"
        return Decision(Result.MANUAL, reason, _evidence(packaged))
    if scan.unread:
        named = "; ".join(scan.unread[:_NAMED])
        return not_evaluable(f"nothing was found, but not all was read: {named}")
    return passed(_read(scan))


def _counted(number: int) -> str:
    return (
        "1 place looks like a secret," if number == 1 else f"{number:,} places look like secrets,"
    )


def _read(scan: SecretScan) -> str:
    excused = f"; {len(scan.excused):,} excused places are listed apart" if scan.excused else ""
    return (
        f"nothing in {scan.files:,} files of all layers, configuration and history looks like a"
        f" secret to {scan.scanner}{excused}"
    )


def _evidence(secrets: Iterable[SuspectedSecret]) -> tuple[Evidence, ...]:
    """Return the places. A value is never evidence: reports are passed on."""
    return tuple(
        Evidence(
            each.where,
            f"{each.kind}: {each.place}" + (f", of {each.package}" if each.package else ""),
        )
        for each in secrets
    )


CHECKS = (
    Check(
        id="secrets",
        title="No layer, and neither configuration nor history, holds a secret",
        reads="all layers with what later ones delete, configuration: Env, Labels, history",
        fix="Revoke it: whoever has the image has the secret. Then build without it, by RUN"
        " --mount=type=secret; a later layer cannot remove it. If it is none, name it in"
        " .careenignore with a reason (docs/secrets.md).",
        command="docker save IMAGE | tar x -C DIR; unpack each layer; gitleaks detect --no-git"
        " --redact -v --source LAYER",
        decide=_secrets,
    ),
)
