"""`careen harden`: the whole chain."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.options import (
    ContainerCommand,
    adequacy_options,
    attach_option,
    compose_options,
    database_option,
    destination_options,
    explore_option,
    gate_options,
    layer_options,
    patch_options,
    plan_options,
    repair_option,
    run_options,
    unrunnable_option,
    workload_options,
)
from careen.cli.settle_fips import fips_options, fips_wishes

if TYPE_CHECKING:
    from careen.cli.settle_compose import ServiceGroup
    from careen.model.integration import Outcome
    from careen.pipeline.hardening.request import HardenRequest
    from careen.pipeline.platforms.choice import PlatformChoice
    from careen.pipeline.run.settings import Settings
    from careen.workload.configuration.project import ProjectConfig

DRY_RUN = (  # below the report of the promoted image, where `careen why` does not look
    "dry-run"
)


@click.command(cls=ContainerCommand)
@click.argument("image", required=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@destination_options
@attach_option
@unrunnable_option
@layer_options
@workload_options
@compose_options
@plan_options
@explore_option
@adequacy_options
@repair_option
@click.option(
    "--patch",
    is_flag=True,
    help=(
        "Upgrade what is vulnerable first, as careen patch does; upgrades that break the tests are"
        " left out."
    ),
)
@patch_options
@fips_options
@click.option(
    "--dry-run",
    is_flag=True,
    help=(
        "Profile, explore and plan; show what would be removed and why, change nothing. Needs no"
        " destination."
    ),
)
@click.option(
    "--if-changed",
    is_flag=True,
    help=(
        "Do nothing if all is as in the last promoted run: the image, the options, careen.toml, the"
        " files that it or the test commands name, the result and its report. What else the tests"
        " use (other files, the network) is not compared. Newer advisories are judged without a"
        " run."
    ),
)
@click.option(
    "--split",
    is_flag=True,
    help="One image for each workload of careen.toml, its name appended to the tag.",
)
@database_option
@gate_options
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the report goes; default: careen-out/NAME, of a dry run careen-out/NAME/dry-run.",
)
@run_options
def command(image: str | None, config_file: Path | None, **given: Any) -> int:
    """Patch (with --patch) and profile IMAGE, remove what its work does not need, verify, and only
    then give the result its tag.

    IMAGE is a name (the engine's store, else its registry), docker://NAME, containers-storage:NAME,
    ./FILE, ./DIRECTORY, docker-archive:FILE[:REF], oci:DIR[:TAG] or oci-archive:FILE[:TAG]. ARGS,
    after --, are the container's arguments as in docker run.

    \b
    careen harden my/service:1 -t my/service:1-hardened --test 'pytest -q tests/smoke'
    careen harden my/service:1 -t my/service:1-hardened --patch --test 'pytest -q tests/smoke'
    careen harden my/service:1 --dry-run --test 'pytest -q tests/smoke'
    careen harden my/service:1 -t my/service:1-hardened --if-changed --test 'pytest -q tests/smoke'
    careen harden my/service:1 -t my/service:1-fips --fips --test 'pytest -q tests/smoke'
    careen harden docker://r.example/app:1 -t r.example/app:1-hardened --push --test 'sh smoke.sh'
    careen harden docker://r.example/app:1 --platform all -o oci:out:1-hardened --test 'sh smoke.sh'
    careen harden docker-archive:job.tar -o oci:out --ready exit -v "$PWD/data:/data" -- --epochs 1
    """
    from careen.cli import settle
    from careen.cli.settle_compose import service_groups
    from careen.errors import InputError
    from careen.pipeline.hardening.request import HardenRequest

    project = settle.load_project(config_file)
    groups = service_groups(given, project, image)
    name = settle.image(groups[0].image if groups else image, project)
    destination = settle.destination(given, project)
    if not given["patch"] and not given["fips"]:
        settle.refuse_patch_options(given)
    request = HardenRequest(
        image=name,
        workloads=groups[0].workloads if groups else settle.workloads(given, project),
        choices=settle.choices(given, project),
        destination=destination,
        report_directory=settle.report_directory(
            given, project, destination, name, DRY_RUN if given["dry_run"] else ""
        ),
        database=settle.database(given, project),
        judgement=settle.judgement(given, project),
        proof=settle.proof(given, project),
        patch=settle.patch_wishes(given, project) if given["patch"] else None,
        fips=fips_wishes(given, project),
        dry_run=given["dry_run"],
    )
    if given["if_changed"]:
        _refuse_with_if_changed(given, groups, settle.platforms(given, project))
    if groups:
        return _services(request, groups, settle.settings(given, project), given)
    if (choice := settle.platforms(given, project)) is not None:
        return _platforms(request, choice, settle.settings(given, project, several=True), given)
    if given["dry_run"]:
        return _foresee(request, settle.settings(given, project), given)
    if given["split"]:
        if given["like"]:
            msg = "--like and --split: cannot be combined, as each workload has a result of its own"
            raise InputError(msg)
        return _split(request, settle.settings(given, project), given)
    return _one(request, project, given)


def _refuse_with_if_changed(
    given: dict[str, Any], groups: "Sequence[ServiceGroup]", choice: "PlatformChoice | None"
) -> None:
    """Raise InputError for what has several results, or depends on more than is compared."""
    from careen.errors import InputError

    why = {
        "--dry-run": ("it has no result", given["dry_run"]),
        "--split": ("it has several results", given["split"]),
        "--platform": ("platforms have results of their own", choice is not None),
        "--compose": ("the neighbours are not compared", bool(groups)),
    }
    for option, (reason, is_given) in why.items():
        if is_given:
            msg = f"--if-changed and {option}: cannot be combined; {reason}"
            raise InputError(msg)


def _one(request: "HardenRequest", project: "ProjectConfig", given: dict[str, Any]) -> int:
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.cli.settle_ci import decisive_files, decisive_settings
    from careen.errors import InputError
    from careen.model.integration import Outcome
    from careen.pipeline.integrating.if_changed import Rerun, harden_if_changed, harden_noted
    from careen.report.documents.summary import summary_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.terminal_output.terminal import final_line, print_summary

    try:
        named = (*decisive_files(project), *given["rule_files"])
    except InputError:
        if given["if_changed"]:
            raise
        named = ()
    run = Rerun(request, named, decisive_settings(given, project))
    with open_session(settle.settings(given, project), given) as session:
        found = (harden_if_changed if given["if_changed"] else harden_noted)(run, session)
    if isinstance(found, Outcome):
        return _unchanged(found, request, given)
    if given["as_json"]:
        emit(summary_json(found))
    elif given["quiet"]:
        click.echo(final_line(found))
    else:
        print_summary(open_console(sys.stdout), found)
    return 0


def _unchanged(outcome: "Outcome", request: "HardenRequest", given: dict[str, Any]) -> int:
    """Print what is known of the last run; as JSON its summary, with the places of now."""
    from careen.cli.running import emit
    from careen.pipeline.run.report_documents import ReportDocuments
    from careen.report.documents.document import to_json
    from careen.report.integration.view import final_line, print_outcome
    from careen.report.terminal_output.screen import open_console, signs_of

    console = open_console(sys.stdout)
    if given["as_json"]:
        summary = ReportDocuments(request.report_directory).summary()
        emit(to_json({**summary, "promoted": list(outcome.places)}))
        if outcome.status:  # the summary is of a run that passed
            click.echo(final_line(outcome, signs_of(open_console(sys.stderr))), err=True)
    elif given["quiet"]:
        click.echo(final_line(outcome, signs_of(console)))
    else:
        print_outcome(console, outcome, "harden")
    return outcome.status


def _services(
    request: "HardenRequest",
    groups: "Sequence[ServiceGroup]",
    settings: "Settings",
    given: dict[str, Any],
) -> int:
    from careen.cli.running import emit, open_session
    from careen.errors import InputError
    from careen.pipeline.composing.needs import require_docker
    from careen.pipeline.composing.services import (
        ServiceRequest,
        harden_service,
        harden_services,
    )
    from careen.pipeline.split import destination_of
    from careen.report.documents.summary import summary_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.terminal_output.terminal import final_line, print_summary
    from careen.report.views.services import print_services, services_json, services_lines

    if given["split"]:
        msg = "--split and --compose: cannot be combined; each service has an image of its own"
        raise InputError(msg)
    if given["dry_run"] and len(groups) > 1:
        msg = "--dry-run and several services: plan each of them with --service NAME"
        raise InputError(msg)
    if given["dry_run"]:
        return _foresee(request, settings, given, groups[0].built)
    several = len(groups) > 1
    wanted = [
        ServiceRequest(
            group.services,
            group.built,
            replace(
                request,
                image=group.image,
                workloads=group.workloads,
                destination=destination_of(request.destination, group.services[0])
                if several
                else request.destination,
                report_directory=request.report_directory / group.services[0]
                if several
                else request.report_directory,
            ),
        )
        for group in groups
    ]
    with open_session(settings, given) as run:
        require_docker(run)
        if groups[0].unset:
            names = ", ".join(groups[0].unset)
            run.progress.note(f"blank in the compose file, as nothing sets them: {names}")
        for group in groups:
            beside = ", ".join(group.beside) or "no other service"
            run.progress.note(f"service {', '.join(group.services)}: beside {beside}")
        if not several:
            summary = harden_service(wanted[0], run)
        else:
            done = harden_services(wanted, request.report_directory, run)
    console = open_console(sys.stdout)
    if not several:
        if given["as_json"]:
            emit(summary_json(summary))
        elif given["quiet"]:
            click.echo(final_line(summary))
        else:
            print_summary(console, summary)
        return 0
    results = [(each.services, each.summary, each.failure) for each in done.results]
    if given["as_json"]:
        emit(services_json(results, done.file))
    elif given["quiet"]:
        for line in services_lines(results):
            click.echo(line)
    else:
        print_services(console, results, done.file)
    return done.status


def _platforms(
    request: "HardenRequest", choice: "PlatformChoice", settings: "Settings", given: dict[str, Any]
) -> int:
    from careen.cli.running import emit, open_session
    from careen.errors import InputError
    from careen.pipeline.platforms.harden import harden_platforms
    from careen.report.documents.platforms import platforms_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.platforms import final_lines, print_platforms

    for option in ("split", "dry_run"):
        if given[option]:
            name = f"--{option.replace('_', '-')}"
            msg = f"{name} and several platforms: cannot be combined; name one --platform"
            raise InputError(msg)
    with open_session(settings, given) as run:
        result = harden_platforms(request, choice, run)
    if given["as_json"]:
        emit(platforms_json(result))
    elif given["quiet"]:
        click.echo(final_lines(result))
    else:
        print_platforms(open_console(sys.stdout), result)
    return 0


def _foresee(
    request: "HardenRequest",
    settings: "Settings",
    given: dict[str, Any],
    built: Sequence[str] | None = None,
) -> int:
    """Print the plan; `built` are the services that compose builds, None without compose."""
    from careen.cli.running import emit, open_session
    from careen.errors import InputError
    from careen.pipeline.composing.needs import require_built
    from careen.pipeline.harden import preview_harden
    from careen.plan.store import write_plan
    from careen.report.terminal_output.screen import open_console, signs_of
    from careen.report.views.plan import final_plan_line, print_plan

    if given["split"]:
        msg = "--dry-run and --split: cannot be combined; plan each workload with --workload NAME"
        raise InputError(msg)
    with open_session(settings, given) as run:
        if built is not None:
            require_built(request.image, built, run)
        done = preview_harden(request, run)
    console = open_console(sys.stdout)
    line = final_plan_line(
        done.kept, done.removed, str(request.report_directory), signs_of(console)
    )
    if given["as_json"]:
        emit(write_plan(done.plan, done.upgrades))
    elif given["quiet"]:
        click.echo(line.plain)
    else:
        print_plan(console, done.plan, done.kept, done.removed, done.symbols)
        console.print()
        console.print(line)
    return 0


def _split(request: "HardenRequest", settings: "Settings", given: dict[str, Any]) -> int:
    from careen.cli.running import emit, open_session
    from careen.pipeline.split import harden_split
    from careen.report.terminal_output.screen import open_console
    from careen.report.terminal_output.terminal import final_line
    from careen.report.views.split import print_split, split_json

    with open_session(settings, given) as run:
        split = harden_split(request, run)
    if given["as_json"]:
        emit(split_json(split.summaries, split.together))
    elif given["quiet"]:
        for summary in split.summaries:
            click.echo(final_line(summary))
    else:
        print_split(open_console(sys.stdout), split.summaries, split.together)
    return 0
