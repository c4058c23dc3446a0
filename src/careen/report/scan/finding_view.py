"""Terminal view of `careen why IMAGE CVE-…`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from careen.model.findings.advisory import KEV, CvssScore, Feed, SsvcAssessment
from careen.model.findings.finding import Finding
from careen.model.findings.finding_explanation import Decided, FindingExplanation
from careen.model.findings.triage import Priority, Triaged
from careen.report.names import package_name
from careen.report.scan.fix_words import upgrade
from careen.report.terminal_output.figures import counted
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

TOP = 20

_TO_DO = {Priority.ACT: "to act on", Priority.ATTEND: "to attend to", Priority.TRACK: "to track"}

_SCOPES = {
    "package": "judged by all files of the package",
    "vulnerable code": "judged by the modules that the advisory names",
}


def print_finding(console: Console, explanation: FindingExplanation) -> None:
    """Print the explanation. The first line alone answers the question."""
    signs = signs_of(console)
    put(console, answer_line(explanation, signs))
    known = [*explanation.findings, *(item.triaged for item in explanation.suppressed)]
    if known:
        first = known[0].finding
        if first.summary:
            put(console, Text(shown(first.summary, signs), style="dim", overflow="fold"))
        console.print()
        put(console, table(_facts(first, explanation.feeds, signs), fill=1))
    for alike in _alike(known):
        _packages(console, alike, signs)
    if explanation.decided is not None:
        section(
            console,
            f"Decided in {shown(explanation.decided.source, signs)}",
            table(_decided(explanation.decided, signs), fill=(0, 1)),
        )
    section(
        console,
        "Not counted",
        table(
            (
                (
                    package_name(s.triaged.finding.package, signs),
                    shown(f"{s.by}: {s.reason}", signs),
                )
                for s in explanation.suppressed
            ),
            fill=1,
        ),
    )
    section(console, "Installed and not affected", table(_passed(explanation, signs), fill=1))
    section(console, "Records", table(_records(explanation, signs), fill=2))
    if known:
        section(
            console, "References", (shown(url, signs) for url in known[0].finding.references[:TOP])
        )


def answer_line(explanation: FindingExplanation, signs: Signs) -> Text:
    """Return the answer in one line."""
    name = (shown(explanation.identifier, signs), "bold")
    subject = shown(explanation.subject, signs)
    if explanation.findings:
        first = explanation.findings[0]
        more = (
            f", and {counted(len(explanation.findings) - 1, 'more package')}"
            if len(explanation.findings) > 1
            else ""
        )
        return Text.assemble(
            name,
            f" is in {subject}: ",
            (upgrade(first.finding, signs), "bold"),
            f", {first.tier_words}, {_TO_DO[first.priority]}{more}",
            overflow="fold",
        )
    if explanation.suppressed:
        return Text.assemble(
            name,
            f" is in {subject}, and is not counted:"
            f" {shown(explanation.suppressed[0].reason, signs)}",
            overflow="fold",
        )
    if explanation.passed:
        return Text.assemble(
            name,
            f" does not affect {subject}: {shown(explanation.passed[0].says, signs)}",
            overflow="fold",
        )
    if explanation.records:
        return Text.assemble(
            name,
            f" is in the database, but its records match no package of {subject}",
            overflow="fold",
        )
    return Text.assemble(
        name, " is not in the database: the image may still be affected", overflow="fold"
    )


def _facts(finding: Finding, feeds: Sequence[Feed], signs: Signs) -> Iterator[tuple[Text, str]]:
    yield (
        Text("severity", style="dim"),
        shown(f"{finding.severity.word} ({finding.severity_source or 'no source'})", signs),
    )
    if finding.aliases:
        yield Text("also called", style="dim"), shown(", ".join(finding.aliases), signs)
    for score in finding.scores:
        yield Text("CVSS", style="dim"), shown(_score(score), signs)
    epss = finding.epss
    yield (
        Text("EPSS", style="dim"),
        (
            "unknown"
            if epss is None
            else f"{epss.words}, higher than {epss.percentile:.1%} of all ({epss.date})"
        ),
    )
    kev = finding.kev
    ransom = ", used by ransomware" if kev is not None and kev.ransomware else ""
    yield (
        Text("KEV", style="dim"),
        (
            "unknown: the database has no KEV list"
            if kev is None and all(feed.name != KEV for feed in feeds)
            else "not listed"
            if kev is None
            else shown(f"known to be exploited since {kev.added}, due {kev.due}{ransom}", signs)
        ),
    )
    if finding.ssvc is not None:
        yield Text("SSVC", style="dim"), shown(_ssvc(finding.ssvc), signs)
    if finding.published:
        yield (
            Text("published", style="dim"),
            shown(
                finding.published[:10]
                + (f", changed {finding.modified[:10]}" if finding.modified else ""),
                signs,
            ),
        )


def _ssvc(found: SsvcAssessment) -> str:
    parts = (
        ("exploitation", found.exploitation),
        ("automatable", found.automatable),
        ("technical impact", found.impact),
    )
    words = ", ".join(f"{name} {value or 'unknown'}" for name, value in parts)
    return f"{words} (CISA, {found.date or 'no date'})"


def _score(score: CvssScore) -> str:
    number = "no score" if score.score is None else f"{score.score:.1f}"
    return f"{number} {score.severity.word} {score.vector} ({score.by})".replace("  ", " ")


def _alike(known: Sequence[Triaged]) -> Iterator[tuple[Triaged, ...]]:
    """Yield groups of packages that differ only in name, as binary packages of one source."""
    groups: dict[object, list[Triaged]] = {}
    for item in known:
        bare = replace(item, finding=replace(item.finding, package="", name=""))
        groups.setdefault((item.finding.package.partition("/")[0], bare), []).append(item)
    yield from map(tuple, groups.values())


def _packages(console: Console, alike: Sequence[Triaged], signs: Signs) -> None:
    item = alike[0]
    finding = item.finding
    prefix = f"{item.priority.value}: "
    verdict = next((part for part in item.reasons if part.startswith(prefix)), item.priority.value)
    rows: list[tuple[str, str]] = [
        ("installed", upgrade(finding, signs)),
        (
            "also in",
            shown(
                ", ".join(other.finding.name for other in alike[1:TOP])
                + (f" and {len(alike) - TOP:,} more" if len(alike) > TOP else ""),
                signs,
            ),
        ),
        ("evidence", f"{item.tier_words}, {_SCOPES.get(item.scope, item.scope)}"),
        ("priority", shown(verdict, signs)),
        *(("because", shown(part, signs)) for part in item.reasons if part != verdict),
        *((name, shown(answered.words, signs)) for name, answered in item.questions.rows),
        *(
            ("matched by", shown(f"{match.record} ({match.feed}): {match.reason}", signs))
            for match in finding.matches[:TOP]
        ),
        *(
            (
                "vulnerable code",
                shown(code.path + (f": {', '.join(code.symbols)}" if code.symbols else ""), signs),
            )
            for code in finding.code[:TOP]
        ),
    ]
    for witness in item.witnesses[:TOP]:
        by = f" by {witness.executable}" if witness.executable else ""
        phases = f" ({', '.join(witness.phases)})" if witness.phases else ""
        rows.append(
            (
                "seen",
                shown(
                    f"{witness.path} {witness.use}{by}, workload {witness.workload}{phases}", signs
                ),
            )
        )
    section(
        console,
        package_name(finding.package, signs),
        table(_labelled((label, text) for label, text in rows if text), fill=1),
    )


def _labelled(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[Text, str]]:
    """Yield the rows, without a label that repeats the one above."""
    before = ""
    for label, text in rows:
        yield Text("" if label == before else label, style="dim"), text
        before = label


def _decided(decided: Decided, signs: Signs) -> Iterator[tuple[str, str]]:
    for each in decided.upgrades[:TOP]:
        along = (
            sum(
                other.group == each.group and other.manager == each.manager
                for other in decided.upgrades
            )
            - 1
        )
        together = (
            f", together with {counted(along, 'more package')} of {each.group}" if along else ""
        )
        yield (
            package_name(each.purl, signs),
            shown(f"is upgraded to {each.target} by {each.manager}{together}", signs),
        )
    for item in decided.blocked[:TOP]:
        yield (
            package_name(item.purl, signs),
            shown(f"stays ({item.barrier.value}): {item.detail}", signs),
        )
    left = max(0, len(decided.upgrades) - TOP) + max(0, len(decided.blocked) - TOP)
    if left:
        yield signs.ellipsis, f"{left:,} more"


def _passed(explanation: FindingExplanation, signs: Signs) -> Iterator[tuple[str, str]]:
    for item in explanation.passed[:TOP]:
        yield (
            package_name(item.purl, signs),
            shown(f"{item.record} ({item.feed}): {item.says}", signs),
        )
    if len(explanation.passed) > TOP:
        yield signs.ellipsis, f"{len(explanation.passed) - TOP:,} more"


def _records(explanation: FindingExplanation, signs: Signs) -> Iterator[tuple[str, str, str]]:
    for record in explanation.records[:TOP]:
        names = list(dict.fromkeys(f"{item.ecosystem} {item.name}" for item in record.affected))
        # The names must fit one line.
        more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""  # noqa: PLR2004
        withdrawn = f", withdrawn {record.withdrawn[:10]}" if record.withdrawn else ""
        yield (
            shown(record.id, signs),
            shown(record.feed, signs),
            shown(f"about {', '.join(names[:5])}{more}{withdrawn}", signs),
        )
    if len(explanation.records) > TOP:
        yield signs.ellipsis, "", f"{len(explanation.records) - TOP:,} more"
