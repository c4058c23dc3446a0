"""`careen ci`: the one step of a pipeline."""

import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from careen.cli.help_sections import SectionedCommand
from careen.cli.options import database_option, gate_options, run_options


@click.command(cls=SectionedCommand)
@click.argument("words", nargs=-1, metavar="[IMAGE]", envvar="CAREEN_CI_IMAGE")
@click.option(
    "--mode",
    type=click.Choice(["scan", "harden", "patch"]),
    envvar="CAREEN_CI_MODE",
    help="What is done with the image; default: careen.toml's, else harden.",
)
@click.option(
    "--name",
    envvar="CAREEN_CI_NAME",
    metavar="NAME",
    help="Name of the result, by which the next run finds it; default: from its tag.",
)
@click.option(
    "-t",
    "--tag",
    envvar="CAREEN_CI_TAG",
    metavar="TAG",
    help="Name of the result in the engine's store.",
)
@click.option(
    "--push",
    is_flag=True,
    envvar="CAREEN_CI_PUSH",
    help="Push the result to the registry of -t, in place of the engine's store.",
)
@click.option("--patch", is_flag=True, help="In mode harden: upgrade what is vulnerable first.")
@click.option(
    "--key",
    envvar="CAREEN_CI_KEY",
    metavar="KEY",
    help=(
        "Attest a new result with this key (a file, env://NAME, or a key service's URI), and attach"
        " the attestations in its registry."
    ),
)
@click.option("--again", is_flag=True, help="Do everything, changed or not.")
@click.option(
    "--check",
    is_flag=True,
    help="Only check the files named (default: careen.toml and .careenignore here); run nothing.",
)
@database_option
@gate_options
@run_options
@click.pass_context
def command(
    ctx: click.Context, /, words: tuple[str, ...], config_file: Path | None, **given: Any
) -> int:
    """Bring the result of IMAGE up to date in a pipeline: do only what has changed, judge it, and
    write what the platform shows.

    The table [ci] of careen.toml says what is done (docs/ci.md). The last result of the same name
    is found in careen-ci, which the pipeline keeps between its runs. The verdict is the last line.

    \b
    careen ci
    careen ci my/service:build -t my/service:hardened
    careen ci --mode scan my/service:build --fail-on executed-critical,kev
    careen ci --check careen.toml .careenignore
    """
    from careen.report.terminal_output.inert import InertStream

    out = sys.stdout
    for name in ("stdout", "stderr"):
        if not getattr(sys, name).isatty():
            setattr(sys, name, InertStream(getattr(sys, name)))
    try:
        if ctx.get_parameter_source("words") is not ParameterSource.COMMANDLINE and given["check"]:
            words = ()  # the image of the environment is no file
        return _check(words) if given["check"] else _run(words, config_file, given)
    finally:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, InertStream):
                stream.drain()
        sys.stdout = out
        # Errors are printed after this; they may name what an image holds, too.


def _check(words: tuple[str, ...]) -> int:
    from careen.pipeline.integrating.check import check_files

    for path in check_files(tuple(map(Path, words))):
        click.echo(f"{path}: ok")
    return 0


def _run(words: tuple[str, ...], config_file: Path | None, given: dict[str, Any]) -> int:
    from careen.cli import settle
    from careen.cli.integration import print_result
    from careen.cli.running import open_session
    from careen.cli.settle_ci import ci_request
    from careen.errors import InputError
    from careen.pipeline.ci import integrate
    from careen.pipeline.integrating.documents import tell_platform

    if len(words) > 1:
        msg = f"{words[1]!r}: one image is expected; several files only with --check"
        raise InputError(msg)
    project = settle.load_project(config_file)
    request = ci_request(words[0] if words else None, given, project)
    with open_session(settle.settings(given, project), given) as run:
        outcome = integrate(request, run)
    print_result(outcome, given)
    tell_platform(outcome)
    return outcome.status
