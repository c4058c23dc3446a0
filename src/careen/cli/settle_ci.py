"""Combine the options of `careen ci` with the table `ci` of careen.toml."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from careen.cli import settle
from careen.errors import ConfigError, InputError
from careen.model.integration import Mode
from careen.pipeline.integrating.documents import default_outputs
from careen.pipeline.run.settings import Destination
from careen.workload.configuration.ci import NAME, NAMES
from careen.workload.configuration.project import ProjectConfig

if TYPE_CHECKING:
    from careen.pipeline.integrating.request import CiRequest

CACHE = Path("careen-ci")
_MAX_INPUTS = 10_000  # files


def merged(project: ProjectConfig) -> ProjectConfig:
    """Return the project with what its table `ci` says in place of the keys beside it."""
    said = project.ci
    findings = replace(
        project.findings,
        fail_on=(*project.findings.fail_on, *said.fail_on),
        ignore_file=said.exceptions or project.findings.ignore_file,
    )
    project = replace(project, image=said.image or project.image, findings=findings)
    if said.tag or said.output:
        project = replace(project, tag=said.tag, output=said.output)
    return project


def ci_request(image: str | None, given: dict[str, Any], project: ProjectConfig) -> "CiRequest":
    """Return what is asked for. Raises InputError or ConfigError."""
    from careen.advisories.matching.location import default_database
    from careen.pipeline.findings.scan_outputs import parse_scan_outputs
    from careen.pipeline.integrating.request import CiRequest

    said, project = project.ci, merged(project)
    mode = Mode(given["mode"]) if given["mode"] else (said.mode or Mode.HARDEN)
    name = settle.image(image, project)
    destination = Destination()
    if mode is not Mode.SCAN:
        destination = settle.destination({**given, "push": given["push"] or said.push}, project)
        destination.require()
    title = given["name"] or said.name or settle.name_of(destination, name)
    if not NAME.match(title):
        msg = f"--name {title!r}: not a name of a result; {NAMES}"
        raise InputError(msg)
    key = given["key"] or said.key
    if key and mode is not Mode.HARDEN:
        msg = f"key: only results of mode harden are attested, and the mode is {mode.value}"
        raise InputError(msg)
    if mode is Mode.HARDEN and not project.workloads:
        msg = (
            "no workload: without tests nothing could be verified; describe one as [workload.NAME]"
            " in careen.toml (`careen init IMAGE` writes a first one)"
        )
        raise ConfigError(msg)
    _refuse_services(project)
    folder = (given.get("cache") or said.cache or CACHE) / title
    outputs = parse_scan_outputs(said.outputs)
    taken = {each.path.absolute() for each in default_outputs(folder)}
    if (
        twice := next((each for each in outputs if each.path.absolute() in taken), None)
    ) is not None:
        msg = f"outputs: {str(twice.path)!r} is written anyway; leave it out, or name another file"
        raise InputError(msg)
    database = settle.database(given, project)
    if mode is not Mode.HARDEN and database is None:
        database = default_database()
    patches = mode is Mode.PATCH or given["patch"]
    return CiRequest(
        name=title,
        mode=mode,
        image=name,
        workloads=project.workloads,
        choices=settle.choices(given, project),
        destination=destination,
        folder=folder,
        # A cache that the command names is of many images: no two may share a directory.
        evidence=(None if given.get("cache") else said.evidence) or folder / "evidence",
        proof=settle.proof(given, project),
        patch=settle.patch_wishes(given, project) if patches else None,
        database=database,
        judgement=settle.judgement(given, project),
        outputs=outputs,
        named=tuple(decisive_files(project)),
        settings=decisive_settings(given, project),
        key=key,
        again=given["again"],
        explore_always=said.explore == "always",
    )


def _refuse_services(project: ProjectConfig) -> None:
    """Raise ConfigError for a workload that is a service of a compose file."""
    for workload in project.workloads:
        if workload.run.compose is not None:
            msg = (
                f"workload {workload.name!r}: service: `careen ci` does not run the services of a"
                " compose file; run `careen harden --compose` in the pipeline"
            )
            raise ConfigError(msg)


def decisive_files(project: ProjectConfig) -> Iterator[Path]:
    """Yield the files that decide about a result.

    Raises InputError for too many, and for a pattern without any.
    """
    patch = project.patch
    yield from (*project.keep_from, *project.rules, *patch.keys)
    yield from (path for path in (patch.policy, patch.certificates) if path is not None)
    count = 0
    for pattern in project.ci.inputs:
        found = sorted(_matching(pattern))
        if not found:
            msg = f"ci.inputs: {str(pattern)!r} matches no file; name files that the tests need"
            raise InputError(msg)
        count += len(found)
        if count > _MAX_INPUTS:
            msg = f"ci.inputs: more than {_MAX_INPUTS:,} files; name the tests alone"
            raise InputError(msg)
        yield from found


def _matching(pattern: Path) -> Iterator[Path]:
    """Yield the files of a path, of a folder, or of a glob like tests/**/*.py."""
    if pattern.is_dir():
        yield from (path for path in pattern.rglob("*") if path.is_file())
    elif pattern.is_file():
        yield pattern
    else:
        root = Path(pattern.anchor or ".")
        found = root.glob(str(pattern.relative_to(root) if pattern.anchor else pattern))
        yield from (path for path in found if path.is_file())


def decisive_settings(given: dict[str, Any], project: ProjectConfig) -> dict[str, str]:
    """Return the settings of the run that decide about the bytes of a result."""
    keys = ("engine", "sensor", "platform", "layers", "compression")
    return {key: given.get(key) or getattr(project, key) or "" for key in keys}
