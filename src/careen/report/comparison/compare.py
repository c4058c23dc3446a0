"""Comparison of the results of two runs, by their report directories."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest

from careen.errors import ConfigError
from careen.model.comparing.imagediff import PackageChange
from careen.model.entry import Entry
from careen.model.packages.package import Package
from careen.model.paths import ImagePath
from careen.model.plan import Outcome
from careen.model.runs.names import names_of_blind_runs
from careen.report.comparison.changes import (
    FileChanges,
    FindingChanges,
    Names,
    RunComparison,
    RunSide,
)
from careen.report.finished.document import (
    LeftFinding,
    adequacy_parts,
    left_findings,
    named,
    tests_of,
)
from careen.report.finished.facts import MALFORMED, ReportFacts
from careen.report.finished.figures import Figure, figures_of, share

FORMAT = "careen.comparison"
VERSION = 1


def compare_runs(before: ReportFacts, after: ReportFacts) -> RunComparison:
    """Return what differs between two results. Raises ConfigError for a damaged document."""
    try:
        return _compared(before, after)
    except MALFORMED as error:
        msg = f"a document of one of the reports is not as careen writes it: {error}"
        raise ConfigError(msg) from error


def _compared(before: ReportFacts, after: ReportFacts) -> RunComparison:
    one, two = _left(before), _left(after)
    files = _files((before, one), (after, two))
    return RunComparison(
        FORMAT,
        VERSION,
        _side(before),
        _side(after),
        tuple(_figures(before, after)),
        tuple(_packages(_versions(before), _versions(after))),
        files,
        _names(_executables(one), _executables(two)),
        _findings(before, after),
        _names(_calls(before), _calls(after))
        if before.calls_recorded and after.calls_recorded
        else None,
        _names(_endpoints(before), _endpoints(after))
        if before.endpoints_recorded and after.endpoints_recorded
        else None,
        tuple(_not_compared(before, after, files)),
    )


def _side(facts: ReportFacts) -> RunSide:
    summary = facts.summary
    return RunSide(
        named(summary["original"]),
        named(summary["hardened"]),
        facts.verdict,
        facts.passed,
        str(summary["level"]),
        tests_of(facts)[1],
        share(facts.adequacy["score"]),
        str(facts.adequacy["verdict"]),
        adequacy_parts(facts),
    )


def _figures(before: ReportFacts, after: ReportFacts) -> Iterator[Figure]:
    """Yield each figure of the results; None where one of the runs does not know it."""
    old = {each.title: each for each in figures_of(before)}
    new = {each.title: each for each in figures_of(after)}
    for title in dict.fromkeys((*old, *new)):
        one, two = old.get(title), new.get(title)
        unit = (one or two or Figure(title, None, None, "")).unit
        yield Figure(title, one.after if one else None, two.after if two else None, unit)


def _left(facts: ReportFacts) -> Mapping[ImagePath, Entry]:
    """Return the files and links that a plan keeps."""
    return {
        each.path: each for each in facts.rootfs if not each.is_dir and each.path in facts.plan.keep
    }


def _files(
    before: tuple[ReportFacts, Mapping[ImagePath, Entry]],
    after: tuple[ReportFacts, Mapping[ImagePath, Entry]],
) -> FileChanges:
    one, two = before[1], after[1]
    known = [
        {each.path: each.sha256 for each in facts.bom.files if each.sha256}
        for facts, _ in (before, after)
    ]
    layers = [facts.plan.image.diff_ids for facts, _ in (before, after)]
    changed, same, alike = [], 0, 0
    for path in sorted(one.keys() & two.keys()):
        a, b = one[path], two[path]
        digests = [each.get(path) for each in known]
        if _looks(a, before[0]) != _looks(b, after[0]):
            changed.append(path)
        elif not a.is_file or _layer(a, layers[0]) == _layer(b, layers[1]) is not None:
            same += 1
        elif None in digests:
            alike += 1
        elif digests[0] == digests[1]:
            same += 1
        else:
            changed.append(path)
    return FileChanges(
        tuple(sorted(two.keys() - one.keys())),
        tuple(sorted(one.keys() - two.keys())),
        tuple(changed),
        same,
        alike,
    )


def _looks(entry: Entry, facts: ReportFacts) -> tuple[object, ...]:
    symbols = facts.plan.symbols
    dropped = 0 if symbols is None else symbols.dropped.get(entry.path, 0)
    size = entry.size - dropped if entry.is_file else 0
    return entry.kind, entry.mode, entry.uid, entry.gid, size, entry.target, entry.device


def _layer(entry: Entry, diff_ids: tuple[str, ...]) -> str | None:
    return diff_ids[entry.layer] if 0 <= entry.layer < len(diff_ids) else None


def _executables(left: Mapping[ImagePath, Entry]) -> Iterator[str]:
    return (path for path, entry in left.items() if entry.is_executable)


def _names(before: Iterable[str], after: Iterable[str]) -> Names:
    one, two = set(before), set(after)
    return Names(tuple(sorted(two - one)), tuple(sorted(one - two)), len(one & two))


Versions = Mapping[tuple[str, str, str], Mapping[str, int]]


def _versions(facts: ReportFacts) -> Versions:
    """Return the versions of each package that is left, with the bytes of its kept files."""
    out: dict[tuple[str, str, str], dict[str, int]] = {}
    for package in facts.inventory.packages.values():
        if _is_left(package, facts):
            key = (package.ecosystem.value, package.name, package.architecture)
            kept = (facts.rootfs.get(path) for path in package.files if path in facts.plan.keep)
            out.setdefault(key, {})[package.version] = sum(
                each.size for each in kept if each is not None and each.is_file
            )
    return out


def _is_left(package: Package, facts: ReportFacts) -> bool:
    planned = facts.plan.packages.get(package.purl)
    if planned is not None:
        return planned.outcome is not Outcome.REMOVED
    return any(path in facts.plan.keep for path in (package.record, *package.files))


def _packages(before: Versions, after: Versions) -> Iterator[PackageChange]:
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key, {}), after.get(key, {})
        gone, come = sorted(was.keys() - now.keys()), sorted(now.keys() - was.keys())
        for old, new in zip_longest(gone, come):
            size = was[old] if old is not None else now[new]
            yield PackageChange(key[0], key[1], old, new, size)


def _findings(before: ReportFacts, after: ReportFacts) -> FindingChanges | None:
    old, new = before.known_findings, after.known_findings
    if old is None or new is None:
        return None
    one, two = (
        {(each.id, each.package): each for each in left_findings(findings)}
        for findings in (old, new)
    )
    return FindingChanges(_only(two, one), _only(one, two), len(one.keys() & two.keys()))


def _only(
    some: Mapping[tuple[str, str], LeftFinding], other: Mapping[tuple[str, str], LeftFinding]
) -> tuple[LeftFinding, ...]:
    return tuple(each for key, each in some.items() if key not in other)


def _calls(facts: ReportFacts) -> Iterator[str]:
    return (call for calls in facts.bom.syscalls.values() for call in calls)


def _endpoints(facts: ReportFacts) -> Iterator[str]:
    for each in facts.bom.endpoints:
        port = f" {each.port}" if each.family != "unix" else ""
        yield f"{each.direction} {each.family} {each.address}{port}"


def _not_compared(before: ReportFacts, after: ReportFacts, files: FileChanges) -> Iterator[str]:
    """Yield a sentence for each thing that the two reports do not tell."""
    sides = (("first", before), ("second", after))
    for which, facts in sides:
        if facts.findings is None:
            yield f"Findings: the {which} run counted none, as it had no advisory database."
        elif facts.known_findings is None:
            yield (
                f"Findings: no package of the {which} run's result was compared with an advisory."
            )
        if not facts.calls_recorded:
            yield f"System calls: the {which} run did not record them."
        if not facts.endpoints_recorded:
            yield f"Endpoints: the {which} run did not record them."
        if blind := names_of_blind_runs(facts.bom):
            yield (
                f"System calls and endpoints: a part of the {which} profile did not record them:"
                f" {blind}."
            )
        if facts.adequacy["score"] is None:
            yield f"Adequacy of the {which} profile is unknown."
        for gap in facts.summary["sensor"]["incomplete"]:
            yield f"The {which} profile is incomplete: {gap['reason']} ({gap['count']})."
    if before.findings is not None and after.findings is not None:
        dates = [_dates(findings) for findings in (before.findings, after.findings)]
        if dates[0] != dates[1]:
            yield "The advisories have different dates: a finding may be new because of that."
    if files.not_compared:
        yield (
            f"{files.not_compared:,} files have the same size and mode in both results; the reports"
            " do not tell whether their contents are the same (careen diff compares the images)."
        )


def _dates(findings: Mapping[str, object]) -> object:
    feeds = findings["feeds"]
    return sorted(
        (str(each["name"]), str(each["date"]))
        for each in (feeds if isinstance(feeds, list) else ())
    )
