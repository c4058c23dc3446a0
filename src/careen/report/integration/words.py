"""The sentences about one run that the terminal, the comment and the documents share."""

from careen.model.findings.triage import ScanReport
from careen.model.integration import Mode, Outcome, Step
from careen.report.terminal_output.figures import counted, duration

_STEPS = {
    Step.CHECK: "Nothing has changed: nothing was run, the stored result was checked",
    Step.SCAN: "New advisories: the stored inventory was scanned again, nothing was run",
    Step.PROFILE: "New application: profiled again, and the plan stays close to the last one",
    Step.WHOLE: "Everything was done",
}


def step_line(outcome: Outcome) -> str:
    """Return what was done, and why."""
    done = _STEPS[outcome.decision.step]
    if outcome.decision.step is Step.PROFILE and outcome.mode is not Mode.HARDEN:
        done = "New application: everything was done"
    return f"{done} ({'; '.join(outcome.decision.reasons)})"


def passed(outcome: Outcome) -> bool:
    """Return whether the result may go on."""
    return not outcome.failure and outcome.status == 0


def verdict(outcome: Outcome) -> str:
    """Return the verdict in one sentence."""
    if outcome.is_without_result:
        return f"{outcome.name}: failed, nothing was promoted: {outcome.failure}"
    if outcome.failure:
        places = ", ".join(outcome.places)
        return f"{outcome.name}: failed, and the result is promoted ({places}): {outcome.failure}"
    stored = outcome.decision.step in (Step.CHECK, Step.SCAN)
    what = f"the stored result passes ({outcome.done})" if stored else outcome.done
    if outcome.status:
        crossed = outcome.report.crossed if outcome.report is not None else ()
        more = f" (and {len(crossed) - 1:,} more)" if len(crossed) > 1 else ""
        what = f"a threshold is crossed: {crossed[0] if crossed else 'unknown'}{more}"
    return f"{outcome.name}: {what}; {findings_of(outcome)}; {times(outcome)}"


def findings_of(outcome: Outcome) -> str:
    """Return the number of findings, or that they are not known.

    They are the original's if nothing was promoted.
    """
    report = outcome.report
    if why := not_known(report):
        return f"findings are not known: {why}"
    found = counted(len(report.findings) if report is not None else 0, "finding")
    return f"{found} in the original" if outcome.is_without_result else found


def not_known(report: ScanReport | None) -> str:
    """Return why the findings are not known, "" if they are."""
    if report is None:
        return "no advisory database"
    return report.compared.gap if report.compared.nothing else ""


def times(outcome: Outcome) -> str:
    """Return how long the run took, and what it would have taken without a stored result."""
    took = duration(outcome.seconds)
    if not outcome.saved_seconds:
        return took
    return f"{took} instead of {duration(outcome.saved_seconds)}"


def decisions(outcome: Outcome) -> tuple[str, ...]:
    """Return what a person has to decide, most urgent first."""
    out: list[str] = []
    report = outcome.report
    if outcome.failure:
        out.append(outcome.failure)
    if report is None:
        return (*out, *outcome.notes)
    out += [
        f"{sentence}: upgrade or remove the package, or accept the finding with a reason and an end"
        f" (careen ignore {outcome.image} ID)"
        for sentence in report.crossed
    ]
    out += report.warnings
    return (*out, *outcome.notes)
