"""The search of an open image for secrets, if a framework asks for it."""

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial

from careen.compliance.recorded import recorded_digests
from careen.compliance.secrets.excuse import Excuses
from careen.compliance.secrets.gitleaks import GITLEAKS
from careen.compliance.secrets.scan import scan_secrets
from careen.compliance.subject import Subject
from careen.errors import ToolError
from careen.inventory.rpm.digests import rpm_digests
from careen.model.compliance.framework import Framework
from careen.model.compliance.secrets import SecretException, SecretScan
from careen.model.packages.file_digest import FileDigest
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
        recorded = partial(_recorded, examined)
        excuses = Excuses(examined.inventory, tuple(exceptions_of(rules)), now()[:10], recorded)
        return scan_secrets(examined.image, excuses, scratch)
    except ToolError as error:
        return SecretScan(GITLEAKS.names[0], 0, 0, (), unread=(str(error),))
    finally:
        remove_tree(scratch)


def _recorded(examined: Examined) -> Iterator[FileDigest]:
    """Yield the digests that the package databases of an image state."""
    subject = Subject(
        examined.image,
        examined.rootfs,
        examined.inventory,
        today=dt.date.fromisoformat(now()[:10]),
        recorded=lambda: rpm_digests(examined.rootfs),
    )
    return recorded_digests(subject)


def exceptions_of(rules: Sequence[Rule]) -> Iterator[SecretException]:
    """Yield the entries of an allow-list that are about secrets."""
    for rule in rules:
        if rule.identifier.startswith(ABOUT_SECRET):
            end = "" if rule.end is None else rule.end.isoformat()
            kind = rule.identifier.removeprefix(ABOUT_SECRET).lower()
            yield SecretException(kind, rule.package or ANY, rule.reason, rule.where, end)
