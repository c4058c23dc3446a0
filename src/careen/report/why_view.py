"""What `careen why` prints: the decision on one path, the chain of reasons, its owners, and what was seen of it."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from careen.model.explanation import Decision, Explanation
from careen.report.figures import size
from careen.report.names import package_name
from careen.report.screen import Signs, shown, signs_of
from careen.report.tables import put, section, table

TOP = 20


def print_explanation(console: Console, explanation: Explanation) -> None:
    """Print it. The first line alone answers the question."""
    signs = signs_of(console)
    put(console, verdict_line(explanation, signs))
    console.print()
    put(console, table(_facts(explanation, signs), fill=1))
    section(console, "Reasons", table(_chain(explanation, signs), fill=1))
    section(console, "Seen", table(_uses(explanation, signs), fill=2))
    if not explanation.uses:
        section(console, "Seen", ["it was not seen to be used in any observed run"])


def verdict_line(explanation: Explanation, signs: Signs) -> Text:
    """Return the answer in one line."""
    style = "bold green" if explanation.decision is Decision.KEEP else "bold red"
    first = explanation.chain[0].reason
    return Text.assemble(
        (shown(explanation.path, signs), "bold"),
        " is ",
        (explanation.decision.value, style),
        f": {shown(first.detail or first.code, signs)}",
        overflow="fold",
    )


def _facts(explanation: Explanation, signs: Signs) -> Iterator[tuple[Text, str]]:
    kind = explanation.kind.value
    if explanation.target:
        kind += f" {signs.arrow} {shown(explanation.target, signs)}"
    yield Text("kind", style="dim"), f"{kind}, {size(explanation.size)}" if explanation.size else kind
    if explanation.symbols:
        yield Text("symbols", style="dim"), shown(explanation.symbols, signs)
    owners = ", ".join(package_name(purl, signs) for purl in explanation.owners)
    yield Text("owned by", style="dim"), owners or "no package"


def _chain(explanation: Explanation, signs: Signs) -> Iterator[tuple[str, str]]:
    shown_steps = explanation.chain[:TOP]
    for number, step in enumerate(shown_steps, 1):
        detail = f": {step.reason.detail}" if step.reason.detail else ""
        yield f"{number}.", shown(f"{step.path} ({step.reason.code}{detail})", signs)
    if len(explanation.chain) > TOP:
        last = explanation.chain[-1]
        yield signs.ellipsis, shown(f"{len(explanation.chain) - TOP} more, down to {last.path} ({last.reason.code})", signs)


def _uses(explanation: Explanation, signs: Signs) -> Iterator[tuple[str, str, str]]:
    for use in explanation.uses[:TOP]:
        phases = ", ".join(sorted((phase.value for phase in use.phases), reverse=True))
        yield use.use.value, phases, shown(f"by {use.executable or 'an unknown program'} (workload {use.origin})", signs)
    if len(explanation.uses) > TOP:
        yield signs.ellipsis, "", f"{len(explanation.uses) - TOP} more"
