"""`careen profile`: run the workloads and write the RBOM, or merge RBOMs."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from careen.cli import settle
from careen.cli.options import ContainerCommand, run_options, workload_options
from careen.cli.running import emit, open_session
from careen.errors import InputError
from careen.model.rbom import RuntimeBom
from careen.model.workload import WorkloadResult
from careen.pipeline.observe import Subject
from careen.pipeline.profile import make_profile, run_original, runnable
from careen.pipeline.source import examine, open_source
from careen.rbom.cyclonedx import to_cyclonedx
from careen.rbom.merge import merge
from careen.rbom.store import load_rbom, write_rbom
from careen.report.output_file import write_output
from careen.report.profile_view import profile_lines
from careen.workload.validate import validate_workload

DEFAULT = Path("rbom.json")


@click.command(cls=ContainerCommand)
@click.argument("image", required=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.option("--merge", "merging", is_flag=True, help="The arguments are RBOM files of one image: merge them, run nothing.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where the RBOM goes; default: rbom.json.")
@click.option("--cyclonedx", type=click.Path(path_type=Path, dir_okay=False), help="Also write it as CycloneDX 1.6 JSON.")
@click.option("--log-dir", type=click.Path(path_type=Path, file_okay=False), help="Where the logs of container and tests go; default: nowhere.")
@workload_options
@run_options
def command(image: str | None, config_file: Path | None, **given: Any) -> int:
    """Run IMAGE's workload under the sensor and write what it used: the runtime bill of materials (RBOM).

    \b
    careen profile my/service:1 --test 'pytest -q' -o serve.json
    careen profile --merge serve.json train.json -o rbom.json
    """
    if given["merging"]:
        if (option := settle.described_by({**given, "args": ()})) is not None:
            msg = f"{option}: nothing is run with --merge; profile first, then merge"
            raise InputError(msg)
        bom = _merged([Path(text) for text in (image, *given["args"]) if text])
        _write(bom, given, ())
        return 0
    project = settle.load_project(config_file)
    name = settle.image(image, project)
    workloads = settle.workloads(given, project)
    for workload in workloads:
        validate_workload(workload)
    with open_session(settle.settings(given, project), given) as run, ExitStack() as open_images:
        run.require_means()
        with run.stage("inspect"):
            examined = examine(open_images.enter_context(open_source(name, run)), run)
        with run.stage("profile"):
            with runnable(examined, run) as prepared:
                observations = run_original(Subject(prepared, examined.image.config, given["log_dir"]), workloads, run)
            bom = make_profile(examined, observations, run).bom
    _write(bom, given, [seen.result for seen in observations])
    return 0


def _merged(files: list[Path]) -> RuntimeBom:
    if len(files) < 2:  # noqa: PLR2004 — merging takes two
        msg = f"--merge: expected two RBOM files or more, got {len(files)}"
        raise InputError(msg)
    return merge([load_rbom(file) for file in files])


def _write(bom: RuntimeBom, given: dict[str, Any], results: Sequence[WorkloadResult]) -> None:
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
