"""Terminal view of the summary of a hardened image."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from careen.model.measure import Measure
from careen.model.plan import Outcome
from careen.model.summary import STAGES, Summary, TestTotals
from careen.report.completeness_words import evidence_words
from careen.report.ended_words import ended_words
from careen.report.finished import PAGE
from careen.report.names import package_name
from careen.report.scan.finding_counts import basis, count_rows
from careen.report.terminal_output.figures import counted, duration, number, size
from careen.report.terminal_output.screen import Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import changed, put, section, table
from careen.report.verdict_line import verdict_line
from careen.report.views.adequacy import adequacy_note
from careen.report.views.behaviour import behaviour_lines

TOP = 5
_BAR = 24
HEALTH_ONLY = "    health check only"
_FINDINGS = (
    ("findings", "total"),
    ("  critical", "critical"),
    ("  high", "high"),
    ("  executed", "executed"),
    (HEALTH_ONLY, "executed_by_health_check_only"),
    ("  loaded", "loaded"),
    ("  known exploited", "kev"),
)


def print_summary(console: Console, summary: Summary) -> None:
    """Print the summary in sections, with the verdict last."""
    signs = signs_of(console)
    _header(console, summary, signs)
    console.print()
    put(
        console,
        table(
            _measures(summary.original, summary.hardened, signs),
            right=(1, 2, 3),
            head=("", "before", "after", "change"),
        ),
    )
    console.print()
    put(console, table(_facts(summary, signs), fill=1))
    if summary.verdict is not None:
        section(console, "Behaviour", behaviour_lines(summary.verdict, signs))
    section(console, "Where the time went", table(_time(summary, signs), right=(1,)))
    section(console, "Removed most", table(_removed(summary, signs), right=(1,), fill=2))
    section(console, "Kept because", table(_kept(summary, signs), right=(0, 1), fill=2))
    section(
        console,
        "Notes",
        table(((signs.bullet, shown(note, signs)) for note in summary.notes), fill=1),
    )
    section(console, "Next", (shown(step, signs) for step in summary.next_steps))
    console.print()
    put(console, verdict_line(summary, signs))


def final_line(summary: Summary) -> str:
    """Return the one line of `--quiet`: the result's locations, if any, and its digest."""
    return shown(" ".join((*summary.promoted, summary.hardened.digest)))


def _header(console: Console, summary: Summary, signs: Signs) -> None:
    target = ", ".join(summary.promoted) or "nothing was promoted"
    style = "bold green" if summary.promoted else "bold red"
    title = Text.assemble(
        ("careen  ", "dim"),
        (shown(summary.original.reference, signs), "bold"),
        f" {signs.arrow} ",
        (shown(target, signs), style),
        overflow="fold",
    )
    put(console, title)
    digests = (
        f"        {short_digest(summary.original.digest)} {signs.arrow}"
        f" {short_digest(summary.hardened.digest)}, level {summary.level.value}"
    )
    put(console, Text(shown(digests, signs), style="dim", overflow="fold"))


def _measures(
    before: Measure, after: Measure, signs: Signs
) -> Iterator[tuple[str, str, str, Text]]:
    rows = [
        ("size", before.size_bytes, after.size_bytes, size),
        ("files", before.files, after.files, number),
    ]
    ecosystems = sorted({*before.packages, *after.packages})
    rows += [
        (f"packages, {name}", before.packages.get(name, 0), after.packages.get(name, 0), number)
        for name in ecosystems
    ]
    rows += [
        ("ELF files", before.elf_files, after.elf_files, number),
        ("ELF bytes", before.elf_bytes, after.elf_bytes, size),
        ("executables", before.executables, after.executables, number),
        ("setuid files", before.setuid, after.setuid, number),
        ("shells", before.shells, after.shells, number),
    ]
    for label, one, two, form in rows:
        yield shown(label, signs), form(one), form(two), changed(one, two, signs)
    if before.findings is not None and after.findings is not None:
        health = (
            before.findings.executed_by_health_check_only
            or after.findings.executed_by_health_check_only
        )
        rows_of_findings = [field for field in _FINDINGS if health or field[0] != HEALTH_ONLY]
        yield from count_rows(before.findings, after.findings, rows_of_findings, signs)


