"""`careen profile`: write an RBOM from workloads or a running container, carry or merge RBOMs."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from careen.cli.options import ContainerCommand, explore_option, run_options, workload_options
from careen.errors import InputError
from careen.model.rbom import RuntimeBom
from careen.model.runs.workload import WorkloadResult

DEFAULT = Path("rbom.json")
_LONG = "24h"


@click.command(cls=ContainerCommand)
@click.argument("image", required=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--merge",
    "merging",
    is_flag=True,
    help="The arguments are RBOM files of one image: merge them, run nothing.",
)
@click.option(
    "--attach",
    "container",
    metavar="CONTAINER",
    help="Record a running container of docker or podman without changing it.",
)
@click.option(
    "--cgroup",
    type=click.Path(path_type=Path, file_okay=False),
    help="Record the container of this control group, of the image that is named as IMAGE.",
)
@click.option(
    "--for",
    "length",
    metavar="TIME",
    help=(
        f"How long to record (10m, 24h); default {_LONG}. Ctrl-C ends it sooner and keeps what"
        " there is."
    ),
)
@click.option(
    "--carry",
    "carried",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="RBOM",
    help=("Run nothing: reuse the RBOM of another version for the files that IMAGE has, too."),
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the RBOM goes; default: rbom.json.",
)
@click.option(
    "--cyclonedx",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write it as CycloneDX 1.6 JSON.",
)
@click.option(
    "--log-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the logs of container and tests go; default: nowhere.",
)
@workload_options
@explore_option
@run_options
def command(image: str | None, config_file: Path | None, **given: Any) -> int:
    """Run IMAGE's workload under the sensor and write what it used: the runtime bill of materials
    (RBOM).

    \b
    careen profile my/service:1 --test 'pytest -q' -o serve.json
    careen profile --attach my-service --for 10m -o canary.json
    careen profile --merge serve.json canary.json -o rbom.json
    careen profile my/service:2 --carry rbom.json -o start.json
    """
    from careen.report.output_file import check_output_file

    _refuse_contradictions(given)
    check_output_file(given["output"] or DEFAULT)  # before hours of watching
    if given["cyclonedx"] is not None:
        check_output_file(given["cyclonedx"])
    if given["merging"]:
        _write(_merged([Path(text) for text in (image, *given["args"]) if text]), given, ())
    elif given["container"] or given["cgroup"]:
        _attached(image, config_file, given)
    elif given["carried"]:
        _carried(image, config_file, given)
    else:
        _profiled(image, config_file, given)
    return 0


def _refuse_contradictions(given: dict[str, Any]) -> None:
    from careen.cli import settle

    wanted = {
        "--merge": given["merging"],
        "--attach": given["container"],
        "--cgroup": given["cgroup"],
        "--carry": given["carried"],
    }
    ways = [option for option, value in wanted.items() if value]
    if len(ways) > 1:
        msg = f"{ways[0]} and {ways[1]}: give one of them"
        raise InputError(msg)
    if given["length"] and ways not in (["--attach"], ["--cgroup"]):
        msg = "--for: only applies to --attach and --cgroup; a workload is watched to its end"
        raise InputError(msg)
    described = settle.described_by({**given, "args": () if given["merging"] else given["args"]})
    option = described or ("--explore" if given["explore"] else None)
    if ways and option is not None:
        msg = f"{option}: nothing is run with {ways[0]}; profile first, then merge"
        raise InputError(msg)


def _profiled(image: str | None, config_file: Path | None, given: dict[str, Any]) -> None:
    from careen.cli import settle
    from careen.cli.running import open_session
    from careen.pipeline.profile import observe_image
    from careen.report.adequacy_view import print_adequacy
    from careen.report.terminal_output.screen import open_console
    from careen.workload.validate import validate_workload

    project = settle.load_project(config_file)
    name = settle.image(image, project)
    workloads = settle.workloads(given, project)
    for workload in workloads:
        validate_workload(workload)
    with open_session(settle.settings(given, project), given) as run:
        observed = observe_image(
            name, workloads, settle.proof(given, project).effort, given["log_dir"], run
        )
    _write(observed.bom, given, observed.results)
    if not given["as_json"] and not given["quiet"]:
        print_adequacy(open_console(sys.stdout), observed.adequacy)


def _attached(image: str | None, config_file: Path | None, given: dict[str, Any]) -> None:
    from careen.cli import settle
    from careen.cli.running import open_session
    from careen.pipeline.attach import attach
    from careen.tools.durations import parse_duration

    project = settle.load_project(config_file)
    seconds = parse_duration(given["length"] or _LONG)
    with open_session(settle.settings(given, project), given) as run:
        bom = attach(given["container"], given["cgroup"], seconds, image, run)
    _write(bom, given, ())


def _carried(image: str | None, config_file: Path | None, given: dict[str, Any]) -> None:
    from careen.cli import settle
    from careen.cli.running import open_session
    from careen.pipeline.profiling.carry import carry
    from careen.pipeline.run.source import examine, open_source
    from careen.rbom.store import load_rbom

    project = settle.load_project(config_file)
    old = load_rbom(given["carried"])
    with open_session(settle.settings(given, project), given) as run:
        with run.stage("inspect"):
            opened = open_source(settle.image(image, project), run)
        with opened:
            bom, report = carry(old, examine(opened, run))
        run.progress.note(report.sentence())
    _write(bom, given, ())


def _merged(files: list[Path]) -> RuntimeBom:
    from careen.rbom.merge import merge
    from careen.rbom.store import load_rbom

    if len(files) < 2:  # noqa: PLR2004 — merging takes two
        msg = f"--merge: expected two RBOM files or more, got {len(files)}"
        raise InputError(msg)
    return merge([load_rbom(file) for file in files])


def _write(bom: RuntimeBom, given: dict[str, Any], results: Sequence[WorkloadResult]) -> None:
    from careen.cli.running import emit
    from careen.rbom.cyclonedx import to_cyclonedx
    from careen.rbom.store import write_rbom
    from careen.report.output_file import write_output
    from careen.report.profile_view import profile_lines

    document = write_rbom(bom)
    target: Path = given["output"] or DEFAULT
    write_output(target, document)
    if given["cyclonedx"] is not None:
        write_output(given["cyclonedx"], to_cyclonedx(bom))
    if given["as_json"]:
        emit(document)
    elif given["quiet"]:
        click.echo(str(target))
    else:
        for line in profile_lines(bom, results, target):
            click.echo(line)
