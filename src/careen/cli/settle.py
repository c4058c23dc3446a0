"""Combine the options of a command with careen.toml into values for the pipeline."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from careen.adequacy.threshold import below_recorded
from careen.advisories.matching.location import default_database
from careen.cli.settle_compose import with_services
from careen.cli.settle_patch import patch_choices, patch_wishes, refuse_patch_options
from careen.errors import ConfigError, InputError
from careen.model.image import Platform
from careen.model.plan import Level
from careen.model.rbom import RuntimeBom
from careen.model.rewriting.layer_scheme import LayerScheme
from careen.model.runs.exploration import Effort
from careen.model.runs.trace import SensorKind
from careen.model.runs.workload import (
    Limits,
    ReadyDefault,
    RunOptions,
    TestCommand,
    TestPlace,
    Workload,
)
from careen.oci.manifest import Compression
from careen.oci.recognise import image_source_at
from careen.oci.reference import OciLayout, RegistryImage, StorageImage
from careen.pipeline.run.settings import (
    Below,
    Destination,
    PlanChoices,
    ProofChoices,
    Pull,
    Settings,
    parse_place,
)
from careen.plan.core.globs import glob_problem
from careen.plan.core.rules import load_rules
from careen.plan.eventfile import read_events
from careen.plan.keepfile import read_keep_from
from careen.tools.cache import default_cache
from careen.tools.durations import parse_duration
from careen.tools.workspace import default_root
from careen.workload.configuration.project import ProjectConfig, load_config
from careen.workload.ready import parse_ready

if TYPE_CHECKING:
    from careen.pipeline.findings.finding_policy import FindingPolicy
    from careen.pipeline.platforms.choice import PlatformChoice

__all__ = ["patch_choices", "patch_wishes", "refuse_patch_options"]  # re-exports

REGISTRY = "docker://"
DEFAULT_CONFIG = Path("careen.toml")
REPORTS = Path("careen-out")


def load_project(config_file: Path | None) -> ProjectConfig:
    """Read the named project file, or careen.toml here if it exists. Raises ConfigError."""
    if config_file is None:
        if not DEFAULT_CONFIG.is_file():
            return ProjectConfig()
        config_file = DEFAULT_CONFIG
    return load_config(config_file)


def image(named: str | None, project: ProjectConfig) -> str:
    """Return the image of the command line or the project file. Raises InputError.

    A path is resolved to what it contains.
    """
    name = named or project.image
    if not name:
        msg = (
            "no image: name one (NAME, docker://NAME, ./FILE, ./DIRECTORY, docker-archive:FILE,"
            " oci:DIR, oci-archive:FILE), or set image in careen.toml"
        )
        raise InputError(msg)
    return image_source_at(name)


def settings(given: dict[str, Any], project: ProjectConfig, *, several: bool = False) -> Settings:
    """Return the run's settings. Raises InputError for a bad platform.

    With `several` the command handles the platforms of an index itself.
    """
    sensor = given.get("sensor") or project.sensor or "auto"
    platform = given.get("platform")
    if platform is None:
        platform = project.platform
    return Settings(
        work_root=(given.get("work_dir") or default_root()).absolute(),
        engine=given.get("engine") or project.engine or "auto",
        sensor=None if sensor == "auto" else SensorKind(sensor),
        platform=None if platform is None or several else _one_platform(platform),
        cache=None if given.get("no_cache") else default_cache(),
        pull=Pull(given.get("pull") or Pull.MISSING),
        tls_verify=given.get("tls_verify"),
        layers=LayerScheme(given.get("layers") or project.layers or LayerScheme.ORIGINAL.value),
    )


def platforms(given: dict[str, Any], project: ProjectConfig) -> "PlatformChoice | None":
    """Return the platforms of `--platform all` or of a list; None for one image.

    Raises InputError for a bad platform, and for --unrunnable with one image.
    """
    from careen.pipeline.platforms.choice import ALL, PlatformChoice, Unrunnable

    text = given.get("platform") or project.platform or ""
    unrunnable = given.get("unrunnable") or project.unrunnable
    if text != ALL and "," not in text:
        if given.get("unrunnable"):
            msg = "--unrunnable: is about several platforms; give --platform all, or a list"
            raise InputError(msg)
        return None
    wanted = () if text == ALL else tuple(map(parse_platform, text.split(",")))
    return PlatformChoice(
        tuple(dict.fromkeys(wanted)),
        Unrunnable(unrunnable) if unrunnable else Unrunnable.REFUSE,
    )


def _one_platform(text: str) -> Platform:
    if text == "all" or "," in text:
        msg = f"platform {text!r}: takes one platform here; `careen harden` takes several"
        raise InputError(msg)
    return parse_platform(text)


def parse_platform(text: str) -> Platform:
    """Parse `os/arch[/variant]`. Raises InputError."""
    parts = text.split("/")
    if len(parts) not in (2, 3) or not all(
        part.isascii() and part.replace("-", "").isalnum() for part in parts
    ):
        msg = f"platform {text!r}: expected OS/ARCH or OS/ARCH/VARIANT, like linux/amd64"
        raise InputError(msg)
    return Platform(*parts)


def choices(given: dict[str, Any], project: ProjectConfig) -> PlanChoices:
    """Return the plan choices; the command line's level wins, globs add up.

    Raises InputError for a bad glob.
    """
    level = given.get("level")
    files = (*project.keep_from, *given.get("keep_from", ()))
    for key in ("keep", "remove"):
        for glob in (*getattr(project, key), *given.get(key, ())):
            if problem := glob_problem(glob):
                msg = f"{key} {glob!r}: {problem}"
                raise InputError(msg)
    keep = (
        *project.keep,
        *given.get("keep", ()),
        *(glob for file in files for glob in read_keep_from(file)),
    )
    return PlanChoices(
        level=Level(level) if level else (project.level or Level.CLOSURE),
        keep=tuple(dict.fromkeys(keep)),
        remove=tuple(dict.fromkeys((*project.remove, *given.get("remove", ())))),
        rules=load_rules((*project.rules, *given.get("rule_files", ()))),
        missed=tuple(
            missed for file in given.get("with_events", ()) for missed in read_events(file)
        ),
        keep_symbols=bool(given.get("keep_symbols") or project.keep_symbols),
        like=image_source_at(given["like"]) if given.get("like") else None,
    )


def proof(given: dict[str, Any], project: ProjectConfig) -> ProofChoices:
    """Return the choices for proof; the command line wins, noise is from careen.toml.

    Raises InputError for a bad percentage.
    """
    effort = given.get("explore") or project.explore
    minimum = given.get("min_adequacy")
    if minimum is None:
        minimum = project.min_adequacy
    below = given.get("below_adequacy") or project.below_adequacy
    rounds = given.get("repair_rounds")
    default = ProofChoices()
    return ProofChoices(
        effort=Effort(effort) if effort else default.effort,
        rounds=next(
            (each for each in (rounds, project.repair_rounds) if each is not None), default.rounds
        ),
        minimum=_share(minimum) if minimum is not None else None,
        below=Below(below) if below else default.below,
        noise=project.noise,
    )


def at_recorded_adequacy(bom: RuntimeBom, choices: PlanChoices, proof: ProofChoices) -> PlanChoices:
    """Return the plan choices, given the adequacy that an RBOM records.

    Raises PolicyError if it is too low and nothing may be stripped then.
    """
    return proof.at_adequacy(
        below_recorded(bom, proof.minimum) if proof.minimum is not None else None, choices
    )


def _share(text: str) -> float:
    number = text.strip().removesuffix("%").strip()
    # per cent
    if not re.fullmatch(r"\d{1,3}(\.\d+)?", number, re.ASCII) or float(number) > 100:  # noqa: PLR2004
        msg = f"adequacy {text!r}: expected a percentage from 0 to 100, like 80"
        raise InputError(msg)
    return float(number) / 100


def database(given: dict[str, Any], project: ProjectConfig) -> Path | None:
    """Return the named advisory database, or the default one if it exists or a gate needs it.

    Otherwise None; findings are then not counted.
    """
    default = default_database()
    needed = default.exists() or given.get("fail_on") or project.findings.fail_on
    return given.get("db") or project.findings.database or (default if needed else None)


def judgement(given: dict[str, Any], project: ProjectConfig) -> "FindingPolicy":
    """Return the finding policy; VEX documents and conditions add up, else the command line wins.

    Raises InputError for an unknown word.
    """
    from careen.pipeline.findings.finding_policy import FindingPolicy
    from careen.triage.ignore.careen_lines import NAME
    from careen.triage.policy import Selection, parse_fail_on, parse_only, parse_severities

    configured = project.findings
    ignore_file = (
        given.get("ignore_file")
        or configured.ignore_file
        or (Path(NAME) if Path(NAME).is_file() else None)
    )
    severity = given.get("severity")
    if severity is None:
        severity = configured.severity
    return FindingPolicy(
        vex=(*configured.vex, *given.get("vex", ())),
        ignore_file=ignore_file,
        selection=Selection(
            ignore_unfixed=bool(given.get("ignore_unfixed")) or configured.ignore_unfixed,
            severities=frozenset() if severity is None else parse_severities(severity),
            only=parse_only((*configured.only, *given.get("only", ()))),
        ),
        fail_on=parse_fail_on((*configured.fail_on, *given.get("fail_on", ()))),
    )


def exceptions(given: dict[str, Any], project: ProjectConfig) -> "FindingPolicy":
    """Return VEX documents and allow-list alone: an assessment leaves out no findings by severity.

    Raises InputError for an unknown word.
    """
    from careen.pipeline.findings.finding_policy import FindingPolicy

    policy = judgement({"ignore_file": given["ignore_file"]}, project)
    return FindingPolicy(vex=policy.vex, ignore_file=policy.ignore_file)


def given_choices(given: dict[str, Any]) -> str | None:
    """Return the first plan option on the command line, or None."""
    options = {
        "level": "--level",
        "keep": "--keep",
        "keep_from": "--keep-from",
        "with_events": "--with-events",
        "remove": "--remove",
        "rule_files": "--rules",
        "keep_symbols": "--keep-symbols",
        "like": "--like",
    }
    return next((option for key, option in options.items() if given.get(key)), None)


def destination(given: dict[str, Any], project: ProjectConfig) -> Destination:
    """Return the destination; the command line's replaces the project file's.

    Raises InputError for --push without a name, and for --compression without packed layers.
    """
    if given.get("tag") or given.get("outputs"):
        tag, outputs = given.get("tag"), given.get("outputs", ())
    else:
        tag, outputs = project.tag, project.output
    going = Destination(
        tag,
        tuple(parse_place(text) for text in outputs),
        bool(given.get("attach")),
        Compression(given.get("compression") or project.compression or Compression.GZIP.value),
    )
    if given.get("push"):
        if not tag:
            msg = "--push: pushes to the registry of a name; give it with -t NAME"
            raise InputError(msg)
        pushed = parse_place(tag if tag.startswith(REGISTRY) else f"{REGISTRY}{tag}")
        going = replace(going, tag=None, outputs=(pushed, *going.outputs))
    if given.get("compression") and not any(
        isinstance(place, OciLayout | RegistryImage) for place in going.outputs
    ):
        msg = (
            "--compression: only layers of an OCI layout and of a registry are packed; name one"
            " with -o"
        )
        raise InputError(msg)
    return going


def report_directory(
    given: dict[str, Any], project: ProjectConfig, going: Destination, name: str, within: str = ""
) -> Path:
    """Return the report directory: --report-dir, careen.toml's, or careen-out/NAME.

    The last two are extended by the folder `within`.
    """
    if named := given.get("report_dir"):
        return Path(named)
    return (
        Path(project.report_dir) if project.report_dir else REPORTS / name_of(going, name)
    ) / within


def name_of(destination: Destination, image: str) -> str:
    """Return the directory name of a result from its tag, its first file, or the image."""
    text = destination.tag or image
    if not destination.tag and destination.outputs:
        first = destination.outputs[0]
        text = first.name if isinstance(first, RegistryImage | StorageImage) else first.path.name
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text).strip("._") or "image"


_WORKLOAD_OPTIONS = {
    "tests": "--test",
    "execs": "--exec",
    "held_tests": "--verify-test",
    "held_execs": "--verify-exec",
    "ready": "--ready",
    "observe": "--observe",
    "env": "--env",
    "volumes": "--volume",
    "ports": "--publish",
    "user": "--user",
    "read_only": "--read-only",
    "network": "--network",
    "tmpfs": "--tmpfs",
    "gpus": "--gpus",
    "shm_size": "--shm-size",
    "entrypoint": "--entrypoint",
    "args": "arguments after --",
    "ready_timeout": "--ready-timeout",
    "test_timeout": "--test-timeout",
    "stop_timeout": "--stop-timeout",
}


def described_by(given: dict[str, Any]) -> str | None:
    """Return the first workload option on the command line, or None."""
    return next(
        (
            option
            for key, option in _WORKLOAD_OPTIONS.items()
            if given.get(key) not in (None, False, ())
        ),
        None,
    )


def workloads(given: dict[str, Any], project: ProjectConfig) -> tuple[Workload, ...]:
    """Return the workloads of the project file (all, or the named ones), or of the options.

    Those of a compose service get it from the file. Raises InputError if both describe workloads,
    ConfigError for an unknown name.
    """
    return with_services(described_workloads(given, project), project.compose)


def described_workloads(given: dict[str, Any], project: ProjectConfig) -> tuple[Workload, ...]:
    """Return the workloads as `workloads` does; compose files are not read."""
    described = described_by(given)
    if project.workloads and described:
        msg = (
            f"{described}: belongs to a workload, and careen.toml describes workloads already:"
            " write it there, or name another file with --config"
        )
        raise InputError(msg)
    if project.workloads:
        return _named(project.workloads, given.get("names", ()))
    if given.get("names"):
        msg = f"workload {given['names'][0]!r}: there is no careen.toml with workloads here"
        raise ConfigError(msg)
    return (_described(given),)


def _named(workloads: Sequence[Workload], names: Sequence[str]) -> tuple[Workload, ...]:
    known = {workload.name: workload for workload in workloads}
    missing = next((name for name in names if name not in known), None)
    if missing is not None:
        msg = f"workload {missing!r}: not in careen.toml, which has {', '.join(known)}"
        raise ConfigError(msg)
    return tuple(known[name] for name in dict.fromkeys(names)) if names else tuple(workloads)


def _tests(given: dict[str, Any], host: str, container: str) -> tuple[TestCommand, ...]:
    return (
        *(TestCommand(TestPlace.HOST, text) for text in given.get(host, ())),
        *(TestCommand(TestPlace.CONTAINER, text) for text in given.get(container, ())),
    )


def _described(given: dict[str, Any]) -> Workload:
    limits = Limits()
    return Workload(
        ready=parse_ready(given["ready"]) if given.get("ready") else ReadyDefault(),
        tests=_tests(given, "tests", "execs"),
        held_out=_tests(given, "held_tests", "held_execs"),
        observe=parse_duration(given["observe"]) if given.get("observe") else 0.0,
        run=RunOptions(
            env=given.get("env", ()),
            volumes=given.get("volumes", ()),
            ports=given.get("ports", ()),
            user=given.get("user"),
            read_only=bool(given.get("read_only")),
            network=given.get("network"),
            tmpfs=given.get("tmpfs", ()),
            gpus=given.get("gpus"),
            shm_size=given.get("shm_size"),
            entrypoint=given.get("entrypoint"),
            args=tuple(given.get("args", ())),
        ),
        limits=Limits(
            ready=(
                parse_duration(given["ready_timeout"])
                if given.get("ready_timeout")
                else limits.ready
            ),
            test=(
                parse_duration(given["test_timeout"]) if given.get("test_timeout") else limits.test
            ),
            stop=(
                parse_duration(given["stop_timeout"]) if given.get("stop_timeout") else limits.stop
            ),
        ),
    )
