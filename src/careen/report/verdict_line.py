"""The last line of a run: the verdict in one sentence."""

from rich.text import Text

from careen.model.measure import Measure
from careen.model.runs.behaviour import Weight
from careen.model.summary import Summary, Tests, TestTotals
from careen.report.terminal_output.figures import change, counted, number, size
from careen.report.terminal_output.screen import Signs, shown

VERIFIED = "hardened and verified"
"""What a promoted image is called if tests proved it."""


def verdict_line(summary: Summary, signs: Signs) -> Text:
    """Return the verdict as one line.

    Green: promoted; yellow: promoted without full proof by tests; red: not promoted.
    """
    proof = ", ".join((_tests(summary), *_alike(summary)))
    figures = ", ".join(_figures(summary.original, summary.hardened, signs))
    if not summary.promoted:
        return _line(signs.cross, "not promoted", proof, figures, "bold red", signs)
    doubt, what = _doubt(summary), achieved(summary)
    sign, style = (signs.bullet, "bold yellow") if doubt else (signs.tick, "bold green")
    return _line(
        sign,
        what,
        proof,
        figures,
        style,
        signs,
    )


def achieved(summary: Summary) -> str:
    """Return what a promoted image is called: verified only if tests proved it."""
    doubt = _doubt(summary)
    return f"hardened, and {doubt}" if doubt else VERIFIED


def _doubt(summary: Summary) -> str:
    """Return why a promoted image is not called verified; "" if it is."""
    tests = summary.tests
    if tests is None or tests.hardened is None or tests.hardened.cases == 0:
        return "not tested"
    if (
        summary.flaky
        or not tests.hardened.passed
        or (summary.verdict is not None and not summary.verdict.passed)
    ):
        return "not verified: a test is flaky"
    if summary.checked != "tests":
        return "tested in part"
    return ""


def _line(sign: str, what: str, proof: str, figures: str, style: str, signs: Signs) -> Text:
    return Text.assemble(
        (f"{sign} {what}", style), shown(f": {proof}; {figures}", signs), overflow="fold"
    )


def _tests(summary: Summary) -> str:
    tests = summary.tests
    if tests is None:
        return {
            "readiness only": "only readiness was checked",
            "exit status": "only its exit status was checked",
        }.get(summary.checked, "no test was run")
    if tests.hardened is None:
        return "the tests were not run on it"
    if not tests.hardened.passed:
        return "the tests failed"
    part = {
        "readiness only": "; one workload was checked for readiness only",
        "exit status": "; one workload was checked for its exit status only",
    }
    return _passed(tests, tests.hardened) + part.get(summary.checked, "")


def _passed(tests: Tests, hardened: TestTotals) -> str:
    before, after = tests.original.cases, hardened.cases
    if before is None or after is None:
        return "the tests passed"
    return f"{after:,} of {counted(before, 'test case')} passed"


def _alike(summary: Summary) -> list[str]:
    """Return what the comparison beyond the tests found."""
    # Timings are not differences in behaviour, and have their own line.
    verdict = summary.verdict
    if verdict is None or not verdict.hardened:
        return []
    steady = verdict.steady()
    failures = sum(item.weight is Weight.FAILURE for item in steady)
    warnings = len(steady) - failures
    if failures:
        return [counted(failures, "difference")]
    noted = f", {counted(warnings, 'warning')}" if warnings else ""
    answers = verdict.compared.answers + verdict.compared.requests
    return (
        [f"{counted(answers, 'answer')} alike{noted}"]
        if answers
        else ([noted.removeprefix(", ")] if noted else [])
    )


def _figures(before: Measure, after: Measure, signs: Signs) -> list[str]:
    def changed(one: int, two: int) -> str:
        return change(one, two, minus=signs.minus, unknown=signs.unknown)

    arrow = signs.arrow
    out = [
        (
            f"{size(before.size_bytes)} {arrow} {size(after.size_bytes)}"
            f" ({changed(before.size_bytes, after.size_bytes)})"
        )
    ]
    one, two = before.findings, after.findings
    if one is not None and two is not None:
        if one.compared.nothing or two.compared.nothing:
            out.append("findings are not known")
        else:
            out.append(
                f"{number(one.total)} {arrow} {counted(two.total, 'finding')}"
                f" ({changed(one.total, two.total)})"
            )
    return out
