"""`python -m tests.cold [SUBJECT …]`: the table of the corpus; status 1 when a case fails on a
hardened image.
"""

import json
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from careen.errors import CareenError
from tests.cold.ask import SHOWN
from tests.cold.judge import Hardening, Verdict, ask_given, judge
from tests.cold.subject import read_subject

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--level",
    type=click.Choice(["observed", "closure", "package"]),
    default="closure",
    show_default=True,
)
@click.option(
    "--json",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what happened here, too.",
)
@click.option("--case", "part", default="", help="Ask only the cases with this in their name.")
@click.option("--exactly", default="", metavar="CASE", help="Ask only the case of this name.")
@click.option(
    "--keep",
    default="",
    metavar="TAG",
    help=(
        "Leave the hardened image under this name, and the original under TAG-original (of one"
        " subject)."
    ),
)
@click.option(
    "--patience",
    type=click.FloatRange(min=1),
    default=1.0,
    metavar="FACTOR",
    help="Multiply the time limits of the cases and of a start, on a busy machine.",
)
@click.option(
    "--explore",
    type=click.Choice(["off", "safe", "deep"]),
    default="safe",
    show_default=True,
    help="As careen's.",
)
@click.option(
    "--repair",
    is_flag=True,
    help=(
        "Each case is a test that verification runs: what it misses is restored. Without it no"
        " round of repair is made."
    ),
)
@click.option(
    "--image",
    default="",
    metavar="IMAGE",
    help=(
        "The subject's image, in place of the one that case.toml names or builds: such as the same"
        " service on another base (of one subject)."
    ),
)
@click.option(
    "--original",
    default="",
    metavar="IMAGE",
    help="With --ask: the original, if it is there already.",
)
@click.option(
    "--here",
    is_flag=True,
    help=(
        "With --ask: careen runs the service as it calls this; it is asked what needs no container"
        " of its own."
    ),
)
@click.option("--tap", is_flag=True, help="With --ask: print the outcomes as TAP.")
@click.option(
    "--ask",
    "asked",
    default="",
    metavar="IMAGE",
    help=(
        "Harden nothing: ask the cases of this image, with what is known of the original's answers."
    ),
)
def main(
    names: tuple[str, ...], target: Path | None, asked: str, original: str, **given: Any
) -> None:
    """Harden the subjects (all, without a name) with their profile alone, and ask their cold cases
    of the result.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was made is removed
    if given["image"] and len(names) != 1:
        msg = f"--image: expected the name of one subject, got {len(names)}"
        raise click.UsageError(msg)
    folders = [HERE / name for name in names] or sorted(
        path.parent for path in HERE.glob("*/case.toml")
    )
    verdicts: list[Verdict] = []
    broken: list[str] = []
    for folder in folders:
        try:
            subject = read_subject(folder, ROOT)
            chosen = [
                case
                for case in subject.cases
                if given["part"] in case.name and given["exactly"] in ("", case.name)
            ]
            subject = replace(
                subject, image=given["image"] or subject.image, cases=tuple(chosen)
            ).with_patience(given["patience"])
            if asked:
                outcomes = ask_given(subject, asked, _tell, original, here=given["here"])
                verdicts.append(Verdict(subject.name, "given", 0, 0, 0.0, outcomes))
            else:
                how = Hardening(
                    given["level"],
                    given["explore"],
                    repair=given["repair"],
                    patience=given["patience"],
                )
                verdicts.append(judge(subject, how, _tell, given["keep"]))
        except CareenError as error:
            broken.append(f"{folder.name}: {error}")
            _tell(broken[-1])
    (_print_tap if given["tap"] else _print)(verdicts, broken)
    if target:
        target.write_text(
            json.dumps(
                {
                    "level": given["level"],
                    "subjects": [_record(verdict) for verdict in verdicts],
                    "broken": broken,
                },
                indent=1,
            )
            + "\n",
            encoding="utf-8",
        )
    sys.exit(
        1 if broken or any(verdict.passed < len(verdict.outcomes) for verdict in verdicts) else 0
    )


def _tell(line: str) -> None:
    click.echo(f"cold: {line}", err=True)


def _print(verdicts: list[Verdict], broken: list[str]) -> None:
    click.echo(f"{'subject':<12} {'before':>9} {'after':>9} {'share':>6} {'cases':>9} {'time':>7}")
    for verdict in verdicts:
        share = f"{verdict.after / verdict.before:.1%}" if verdict.before else "-"
        sizes = f"{verdict.before / 1e6:>7.0f}MB {verdict.after / 1e6:>7.0f}MB {share:>6}"
        click.echo(
            f"{verdict.subject:<12} {sizes} {verdict.passed:>4}/{len(verdict.outcomes):<4}"
            f" {verdict.seconds:>6.0f}s"
        )
    for verdict in verdicts:
        for outcome in verdict.outcomes:
            if not outcome.passed:
                click.echo(f"FAIL {verdict.subject}: {outcome.failure}")
    for line in broken:
        click.echo(f"BROKEN {line}")


def _print_tap(verdicts: list[Verdict], broken: list[str]) -> None:
    outcomes = [outcome for verdict in verdicts for outcome in verdict.outcomes]
    click.echo(f"1..{len(outcomes) + len(broken)}")
    for number, outcome in enumerate(outcomes, 1):
        click.echo(f"{'ok' if outcome.passed else 'not ok'} {number} - {outcome.case}")
        if not outcome.passed:
            for line in (
                *outcome.wrong.splitlines(),
                *outcome.answer.text[-SHOWN:].splitlines(),
                *(f"looked for in vain: {name}" for name in outcome.vain),
            ):
                click.echo(f"# {line}")
    for number, line in enumerate(broken, len(outcomes) + 1):
        click.echo(f"not ok {number} - {line}")


def _record(verdict: Verdict) -> dict[str, Any]:
    cases = [
        {
            "name": outcome.case,
            "passed": outcome.passed,
            "wrong": outcome.wrong,
            "vain": list(outcome.vain),
            "answer": outcome.answer.text[-SHOWN:],
        }
        for outcome in verdict.outcomes
    ]
    sizes = {"before": verdict.before, "after": verdict.after, "seconds": round(verdict.seconds, 1)}
    return {
        "subject": verdict.subject,
        "level": verdict.level,
        **sizes,
        "passed": verdict.passed,
        "cases": cases,
    }


if __name__ == "__main__":
    main()
