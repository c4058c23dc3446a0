"""The search of an open image for secrets, if a framework asks for it."""

from collections.abc import Iterator, Sequence

from careen.compliance.secrets.excuse import Excuses
from careen.compliance.secrets.gitleaks import GITLEAKS
from careen.compliance.secrets.scan import scan_secrets
from careen.errors import ToolError
from careen.model.compliance.framework import Framework
from careen.model.compliance.secrets import SecretException, SecretScan
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.pipeline.run.timestamp import now
from careen.tools.remove_tree import remove_tree
from careen.triage.ignore.rule import ABOUT_SECRET, ANY, Rule

CHECK = "secrets"


def secrets_of(
    examined: Examined, frameworks: Sequence[Framework], rules: Sequence[Rule], session: Session
) -> SecretScan | None:
    """Search an image; None if no framework asks, or gitleaks is not installed.

    A search that failed says so in `unread`. The parts that gitleaks saw are removed at once.
    """
    asked = any(CHECK in framework.checks() for framework in frameworks)
    if not asked or GITLEAKS.path() is None:
        return None
    session.say("searching all layers for secrets")
    scratch = session.scratch("secrets")
    try:
        excuses = Excuses(examined.inventory, tuple(exceptions_of(rules)), now()[:10])
        return scan_secrets(examined.image, excuses, scratch)
    except ToolError as error:
        return SecretScan(GITLEAKS.names[0], 0, 0, (), unread=(str(error),))
    finally:
        remove_tree(scratch)


def exceptions_of(rules: Sequence[Rule]) -> Iterator[SecretException]:
    """Yield the entries of an allow-list that are about secrets."""
    for rule in rules:
        if rule.identifier.startswith(ABOUT_SECRET):
            end = "" if rule.end is None else rule.end.isoformat()
            kind = rule.identifier.removeprefix(ABOUT_SECRET).lower()
            yield SecretException(kind, rule.package or ANY, rule.reason, rule.where, end)
