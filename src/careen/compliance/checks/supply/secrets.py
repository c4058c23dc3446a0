"""Whether layers, configuration or history hold what looks like a secret."""

from collections.abc import Iterable, Iterator

from careen.compliance.check import Check, Decision, failed, manual, not_evaluable, passed
from careen.compliance.secrets.excuse import PACKAGE
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.compliance.secrets import ExcusedSecret, SecretScan, SuspectedSecret

NO_SCAN = "not searched: gitleaks is not installed (Debian: apt-get install gitleaks)"
_NAMED = 3
_SOME = 10  # of the 50 pieces of evidence that a result lists


def _secrets(subject: Subject) -> Decision:
    scan = subject.secrets
    if scan is None:
        return not_evaluable(NO_SCAN)
    own = [each for each in scan.suspected if not each.package]
    packaged = [each for each in scan.suspected if each.package]
    places = (*_limits(scan), *_places((*own, *packaged)), *_excused(scan.excused))
    if own:
        return failed(f"{_counted(len(own))} outside of packages{_also(scan)}", places)
    if packaged:
        said = f"{_counted(len(packaged))} in files that packages installed: a person must look"
        return manual(said + _also(scan), places)
    if scan.unread:
        return not_evaluable(f"nothing was found, but {_unread(scan)}")
    said = (
        f"nothing in {scan.files:,} files of all layers, configuration and history looks like a"
        f" secret to {scan.scanner}"
    )
    return passed(said + _also(scan), places)


def _counted(number: int) -> str:
    return (
        "1 place looks like a secret," if number == 1 else f"{number:,} places look like secrets,"
    )


def _also(scan: SecretScan) -> str:
    """Return what else is to be said: excused places, entries that have ended, unread files."""
    parts = (
        f"{len(scan.excused):,} excused" if scan.excused else "",
        *scan.expired[:_NAMED],
        _unread(scan) if scan.unread else "",
    )
    return "".join(f"; {part}" for part in parts if part)


def _unread(scan: SecretScan) -> str:
    more = len(scan.unread) - _NAMED
    named = "; ".join(scan.unread[:_NAMED])
    return f"not all was read: {named}" + (f"; and {more:,} more" if more > 0 else "")


def _limits(scan: SecretScan) -> Iterator[Evidence]:
    """Yield some of what was not read, and of entries that ended: before places, which are many."""
    for text in scan.unread[:_SOME]:
        yield Evidence("not read", text)
    for text in scan.expired[:_SOME]:
        yield Evidence("an entry that has ended", text)


def _places(secrets: Iterable[SuspectedSecret]) -> Iterator[Evidence]:
    """Yield the places. A value is never evidence: reports are passed on."""
    for each in secrets:
        package = f", of {each.package}" if each.package else ""
        yield Evidence(each.where, f"{each.kind}: {each.place}{package}")


def _excused(excused: Iterable[ExcusedSecret]) -> Iterator[Evidence]:
    """Yield excused places with their reasons, those of the user's entries first."""
    for each in sorted(excused, key=lambda each: each.by == PACKAGE):
        secret = each.secret
        yield Evidence(
            secret.where, f"{secret.kind}: {secret.place}, excused by {each.by}: {each.reason}"
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
