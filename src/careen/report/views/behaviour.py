"""Terminal lines about behaviour: what was compared, and what deviates."""

from collections.abc import Iterator, Sequence

from careen.model.runs.behaviour import Compared, Deviation, Weight
from careen.model.verdict import Verdict
from careen.report.terminal_output.figures import counted
from careen.report.terminal_output.screen import UNICODE, Signs, shown

OF_ONE_KIND = 3
CAUSES = 3
TITLES = {
    "case": "test cases",
    "exit-status": "how it ends",
    "restart": "restarts",
    "readiness": "readiness",
    "health": "health check",
    "connection": "connections",
    "http-status": "HTTP statuses",
    "http-header": "HTTP headers",
    "http-body": "HTTP bodies",
    "command": "commands",
    "import": "imports",
    "error-log": "error lines",
    "library": "libraries",
    "start-time": "time to become ready",
    "memory": "memory",
}


def behaviour_lines(verdict: Verdict, signs: Signs = UNICODE) -> list[str]:
    """Return the lines of the behaviour section, empty if nothing was compared.

    Failures come before warnings. Three of each kind are shown; the others are counted. Text from
    the image is escaped for the terminal.
    """
    if not verdict.original or not verdict.hardened:
        return []
    lines = [_what(verdict.compared, len(verdict.hardened))]
    steady = verdict.steady()
    for weight, sign in ((Weight.FAILURE, signs.cross), (Weight.WARNING, signs.bullet)):
        lines += _kinds([item for item in steady if item.weight is weight], sign, signs)
    if not steady:
        lines.append(f"{signs.tick} both images behave alike")
    lines += [
        f"{signs.bullet} {item.test} passes {item.passed} of {item.runs} times on the original:"
        " flaky, not counted"
        for item in verdict.flaky[:OF_ONE_KIND]
    ]
    lines += _not_compared(verdict.compared, signs)
    return [shown(line, signs) for line in lines]


def _what(compared: Compared, workloads: int) -> str:
    counts = (
        (workloads, "workload", ""),
        (compared.cases, "test case", ""),
        (compared.requests, "request", ""),
        (compared.experiments, "experiment", ""),
        (compared.answers, "answer", ""),
        (compared.lines, "line of output", "lines of output"),
        (compared.libraries, "library", "libraries"),
    )
    return (
        "compared:"
        f" {', '.join(counted(number, one, many) for number, one, many in counts if number)}"
    )


def _not_compared(compared: Compared, signs: Signs) -> Iterator[str]:
    yield from (
        f"{signs.bullet} not compared: {what}" for what in compared.passed_over[:OF_ONE_KIND]
    )
    if (more := len(compared.passed_over) - OF_ONE_KIND) > 0:
        yield f"{signs.bullet} not compared: {signs.ellipsis} {more} more in verify.json"
    if compared.noise:
        what = counted(len(compared.noise), "difference")
        yield (
            f"{signs.bullet} noise: {what} did not recur, or also differ between runs of the"
            " original (verify.json)"
        )


def _kinds(items: Sequence[Deviation], sign: str, signs: Signs) -> Iterator[str]:
    kinds: dict[str, list[Deviation]] = {}
    for item in items:
        kinds.setdefault(item.kind, []).append(item)
    for kind, found in kinds.items():
        for item in found[:OF_ONE_KIND]:
            yield (
                f"{sign} {TITLES.get(kind, kind)}: {item.where}: {item.before} {signs.arrow}"
                f" {item.after}"
            )
            if item.cause:
                more = f" and {len(item.cause) - CAUSES} more" if len(item.cause) > CAUSES else ""
                yield f"    missing: {', '.join(item.cause[:CAUSES])}{more}"
        if len(found) > OF_ONE_KIND:
            yield (
                f"{sign} {TITLES.get(kind, kind)}: {signs.ellipsis} {len(found) - OF_ONE_KIND} more"
                " in verify.json"
            )
