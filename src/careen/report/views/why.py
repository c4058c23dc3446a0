"""Terminal view of `careen why` for a path."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from careen.model.explanation import Decision, Explanation
from careen.model.rbom import FileUse
from careen.model.runs.trace import Phase, Use
from careen.report.names import package_name
from careen.report.terminal_output.figures import size
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import INDENT, put, section, table

TOP = 20
FEW = 3  # workloads named for one program


def print_explanation(console: Console, explanation: Explanation) -> None:
    """Print the explanation. The first line alone answers the question."""
    signs = signs_of(console)
    put(console, verdict_line(explanation, signs))
    console.print()
    put(console, table(_facts(explanation, signs), fill=1))
    section(console, "Because", table(_chain(explanation, signs), fill=1))
    if explanation.uses:
        section(console, "Seen", table(_uses(explanation, signs), fill=(0, 1, 2)))
        put(
            console,
            Padding(
                Text("; ".join(_legend(explanation)), style="dim", overflow="fold"),
                (0, 0, 0, INDENT),
                expand=False,
            ),
        )
    else:
        section(console, "Seen", ["it was not used in any observed run"])


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
    yield (
        Text("kind", style="dim"),
        f"{kind}, {size(explanation.size)}" if explanation.size else kind,
    )
    yield Text("reason", style="dim"), shown(explanation.chain[0].reason.code, signs)
    if explanation.symbols:
        yield Text("symbols", style="dim"), shown(explanation.symbols, signs)
    owners = ", ".join(package_name(purl, signs) for purl in explanation.owners)
    yield Text("owned by", style="dim"), owners or "no package"


def _chain(explanation: Explanation, signs: Signs) -> Iterator[tuple[str, str]]:
    """Yield the steps after the first reason, which the headline shows."""
    for number, step in enumerate(explanation.chain[1:TOP], 1):
        detail = f": {step.reason.detail}" if step.reason.detail else ""
        yield f"{number}.", shown(f"{step.path} ({step.reason.code}{detail})", signs)
    if len(explanation.chain) > TOP:
        last = explanation.chain[-1]
        yield (
            signs.ellipsis,
            shown(
                f"{len(explanation.chain) - TOP} more, down to {last.path} ({last.reason.code})",
                signs,
            ),
        )


@dataclass(slots=True)
class _Seen:
    """What one program did with the path, in all runs."""

    uses: dict[str, None] = field(default_factory=dict)
    phases: set[str] = field(default_factory=set)
    workloads: dict[str, None] = field(default_factory=dict)


def _uses(explanation: Explanation, signs: Signs) -> Iterator[tuple[str, str, str]]:
    by: dict[str, _Seen] = {}
    for use in explanation.uses:
        seen = by.setdefault(_who(use), _Seen())
        seen.uses[use.use.value] = None
        seen.phases.update(phase.value for phase in use.phases)
        seen.workloads[use.origin] = None
    for who, seen in [*by.items()][:TOP]:
        names = list(seen.workloads)
        more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
        workloads = f"workload{'s' if len(names) > 1 else ''} {', '.join(names[:FEW])}{more}"
        yield (
            ", ".join(seen.uses),
            ", ".join(sorted(seen.phases, reverse=True)),
            shown(f"by {who} ({workloads})", signs),
        )
    if len(by) > TOP:
        yield signs.ellipsis, "", f"{len(by) - TOP} more"


def _who(use: FileUse) -> str:
    """Return the program, or what started it if no program of the container did."""
    if use.executable:
        return use.executable
    if use.use not in _BY_RUNTIME:
        return "an unknown program (its start was not observed)"
    if Phase.HEALTH in use.phases:
        return "the container runtime (HEALTHCHECK)"
    return (
        "the container's start (ENTRYPOINT)"
        if Phase.START in use.phases
        else "the container runtime (exec)"
    )


_BY_RUNTIME = frozenset(
    {Use.EXECUTED, Use.TRAVERSED, Use.LOOKED_UP}
)  # it looks up the program, and executes it

_PHASES = {
    Phase.START: "start: until it was ready",
    Phase.SERVING: "serving: from then on",
    Phase.HEALTH: "health: by its HEALTHCHECK",
}


def _legend(explanation: Explanation) -> Iterator[str]:
    """Yield the explanations of the terms used in the rows above."""
    yield from (
        words
        for phase, words in _PHASES.items()
        if any(phase in use.phases for use in explanation.uses)
    )
    if any(use.origin.startswith("explore:") for use in explanation.uses):
        yield "explore:NAME: what careen tried beyond the tests"
