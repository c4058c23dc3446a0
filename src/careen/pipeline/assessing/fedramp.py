"""FedRAMP's documents of one image: its findings, its history, and the provider's decisions."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen import __version__
from careen.compliance.checks.supply.findings import NO_DATABASE
from careen.compliance.fedramp.rules import load_rules
from careen.compliance.fedramp.service import load_service
from careen.compliance.fedramp.track import Basis, track
from careen.errors import InputError
from careen.evidence.fedramp.evaluation import FILE, evaluation_json
from careen.evidence.fedramp.ksi import KSI, ksi_json
from careen.evidence.fedramp.poam import FILE as POAM
from careen.evidence.fedramp.poam import poam_csv
from careen.evidence.fedramp.reports import (
    ACCEPTED,
    DETAILS,
    HISTORY,
    accepted_json,
    details_json,
    history_json,
)
from careen.model.compliance.assessment import Assessment
from careen.model.compliance.fedramp import Rules, Service
from careen.model.compliance.framework import Framework
from careen.model.findings.triage import ScanReport
from careen.model.rfc3339 import parse_time
from careen.pipeline.assessing.past_scans import past_scans, previous_scan
from careen.pipeline.run.timestamp import now
from careen.report.documents.fedramp import MONTHLY, monthly_markdown
from careen.triage.ignore.rule import Rule

FRAMEWORK = "fedramp"
NAMES = (FILE, POAM, KSI, MONTHLY, DETAILS, ACCEPTED, HISTORY)


@dataclass(frozen=True, slots=True)
class Provider:
    """The rules, what the provider says, and the folder with the last report (None for none).

    `several`: there are several images, so it is not known which folder is whose. `rules_file` is
    the user's own in the place of careen's rules.
    """

    rules: Rules
    service: Service | None
    previous: Path | None
    several: bool = False
    rules_file: Path | None = None


@dataclass(frozen=True, slots=True)
class FedrampWish:
    """The provider's file, and the folder that reports go to, where the last one may be."""

    service: Path | None = None
    previous: Path | None = None
    several: bool = False

    def read(self, frameworks: Sequence[Framework], *, findings: bool) -> Provider | None:
        """Read the files, None if FedRAMP is not asked for; `findings` says whether there are some.

        Raises ConfigError for a wrong file, InputError if it can have no effect.
        """
        asked = any(each.id == FRAMEWORK for each in frameworks)
        if self.service is not None and not (asked and findings):
            lacks = NO_DATABASE if asked else f"add --framework {FRAMEWORK}"
            msg = f"--fedramp-service: no report can be written: {lacks}"
            raise InputError(msg)
        if not asked:
            return None
        if self.service is None:
            return Provider(load_rules(None, _time().date()), None, self.previous, self.several)
        service, rules = load_service(self.service, _time())
        read = load_rules(rules, _time().date())
        return Provider(read, service, self.previous, self.several, rules)


def fedramp_documents(
    report: ScanReport, assessment: Assessment, provider: Provider, rules: Sequence[Rule]
) -> dict[str, bytes]:
    """Return the documents by file name; the three reports need the provider's file."""
    past, notes = past_scans(report.subject, report.digest)
    last, unused = previous_scan(provider.previous, FILE, report.subject)
    notes += unused
    if provider.several:
        notes += ("several images are assessed: no last report is read, so ages may be too low",)
    basis = Basis(
        rules=provider.rules,
        service=provider.service,
        scanner=_scanner(report),
        now=_time(),
        past=(*past, *(() if last is None else (last,))),
        exceptions=frozenset(rule.where for rule in rules),
        begins=None if last is None else last.time,
        notes=notes,
    )
    tracking = track(report, basis)
    documents = {
        FILE: evaluation_json(tracking),
        POAM: poam_csv(tracking),
        KSI: ksi_json(assessment, FRAMEWORK),
        MONTHLY: monthly_markdown(tracking),
    }
    if provider.service is not None:
        documents[DETAILS] = details_json(tracking)
        documents[ACCEPTED] = accepted_json(tracking)
        documents[HISTORY] = history_json(tracking)
    return documents


def _scanner(report: ScanReport) -> str:
    feeds = ", ".join(
        f"{feed.name} of {(feed.date or feed.imported)[:10]}" for feed in report.feeds
    )
    return f"careen {__version__}, with {feeds or 'no feeds'}"


def _time() -> dt.datetime:
    found = parse_time(now())
    if found is None:
        msg = "the time is stated in another form than RFC 3339"
        raise AssertionError(msg)
    return found
