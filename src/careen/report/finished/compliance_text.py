"""Compliance and FIPS mode of a result as Markdown that fits a pull request."""

from collections.abc import Iterator, Sequence

from careen.report.finished.compliance import (
    ShownAssessment,
    ShownFips,
    ShownMode,
    ShownModule,
    assessments_in,
    fips_in,
)
from careen.report.finished.facts import ReportFacts
from careen.report.markdown_text import escaped
from careen.report.terminal_output.figures import counted

FAILED = 10
"""Failed checks in the table; all are counted."""

_OUTSIDE = ("vendor-affirmed", "private and not validated", "none")


def compliance_lines(facts: ReportFacts) -> Iterator[str]:
    """Yield the sections. Raises one of `MALFORMED` for another shape."""
    for each in assessments_in(facts):
        yield from _assessment(each)
    found = fips_in(facts)
    if found is not None:
        yield from _fips(found)


def _assessment(found: ShownAssessment) -> Iterator[str]:
    yield f"**Compliance**, assessed by {escaped(found.tool)} on {escaped(found.ended)}"
    yield ""
    yield (
        "| Framework | Pass | Fail | Manual | Inherited | Not evaluable | Not applicable | Items |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for each in found.frameworks:
        counts = (each.passed, each.failed, each.manual, each.inherited, each.not_evaluable)
        numbers = " | ".join(f"{count:,}" for count in (*counts, each.not_applicable, each.items))
        yield f"| {escaped(each.title)}, {escaped(each.content)} | {numbers} |"
    yield ""
    if not found.failed:
        yield "No check failed."
        yield ""
        return
    yield f"{counted(len(found.failed), 'check')} failed; the first:"
    yield ""
    yield "| Check | Reason |"
    yield "| --- | --- |"
    for failed in found.failed[:FAILED]:
        yield f"| {escaped(failed.check)} | {escaped(failed.reason)} |"
    yield ""


def _fips(found: ShownFips) -> Iterator[str]:
    yield "**Cryptography and FIPS mode**"
    yield ""
    yield from _mode(found.mode) if found.mode is not None else _no_mode()
    for standing in _OUTSIDE:
        there = [each for each in found.modules if each.standing == standing]
        if there:
            yield f"- {standing}: {counted(len(there), 'module')}; {_ran(there)}"
    more = counted(len(found.not_known), "point")
    yield f"- not known: {more}, in the other forms of this report"
    yield ""


def _ran(modules: Sequence[ShownModule]) -> str:
    unknown = sum(each.executed is None for each in modules)
    ran = sum(each.executed is True for each in modules)
    known = f"{ran:,} ran" if unknown < len(modules) else ""
    return ", ".join(filter(None, (known, f"not known of {unknown:,}" if unknown else "")))


def _no_mode() -> Iterator[str]:
    yield "- this run did not turn FIPS mode on"


def _mode(mode: ShownMode) -> Iterator[str]:
    asked = [each for each in mode.probes if each.passed is not None]
    passed = sum(each.passed is True for each in asked)
    yield (
        f"- provider {escaped(mode.version)} ({escaped(mode.source)}); {passed} of {len(asked)}"
        " probes passed"
    )
    if mode.certificate is not None:
        yield f"- the certificate that the user stated for it: {mode.certificate}"
    for each in asked:
        if not each.passed:
            words = f"{each.title}: expected that it {each.expected}, found {each.found}"
            yield f"- {escaped(words)}"
