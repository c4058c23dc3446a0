"""Known vulnerabilities, by careen's database of advisories."""

import datetime as dt
from collections.abc import Callable, Iterator

from careen.compliance.check import Check, Decision, failed, none_of, not_evaluable, passed
from careen.compliance.checks.supply.compared import NO_FEED, not_compared
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.findings.advisory import KEV, STALE_DAYS, Feed, Severity
from careen.model.findings.finding import Finding
from careen.model.findings.triage import ScanReport

NO_DATABASE = "there is no database of advisories: make one with `careen db update`, or name --db"


def _without(
    is_bad: Callable[[Finding], bool], what: str, gap: Callable[[ScanReport], str]
) -> Callable[[Subject], Decision]:
    """Return a decision that fails for what `is_bad`; `gap` says what else is not known, or ""."""

    def decide(subject: Subject) -> Decision:
        report = subject.findings
        if report is None:
            return not_evaluable(NO_DATABASE)
        found = tuple(
            Evidence(item.finding.package, _text(item.finding))
            for item in report.findings
            if is_bad(item.finding)
        )
        if not found and (unknown := not_compared(report) or gap(report)):
            return not_evaluable(unknown)
        return none_of(found, f"{{}} {what}", f"none of {len(report.findings)} findings is {what}")

    return decide


def _text(finding: Finding) -> str:
    fixed = f", fixed in {', '.join(finding.fixed[:3])}" if finding.fixed else ", no fix"
    return f"{finding.id} {finding.severity.word}{fixed}"


def _no_kev(report: ScanReport) -> str:
    if any(feed.name == KEV and feed.records for feed in report.feeds):
        return ""
    return "the database has no list of exploited vulnerabilities (feed kev): `careen db update`"


def _unrated(report: ScanReport) -> str:
    unrated = [
        item.finding
        for item in report.findings
        if item.finding.fixable and item.finding.severity is Severity.UNKNOWN
    ]
    if not unrated:
        return ""
    return f"{len(unrated)} vulnerabilities with a fix are not rated, the first is {unrated[0].id}"


def _fresh(subject: Subject) -> Decision:
    report = subject.findings
    if report is None:
        return not_evaluable(NO_DATABASE)
    old = tuple(_old(report, subject.today))
    if old:
        return failed(f"{len(old)} feeds are older than {STALE_DAYS} days", old)
    if not report.feeds:
        return not_evaluable(NO_FEED)
    undated = [feed.name for feed in report.feeds if not _is_dated(feed, subject.today)]
    if undated:
        named = ", ".join(undated[:5])
        return not_evaluable(f"{len(undated)} feeds have no date, or one in the future: {named}")
    return passed(
        f"all feeds are at most {STALE_DAYS} days old",
        (Evidence(feed.name, feed.date or feed.imported) for feed in report.feeds),
    )


def _old(report: ScanReport, today: dt.date) -> Iterator[Evidence]:
    for feed in report.feeds:
        age = _days(feed, today)
        if age is not None and age > STALE_DAYS:
            yield Evidence(feed.name, f"{feed.date or feed.imported}: {age} days")


def _is_dated(feed: Feed, today: dt.date) -> bool:
    # A day ahead of UTC is another time zone.
    age = _days(feed, today)
    return age is not None and age >= -1


def _days(feed: Feed, today: dt.date) -> int | None:
    try:
        return (today - dt.date.fromisoformat((feed.date or feed.imported)[:10])).days
    except ValueError:
        return None


CHECKS = (
    Check(
        id="no-known-exploited",
        title="No vulnerability is known to be exploited",
        reads="findings of the advisory database (CISA KEV)",
        fix="Upgrade the package (`careen patch`), or remove it.",
        command="careen scan IMAGE --fail-on kev",
        decide=_without(
            lambda found: found.kev is not None, "known to be exploited (CISA KEV)", _no_kev
        ),
    ),
    Check(
        id="no-fixable-findings",
        title="No critical or high vulnerability has a fix that is not installed",
        reads="findings of the advisory database",
        fix="Upgrade the package: `careen patch IMAGE -t TAG --test COMMAND`.",
        command="careen scan IMAGE --fail-on fixable-high",
        decide=_without(
            lambda found: found.fixable and found.severity >= Severity.HIGH,
            "critical or high with a fix",
            _unrated,
        ),
    ),
    Check(
        id="advisories-fresh",
        title="The database of advisories is up to date",
        reads="dates of the feeds",
        fix="Run `careen db update`, and assess again.",
        command="careen db status",
        decide=_fresh,
    ),
)