def _facts(summary: Summary, signs: Signs) -> Iterator[tuple[Text, Text]]:
    good = summary.tests is None or (
        summary.tests.original.passed
        and (summary.tests.hardened is None or summary.tests.hardened.passed)
    )
    yield (
        Text("tests", style="dim"),
        Text(tests_line(summary), style="" if good else "bold red", overflow="fold"),
    )
    sensor = summary.sensor
    style = "" if sensor.completeness.complete else "bold red"
    kernel = f" on kernel {sensor.kernel}" if sensor.kernel else ""
    emulated = ", emulated: system calls are not known" if sensor.emulated else ""
    yield (
        Text("evidence", style="dim"),
        Text(
            shown(
                f"{sensor.kind} sensor{kernel}, {evidence_words(sensor.completeness)}{emulated}",
                signs,
            ),
            style=style,
            overflow="fold",
        ),
    )
    for name, line in (
        ("findings", findings_line(summary)),
        ("patched", patched_line(summary)),
        ("explored", explored_line(summary)),
        ("adequacy", adequacy_line(summary)),
        ("repaired", repaired_line(summary)),
        ("signatures", ended_line(summary)),
    ):
        if line:
            yield Text(name, style="dim"), Text(shown(line, signs), overflow="fold")
    if summary.report_directory is not None:
        yield (
            Text("report", style="dim"),
            Text(shown(f"{summary.report_directory.rstrip('/')}/{PAGE}", signs), overflow="fold"),
        )


def tests_line(summary: Summary) -> str:
    """Return in one sentence what was checked, and the result."""
    tests = summary.tests
    if tests is None:
        alone = {
            "readiness only": "only readiness was checked: no test was run",
            "exit status": "only the exit status of the job was checked: no test was run",
        }
        return alone.get(summary.checked, f"no test was run; checked: {summary.checked}")
    original = _outcome(tests.original)
    if tests.hardened is None:
        line = (
            f"{original} on the original in {duration(tests.original.seconds)}; not run on the"
            " hardened image"
        )
    else:
        same = tests.original.passed == tests.hardened.passed and tests.hardened.cases is not None
        hardened = f"{tests.hardened.cases:,}" if same else _outcome(tests.hardened)
        line = (
            f"{original} on the original in {duration(tests.original.seconds)}, {hardened} on the"
            f" hardened image in {duration(tests.hardened.seconds)}"
        )
    if summary.checked == "readiness only":
        line += "; at least one workload was checked for readiness only"
    return line


def explored_line(summary: Summary) -> str:
    """Return what exploration tried and made careen keep; "" if nothing was explored."""
    totals = summary.exploration
    if totals is None:
        return ""
    skipped = f" ({totals.skipped} not run: see verify.json)" if totals.skipped else ""
    reached = (
        f"{counted(totals.files, 'file')} ({size(totals.bytes)}) used that no test uses"
        if totals.files
        else "no file used beyond the tests"
    )
    silent = (
        f"; not ready in time, so nothing was asked: {', '.join(totals.not_ready)}"
        if totals.not_ready
        else ""
    )
    return (
        f"{counted(totals.tries, 'try', 'tries')} in"
        f" {counted(totals.experiments, 'experiment')}{skipped}, {reached}{silent}"
    )


