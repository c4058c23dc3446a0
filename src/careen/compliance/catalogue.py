"""The catalogue of checks and frameworks."""

import datetime as dt

from careen.compliance.frameworks import load_frameworks, own_frameworks
from careen.compliance.registry import CHECKS
from careen.model.compliance.catalogue import Catalogue, CheckText, FrameworkText
from careen.model.compliance.framework import Framework
from careen.model.compliance.result import Result


def catalogue(today: dt.date) -> Catalogue:
    """Return all checks by id, and careen's own frameworks."""
    return Catalogue(
        tuple(
            CheckText(each.id, each.title, each.reads, each.fix, each.command)
            for _, each in sorted(CHECKS.items())
        ),
        tuple(_text(each) for each in load_frameworks(own_frameworks(), today)),
    )


def _text(framework: Framework) -> FrameworkText:
    fixed = [item.status for item in framework.items if item.status is not None]
    return FrameworkText(
        id=framework.id,
        title=framework.title,
        content=framework.content,
        dated=framework.dated.isoformat(),
        items=len(framework.items),
        automated=len(framework.items) - len(fixed),
        inherited=fixed.count(Result.INHERITED),
        manual=fixed.count(Result.MANUAL),
        not_applicable=fixed.count(Result.NOT_APPLICABLE),
    )
