"""`careen guard`: watch a running container against its RBOM."""

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from careen.cli.options import report_option, run_options
from careen.errors import EvidenceError, InputError

if TYPE_CHECKING:
    from careen.pipeline.guarding.basis import Files

DRIFT = 2
_UNKNOWN = (
    "{:,} events were lost, so whether the container did something unknown is not known; the last"
    " event names the reasons (docs/guard.md)"
)


@click.command
@click.argument("container", required=False)
@click.option(
    "--cgroup",
    type=click.Path(path_type=Path, file_okay=False),
    help="Watch the container of this control group instead; needs --image.",
)
@click.option("--image", metavar="IMAGE", help="The image that the container was started from.")
@report_option
@click.option(
    "--rbom",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An RBOM, instead of the report's.",
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The plan that the image was made by, instead of the report's; needs --rbom, too.",
)
@click.option(
    "--for",
    "length",
    metavar="TIME",
    help="How long to watch (10m, 24h). Ctrl-C ends it sooner.",
)
@click.option(
    "--until-exit", is_flag=True, help="Watch until the container ends (without --for: default)."
)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="PATTERN",
    help="What is expected besides: a path, an endpoint or a system call, as an event names it.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Add the events to this file; default: standard output.",
)
@click.option(
    "--metrics",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep this file up to date, for Prometheus (node_exporter's textfile collector).",
)
@run_options
def command(container: str | None, config_file: Path | None, **given: Any) -> int:
    """Watch a running CONTAINER of docker or podman against the RBOM of its image, and print what
    neither RBOM nor plan has: programs, libraries, endpoints, system calls; and look-ups of paths
    that the plan removed (docs/guard.md). Changes nothing in the container.

    Events are lines of JSON. Ends with status 2 if there was one.

    \b
    careen guard my-service --report-dir careen-out/my_service_hardened
    careen guard my-service --rbom rbom.json --for 1h -o events.jsonl
    careen plan my/service:1 --rbom rbom.json --with-events events.jsonl
    """
    from careen.cli import settle
    from careen.cli.running import open_session
    from careen.pipeline.guard import GuardRequest, guard
    from careen.report.guard.sinks import Sinks
    from careen.report.output_file import check_output_file
    from careen.tools.durations import parse_duration

    _refuse_contradictions(container, given)
    project = settle.load_project(config_file)
    for file in (given["output"], given["metrics"]):
        if file is not None:
            check_output_file(file)
    request = GuardRequest(
        container,
        given["cgroup"],
        settle.image(given["image"], project) if given["image"] else None,
        _candidates(given, project.report_dir),
        parse_duration(given["length"]) if given["length"] else None,
        given["allowed"],
    )
    with (
        open_session(settle.settings(given, project), given) as run,
        closing(Sinks(given["output"], given["metrics"], _people(given))) as sinks,
    ):
        drift, end = guard(request, sinks, run)
        sinks.ended(drift, end.value)
    if drift.seen:
        return DRIFT
    if drift.lost:
        raise EvidenceError(_UNKNOWN.format(drift.lost))
    return 0


def _refuse_contradictions(container: str | None, given: dict[str, Any]) -> None:
    if (container is None) == (given["cgroup"] is None):
        msg = "name either a running container or, with --cgroup, its control group"
        raise InputError(msg)
    if given["length"] and given["until_exit"]:
        msg = "--for and --until-exit: give one of them"
        raise InputError(msg)
    if given["plan_file"] is not None and given["rbom"] is None:
        msg = "--plan needs --rbom, too: name the RBOM that the plan was made from with --rbom FILE"
        raise InputError(msg)


def _candidates(given: dict[str, Any], configured: Path | None) -> "tuple[Files, ...]":
    """Return where RBOM and plan may be, most likely first; raise InputError if nowhere."""
    from careen.cli import settle
    from careen.cli.report_files import planned_reports
    from careen.pipeline.guarding.basis import Files

    if given["rbom"] is not None:
        return (Files(given["rbom"], given["plan_file"]),)
    named = given["report_dir"] or configured
    if named is not None:
        return (Files(named / "rbom.json", named / "plan.json"),)
    if reports := planned_reports():
        return tuple(Files(each / "rbom.json", each / "plan.json") for each in reports)
    msg = (
        f"no report found in {settle.REPORTS}/: name the folder of a `careen harden` run with"
        " --report-dir, or the RBOM of the image with --rbom (and its plan with --plan)"
    )
    raise InputError(msg)


def _people(given: dict[str, Any]) -> "TextIO | None":
    """Return where lines for people go: a terminal, unless only events are wanted."""
    wanted = not given["quiet"] and not given["as_json"]
    return sys.stderr if wanted and sys.stderr.isatty() else None