def patched_line(summary: Summary) -> str:
    """Return what was upgraded and what that closed; "" if nothing was to be upgraded."""
    totals = summary.patched
    if totals is None:
        return ""
    left = (
        f"; {counted(totals.blocked, 'finding')} no upgrade closes (see plan.json)"
        if totals.blocked
        else ""
    )
    dropped = (
        f"; dropped again: {totals.dropped[0][0]} ({totals.dropped[0][1]})"
        if totals.dropped
        else ""
    )
    more = f" and {len(totals.dropped) - 1} more" if len(totals.dropped) > 1 else ""
    if not totals.upgrades:
        return f"nothing was upgraded{dropped}{more}{left}"
    name, old, new = totals.upgrades[0]
    first = f"{name} {old} to {new}" if old else f"{name} {new}"
    close = "closes" if len(totals.upgrades) == 1 else "close"
    return (
        f"{counted(len(totals.upgrades), 'upgrade')}, {first} first, {close}"
        f" {counted(totals.closed, 'finding')}{dropped}{more}{left}"
    )


def adequacy_line(summary: Summary) -> str:
    """Return the adequacy of the profile; "" if it was not measured."""
    return (
        ""
        if summary.adequacy is None
        else adequacy_note(summary.adequacy).removeprefix("adequacy ")
    )


def findings_line(summary: Summary) -> str:
    """Return the basis of the finding counts; "" if there is none."""
    found, left = summary.original.findings, summary.hardened.findings
    if found is None:
        return ""
    parts = [basis(found)]
    if left is not None and left.compared.nothing and not found.compared.nothing:
        parts.append(f"of the result, {left.compared.gap}")
    return "; ".join(part for part in parts if part)


def ended_line(summary: Summary) -> str:
    """Return what was signed of the original and ends with it; "" if it was not asked."""
    ended = summary.ended
    if ended is None:
        return ""
    first = ended.documents[0].digest if ended.documents else ""
    return ended_words([each.kind.value for each in ended.documents], first, ended.unknown)


def repaired_line(summary: Summary) -> str:
    """Return what repair restored; "" if nothing was."""
    if not summary.rounds:
        return ""
    paths, gained = (
        sum(each.paths for each in summary.rounds),
        sum(each.bytes for each in summary.rounds),
    )
    first = next((item.path for each in summary.rounds for item in each.restored), "")
    return (
        f"{counted(paths, 'path')} ({size(gained)}) restored in"
        f" {counted(len(summary.rounds), 'round')}, {first} first; see verify.json"
    )


def _outcome(totals: TestTotals) -> str:
    what = "the tests" if totals.cases is None else counted(totals.cases, "case")
    return (
        f"{what} passed"
        if totals.passed
        else (
            f"the tests FAILED ({what} counted)" if totals.cases is not None else "the tests FAILED"
        )
    )


def _time(summary: Summary, signs: Signs) -> Iterator[tuple[str, str, Text]]:
    spent = {stage: getattr(summary.seconds, stage) for stage in STAGES}
    longest = max((seconds for seconds in spent.values() if seconds is not None), default=0.0)
    for stage, seconds in spent.items():
        if seconds is not None:
            length = max(1, round(seconds / longest * _BAR)) if longest > 0 else 0
            yield stage, duration(seconds), Text(signs.bar * length, style="cyan")
    yield "total", duration(summary.seconds.total), Text("")


def _removed(summary: Summary, signs: Signs) -> Iterator[tuple[str, str, str]]:
    outcome = {Outcome.REMOVED: "whole", Outcome.PARTIAL: "in part", Outcome.KEPT: ""}
    for share in summary.removed[:TOP]:
        yield (
            outcome[share.outcome],
            size(share.removed_bytes),
            f"{package_name(share.purl, signs)} ({counted(share.removed_files, 'file')})",
        )


def _kept(summary: Summary, signs: Signs) -> Iterator[tuple[str, str, str]]:
    for share in summary.kept[:TOP]:
        yield (
            size(share.bytes),
            counted(share.files, "file"),
            shown(f"{share.code}, e.g. {share.detail}" if share.detail else share.code, signs),
        )
    if summary.symbols is not None and summary.symbols.files:
        yield (
            size(summary.symbols.bytes),
            counted(summary.symbols.files, "file"),
            "of these were symbols and debug sections (removed)",
        )
