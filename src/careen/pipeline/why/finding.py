"""Explain one vulnerability in one image."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from careen.advisories.database.store import Store, open_store
from careen.advisories.matching.match import match
from careen.advisories.matching.passed import passed
from careen.errors import ConfigError, InputError
from careen.model.findings.advisory import Advisory
from careen.model.findings.finding_explanation import Decided, FindingExplanation
from careen.model.findings.identifiers import spelled
from careen.model.rbom import RuntimeBom
from careen.patch.store import find_patch_plan
from careen.pipeline.findings.finding_policy import FindingPolicy, hear
from careen.pipeline.findings.scan import suppress
from careen.pipeline.findings.scan_source import Stock, open_inventory
from careen.pipeline.run.session import Session
from careen.rbom.store import load_rbom
from careen.triage.triage import triage


@dataclass(frozen=True, slots=True)
class FindingQuestion:
    """Question about one vulnerability in one image.

    `rboms` and `patch_plans` may be of that image, newest first. With `must_fit` another image's
    RBOM is an error.
    """

    subject: str
    identifier: str
    database: Path
    rboms: Sequence[Path]
    judgement: FindingPolicy
    must_fit: bool
    patch_plans: Sequence[Path] = ()


def why_finding(question: FindingQuestion, session: Session) -> FindingExplanation:
    """Return what the database, the image and its RBOM say about a vulnerability.

    Raises InputError if the RBOM must fit and is of another image.
    """
    heard = hear(question.judgement)
    identifier = spelled(question.identifier)
    with (
        open_store(question.database) as store,
        session.stage("inspect"),
        open_inventory(question.subject, session) as stock,
    ):
        records = records_of(store, identifier)
        names = frozenset(
            (identifier, *(name for record in records for name in (record.id, *record.aliases)))
        )
        bom = _fitting(question, stock)
        found = [
            one
            for one in match(stock.inventory, store).findings
            if not names.isdisjoint(one.identifiers) and _asked(identifier, one.identifiers, names)
        ]
        items = triage(found, stock.inventory, bom, stock.ref, stock.rootfs, feeds=store.feeds())
        stated = suppress(items, heard, stock)
        return FindingExplanation(
            identifier=identifier,
            subject=stock.subject,
            digest=stock.digest,
            findings=stated.findings,
            suppressed=stated.suppressed,
            passed=passed(stock.inventory, records, frozenset(one.package for one in found)),
            records=records,
            feeds=store.feeds(),
            decided=_decided(question.patch_plans, stock, names),
        )


def _decided(files: Sequence[Path], stock: Stock, names: frozenset[str]) -> Decided | None:
    """Return the decision of the first plan of this image that names the vulnerability.

    Unreadable files are skipped.
    """
    if stock.ref is None:
        return None
    for file in files:
        try:
            plan = find_patch_plan(file)
        except ConfigError:
            continue
        if plan is None or plan.image.config_digest != stock.ref.config_digest:
            continue
        upgrades = tuple(each for each in plan.upgrades if not names.isdisjoint(each.closes))
        blocked = tuple(each for each in plan.blocked if not names.isdisjoint(each.findings))
        if upgrades or blocked:
            return Decided(str(file), upgrades, blocked)
    return None


def _asked(identifier: str, known: Sequence[str], names: frozenset[str]) -> bool:
    """Return whether a finding answers the question."""
    # A CVE matches only its own finding; an advisory of several CVEs matches any of them.
    return identifier in known or (
        not identifier.startswith("CVE-") and not names.isdisjoint(known)
    )


def records_of(store: Store, identifier: str) -> tuple[Advisory, ...]:
    """Return the records of an identifier and of its aliases, sorted by feed."""
    found = {(record.feed, record.id): record for record in store.records(identifier)}
    for other in store.linked(identifier):
        found.update(
            {
                (record.feed, record.id): record
                for record in store.records(other)
                if identifier in (record.id, *record.aliases, *record.upstream)
            }
        )
    return tuple(replace(found[key]) for key in sorted(found))


def _fitting(question: FindingQuestion, stock: Stock) -> RuntimeBom | None:
    """Return the first RBOM of this image."""
    for path in question.rboms:
        try:
            bom = load_rbom(path)
        except ConfigError:
            if question.must_fit:
                raise
            continue
        if stock.ref is not None and bom.image.config_digest == stock.ref.config_digest:
            return bom
        if question.must_fit:
            msg = (
                f"{path}: is the RBOM of another image ({bom.image.reference}, config"
                f" {bom.image.config_digest}); run `careen profile` on {question.subject}"
            )
            raise InputError(msg)
    return None
