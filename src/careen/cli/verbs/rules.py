"""`careen rules`: list the rules and mechanisms of plans, and what each did."""

import sys
from pathlib import Path

import click


@click.command
@click.argument("rule", required=False, metavar="[ID]")
@click.option(
    "--plan",
    "plans",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="FILE|DIR",
    help=(
        "A plan, or a report directory: say what each rule kept and removed in it. Given several"
        " times, which did nothing in any."
    ),
)
@click.option(
    "--rules",
    "rule_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="More keep rules (TOML, docs/plan.md).",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Project file; default: careen.toml here, if there is one.",
)
@click.option(
    "-q",
    "--quiet",
    is_flag=True,
    help="Print ids only, one a line; with --plan, of the rules that did nothing.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else."
)
def command(
    rule: str | None,
    plans: tuple[Path, ...],
    rule_files: tuple[Path, ...],
    config_file: Path | None,
    *,
    quiet: bool,
    as_json: bool,
) -> int:
    """List the mechanisms and rules that decide what is kept, each with its reason and source; ID
    prints one in full.

    \b
    careen rules
    careen rules cudnn-family
    careen rules --plan careen-out/my-service
    """
    from careen.cli import settle
    from careen.cli.running import emit
    from careen.pipeline.rules import only, rulebook
    from careen.plan.core.rules import load_rules
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.rules import print_rule, print_rules, rule_lines

    project = settle.load_project(config_file)
    book = rulebook(load_rules((*project.rules, *rule_files)), plans)
    if rule is not None:
        book = only(book, rule)
    if as_json:
        emit(to_json(book))
    elif quiet:
        for line in rule_lines(book):
            click.echo(line)
    elif rule is not None:
        print_rule(open_console(sys.stdout), book)
    else:
        print_rules(open_console(sys.stdout), book)
    return 0
