"""`careen profile`: write an RBOM from workloads or a running container, carry or merge RBOMs."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from careen.cli.options import (
    ContainerCommand,
    compose_options,
    explore_option,
    run_options,
    workload_options,
)
from careen.errors import InputError
from careen.model.rbom import RuntimeBom
from careen.model.runs.workload import WorkloadResult

DEFAULT = Path("rbom.json")
_LONG, _SHORT = "24h", "10m"
_LASTING = (["--attach"], ["--cgroup"], ["--pods"], ["--beside"])
_PARTS = (
    ("--pods-from", "pods_from", "--pods"),
    ("--node", "node", "--pods"),
    ("--namespace", "namespace", "--pods"),
    ("--pod-container", "pod_container", "--pods"),
    ("--every", "every", "--pods"),
    ("--rbom-dir", "rbom_dir", "--pods"),
    ("--pod", "pod_uid", "--beside"),
    ("--watching", "watching", "--beside"),
)


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
    "--pods",
    "selector",
    metavar="SELECTOR",
    help="Record the pods of this Kubernetes node with these labels (docs/kubernetes.md).",
)
@click.option(
    "--pods-from",
    "pods_from",
    metavar="PLACE",
    help="Where pods are listed: a kubelet's /pods, or a file; default: the API server.",
)
@click.option("--node", metavar="NAME", help="With --pods: the name of this node.")
@click.option("--namespace", metavar="NAME", help="With --pods: pods of this namespace only.")
@click.option("--pod-container", metavar="NAME", help="With --pods: this container of each pod.")
@click.option(
    "--every",
    metavar="TIME",
    help="With --pods: record again, with this time from one begin to the next.",
)
@click.option(
    "--rbom-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --pods: where the RBOMs go, one for each pod template and image.",
)
@click.option(
    "--beside",
    metavar="CONTAINER",
    help="Record this container of careen's own pod, of IMAGE, from its start: for a sidecar.",
)
@click.option("--pod", "pod_uid", metavar="UID", help="With --beside: the UID of that pod.")
@click.option(
    "--watching",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --beside: a file that is made when the container may start.",
)
@click.option(
    "--for",
    "length",
    metavar="TIME",
    help=(
        f"How long to record (10m, 24h); default {_LONG}, with --pods {_SHORT}. Ctrl-C ends it"
        " sooner and keeps what there is."
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
    help="Where the RBOM goes; default: rbom.json, with --json standard output alone.",
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
@compose_options
@explore_option
@run_options
def command(image: str | None, config_file: Path | None, **given: Any) -> int:
    """Run IMAGE's workload under the sensor and write what it used: the runtime bill of materials
    (RBOM).

    \b
    careen profile my/service:1 --test 'pytest -q' -o serve.json
    careen profile --attach my-service --for 10m -o canary.json
    careen profile --pods app=api --node "$NODE_NAME" --for 10m --rbom-dir rboms
    careen profile --merge serve.json canary.json -o rbom.json
    careen profile my/service:2 --carry rbom.json -o start.json
    """
    from careen.report.output_file import check_output_file

    _refuse_contradictions(given)
    target = _target(given)
    if target is not None and not given["selector"]:
        check_output_file(target)  # before hours of watching
    if given["cyclonedx"] is not None:
        check_output_file(given["cyclonedx"])
    if given["merging"]:
        _write(_merged([Path(text) for text in (image, *given["args"]) if text]), given, ())
    elif given["container"] or given["cgroup"]:
        _attached(image, config_file, given)
    elif given["selector"]:
        return _of_pods(image, config_file, given)
    elif given["beside"]:
        _beside(image, config_file, given)
    elif given["carried"]:
        _carried(image, config_file, given)
    else:
        _profiled(image, config_file, given)
    return 0


def _target(given: dict[str, Any]) -> Path | None:
    """Return where the RBOM goes, None for standard output alone."""
    return given["output"] or (None if given["as_json"] else DEFAULT)


def _refuse_contradictions(given: dict[str, Any]) -> None:
    from careen.cli import settle

    wanted = {
        "--merge": given["merging"],
        "--attach": given["container"],
        "--cgroup": given["cgroup"],
        "--pods": given["selector"],
        "--beside": given["beside"],
        "--carry": given["carried"],
    }
    ways = [option for option, value in wanted.items() if value]
    if len(ways) > 1:
        msg = f"{ways[0]} and {ways[1]}: give one of them"
        raise InputError(msg)
    if given["length"] and ways not in _LASTING:
        msg = (
            "--for: only applies to --attach, --cgroup, --pods and --beside; a workload is watched"
            " to its end"
        )
        raise InputError(msg)
    for part, name, way in _PARTS:
        if given[name] and ways != [way]:
            msg = f"{part}: only applies to {way}"
            raise InputError(msg)
    described = settle.described_by({**given, "args": () if given["merging"] else given["args"]})
    option = described or ("--explore" if given["explore"] else None)
    if ways and option is not None:
        msg = f"{option}: nothing is run with {ways[0]}; profile first, then merge"
        raise InputError(msg)


def _profiled(image: str | None, config_file: Path | None, given: dict[str, Any]) -> None:
    from careen.cli import settle
    from careen.cli.running import open_session
    from careen.cli.settle_compose import service_groups
    from careen.pipeline.composing.needs import require_built
    from careen.pipeline.profile import observe_image
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.adequacy import print_adequacy
    from careen.workload.validate import validate_workload

    project = settle.load_project(config_file)
    groups = service_groups(given, project, image)
    if len(groups) > 1:
        msg = "several services: each has an image of its own; name one with --service"
        raise InputError(msg)
    name = settle.image(groups[0].image if groups else image, project)
    workloads = groups[0].workloads if groups else settle.workloads(given, project)
    for workload in workloads:
        validate_workload(workload)
    with open_session(settle.settings(given, project), given) as run:
        if groups:
            require_built(name, groups[0].built, run)
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


def _of_pods(image: str | None, config_file: Path | None, given: dict[str, Any]) -> int:
    import os

    from careen.cli import settle
    from careen.cli.running import open_session
    from careen.clusters.selector import parse_selector
    from careen.clusters.source import PodSource
    from careen.pipeline.recording.pods import PodsRequest, record_pods
    from careen.report.output_file import check_output_file
    from careen.report.views.pods import pass_lines
    from careen.tools.durations import parse_duration

    for option, value in (
        ("IMAGE", image),
        ("--output", given["output"]),
        ("--cyclonedx", given["cyclonedx"]),
        ("--json", given["as_json"]),
    ):
        if value:
            msg = f"{option}: not with --pods, which writes RBOMs of many images to --rbom-dir"
            raise InputError(msg)
    folder: Path = given["rbom_dir"] or Path("rboms")
    check_output_file(folder / "any")  # before the recording
    seconds = parse_duration(given["length"] or _SHORT)
    every = parse_duration(given["every"]) if given["every"] else None
    source = PodSource(
        given["pods_from"] or "", given["node"] or "", given["namespace"] or "", os.environ
    )
    request = PodsRequest(
        source,
        parse_selector(given["selector"]),
        given["pod_container"] or "",
        seconds,
        every,
        folder,
    )
    settings = settle.settings(given, settle.load_project(config_file))
    recorded = False
    with open_session(settings, given) as run:
        for done in record_pods(request, run):
            recorded = recorded or bool(done.records)
            for line in pass_lines(done, quiet=given["quiet"]):
                click.echo(line)
    return 0 if recorded else 1


def _beside(image: str | None, config_file: Path | None, given: dict[str, Any]) -> None:
    from careen.cli import settle
    from careen.cli.running import open_session
    from careen.pipeline.recording.beside import BesideRequest, beside
    from careen.tools.durations import parse_duration

    project = settle.load_project(config_file)
    if not given["pod_uid"]:
        msg = "--beside: which pod? name its UID with --pod (in a manifest: metadata.uid)"
        raise InputError(msg)
    request = BesideRequest(
        given["beside"],
        given["pod_uid"],
        settle.image(image, project),
        parse_duration(given["length"] or _LONG),
        given["watching"],
    )
    with open_session(settle.settings(given, project), given) as run:
        beside(request, lambda bom: _write(bom, given, ()), run)


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

    if not files:
        msg = "--merge: expected RBOM files, got none"
        raise InputError(msg)
    return merge([load_rbom(file) for file in files])


def _write(bom: RuntimeBom, given: dict[str, Any], results: Sequence[WorkloadResult]) -> None:
    from careen.cli.running import emit
    from careen.rbom.cyclonedx import to_cyclonedx
    from careen.rbom.store import write_rbom
    from careen.report.output_file import write_output
    from careen.report.views.profile import profile_lines

    document = write_rbom(bom)
    target = _target(given)
    if target is not None:
        write_output(target, document)
    if given["cyclonedx"] is not None:
        write_output(given["cyclonedx"], to_cyclonedx(bom))
    if given["as_json"] or target is None:
        emit(document)
    elif given["quiet"]:
        click.echo(str(target))
    else:
        for line in profile_lines(bom, results, target):
            click.echo(line)
