"""Options that several verbs share, and how they become values."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from careen.advisories.location import default_database
from careen.errors import ConfigError, InputError
from careen.model.image import Platform
from careen.model.plan import Level
from careen.model.trace import SensorKind
from careen.model.workload import Limits, ReadyDefault, RunOptions, TestCommand, TestPlace, Workload
from careen.pipeline.judgement import Judgement
from careen.pipeline.settings import Destination, PlanChoices, Settings, parse_output
from careen.plan.globs import glob_problem
from careen.plan.keepfile import read_keep_from
from careen.plan.rules import load_rules
from careen.tools.workspace import default_root
from careen.triage.ignore_file import NAME as IGNORE_FILE
from careen.triage.policy import Selection, parse_fail_on, parse_only, parse_severities
from careen.workload.config import ProjectConfig, load_config
from careen.workload.durations import parse_duration
from careen.workload.ready import parse_ready

Command = Callable[..., Any]
DEFAULT_CONFIG = Path("careen.toml")


def _add(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


class ContainerCommand(click.Command):
    """A verb whose words after `--` are the container's, also when the image stands in careen.toml and not before them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what is before `--`, and put the rest behind the arguments."""
        end = args.index("--") if "--" in args else len(args)
        rest = super().parse_args(ctx, args[:end])
        ctx.params["args"] = (*ctx.params["args"], *args[end + 1 :])
        return rest


run_options = _add(
    click.option(
        "--engine", type=click.Choice(["auto", "docker", "embedded"]), help="Who runs containers; auto takes the daemon that answers, else the embedded one."
    ),
    click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index; default: this machine's."),
    click.option(
        "--work-dir", type=click.Path(path_type=Path, file_okay=False), help="Where layers are unpacked; default: $CAREEN_WORKDIR or /var/tmp/careen-UID."
    ),
    click.option("--config", "config_file", type=click.Path(path_type=Path, dir_okay=False), help="Project file; default: careen.toml here, if there is one."),
    click.option("-q", "--quiet", is_flag=True, help="Print the result line only."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else."),
)

workload_options = _add(
    click.option(
        "--test",
        "tests",
        multiple=True,
        metavar="CMD",
        help="Shell command that tests the running container from this machine (CAREEN_IMAGE, CAREEN_CONTAINER, BASE_URL, CAREEN_PORT_<n>).",
    ),
    click.option("--exec", "execs", multiple=True, metavar="CMD", help="Command that tests inside the container."),
    click.option(
        "--ready",
        metavar="CHECK",
        help="URL, /path or tcp:PORT of the container, log:REGEX, cmd:COMMAND, or exit for a batch job; default: HEALTHCHECK, else the first port.",
    ),
    click.option("--observe", metavar="TIME", help="Without tests: watch the ready service this long (60s, 5m)."),
    click.option("-e", "--env", multiple=True, metavar="NAME=VALUE", help="As docker run."),
    click.option("-v", "--volume", "volumes", multiple=True, metavar="SRC:DST[:ro]", help="As docker run."),
    click.option("-p", "--publish", "ports", multiple=True, metavar="[HOST:]PORT", help="As docker run; exposed ports are published on free ones anyway."),
    click.option("--user", metavar="USER[:GROUP]", help="As docker run."),
    click.option("--read-only", is_flag=True, help="As docker run."),
    click.option("--tmpfs", multiple=True, metavar="PATH[:OPTIONS]", help="As docker run."),
    click.option("--gpus", metavar="SPEC", help="As docker run."),
    click.option("--shm-size", metavar="SIZE", help="As docker run."),
    click.option("--entrypoint", metavar="COMMAND", help="As docker run."),
    click.option("--workload", "names", multiple=True, metavar="NAME", help="Only these workloads of careen.toml."),
    click.option("--ready-timeout", metavar="TIME", help="How long to wait until ready; default 5m."),
    click.option("--test-timeout", metavar="TIME", help="How long one test (or a batch job) may take; default 30m."),
    click.option("--stop-timeout", metavar="TIME", help="How long the container may take to stop before it is killed; default 30s."),
    click.option(
        "--sensor",
        type=click.Choice(["auto", *(kind.value for kind in SensorKind if kind is not SensorKind.STRACE)]),
        help="How the container is watched; auto takes the best that works.",
    ),
)

plan_options = _add(
    click.option(
        "--level",
        type=click.Choice([level.value for level in Level]),
        help="observed: only what was used; closure (default): plus what that may need; package: whole packages only.",
    ),
    click.option("--keep", multiple=True, metavar="GLOB", help="Keep these paths, and what they need."),
    click.option("--keep-from", multiple=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Globs to keep, one a line."),
    click.option("--remove", multiple=True, metavar="GLOB", help="Remove these paths, even if a rule would keep them."),
    click.option(
        "--rules", "rule_files", multiple=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="More keep rules (TOML, docs/plan.md)."
    ),
)

database_option = click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Advisory database; default: $CAREEN_DB or ~/.local/share/careen/advisories.db.",
)

gate_options = _add(
    click.option("--vex", multiple=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="OpenVEX, CSAF or CycloneDX VEX to heed."),
    click.option(
        "--ignore-file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Findings that no gate heeds, each with its reason; default: .careenignore here, if there is one.",
    ),
    click.option(
        "--fail-on",
        multiple=True,
        metavar="CONDITIONS",
        help="End with status 2 if a finding meets one: words joined by '-', like critical, executed-high, kev, act (docs/triage.md); commas between them.",
    ),
)

listing_options = _add(
    click.option("--ignore-unfixed", is_flag=True, help="Leave out findings without a known fix."),
    click.option("--severity", metavar="LIST", help="Only these: critical,high,medium,low,negligible,unknown."),
    click.option("--only", multiple=True, metavar="CONDITIONS", help="Only findings that meet one of these, like executed,loaded or kev or fixable."),
)

destination_options = _add(
    click.option("-t", "--tag", metavar="TAG", help="Name of the result in docker's store."),
    click.option(
        "-o", "--output", "outputs", multiple=True, metavar="oci:DIR|docker-archive:FILE", help="Write the result to a file; may be given several times."
    ),
)


def load_project(config_file: Path | None) -> ProjectConfig:
    """Read the project file that was named, or careen.toml here if there is one. Raises ConfigError."""
    if config_file is None:
        if not DEFAULT_CONFIG.is_file():
            return ProjectConfig()
        config_file = DEFAULT_CONFIG
    return load_config(config_file)


def settle_image(image: str | None, project: ProjectConfig) -> str:
    """Return the image that the command line or the project file names. Raises InputError."""
    name = image or project.image
    if not name:
        msg = "no image: name one (NAME, docker-archive:FILE, oci:DIR, oci-archive:FILE), or set image in careen.toml"
        raise InputError(msg)
    return name


def settle_settings(given: dict[str, Any], project: ProjectConfig) -> Settings:
    """Make the run's settings. Raises InputError for a bad platform."""
    sensor = given.get("sensor") or project.sensor or "auto"
    platform = given.get("platform") or project.platform
    return Settings(
        work_root=(given.get("work_dir") or default_root()).absolute(),
        engine=given.get("engine") or project.engine or "auto",
        sensor=None if sensor == "auto" else SensorKind(sensor),
        platform=parse_platform(platform) if platform else None,
    )


def parse_platform(text: str) -> Platform:
    """Read `os/arch[/variant]`. Raises InputError."""
    parts = text.split("/")
    if len(parts) not in (2, 3) or not all(part.isascii() and part.replace("-", "").isalnum() for part in parts):
        msg = f"platform {text!r}: expected OS/ARCH or OS/ARCH/VARIANT, like linux/amd64"
        raise InputError(msg)
    return Platform(*parts)


def settle_choices(given: dict[str, Any], project: ProjectConfig) -> PlanChoices:
    """Make the plan's choices: the command line's level wins, globs add up."""
    level = given.get("level")
    files = (*project.keep_from, *given.get("keep_from", ()))
    for key in ("keep", "remove"):
        for glob in (*getattr(project, key), *given.get(key, ())):
            if problem := glob_problem(glob):
                msg = f"{key} {glob!r}: {problem}"
                raise InputError(msg)
    keep = (*project.keep, *given.get("keep", ()), *(glob for file in files for glob in read_keep_from(file)))
    return PlanChoices(
        level=Level(level) if level else (project.level or Level.CLOSURE),
        keep=tuple(dict.fromkeys(keep)),
        remove=tuple(dict.fromkeys((*project.remove, *given.get("remove", ())))),
        rules=load_rules((*project.rules, *given.get("rule_files", ()))),
    )


def settle_database(given: dict[str, Any], project: ProjectConfig) -> Path | None:
    """Return the advisory database that was named, or the default one if it is there or a gate needs it; else None: findings are then not counted."""
    default = default_database()
    needed = default.exists() or given.get("fail_on") or project.findings.fail_on
    return given.get("db") or project.findings.database or (default if needed else None)


def settle_judgement(given: dict[str, Any], project: ProjectConfig) -> Judgement:
    """Make what bears on findings: VEX documents and conditions add up, for the rest the command line counts. Raises InputError for a word that is none."""
    configured = project.findings
    ignore_file = given.get("ignore_file") or configured.ignore_file or (Path(IGNORE_FILE) if Path(IGNORE_FILE).is_file() else None)
    severity = given.get("severity") or configured.severity
    return Judgement(
        vex=(*configured.vex, *given.get("vex", ())),
        ignore_file=ignore_file,
        selection=Selection(
            ignore_unfixed=bool(given.get("ignore_unfixed")) or configured.ignore_unfixed,
            severities=parse_severities(severity) if severity else frozenset(),
            only=parse_only((*configured.only, *given.get("only", ()))),
        ),
        fail_on=parse_fail_on((*configured.fail_on, *given.get("fail_on", ()))),
    )


def given_choices(given: dict[str, Any]) -> str | None:
    """Return the first option about keeping and removing that the command line holds, or None."""
    options = {"level": "--level", "keep": "--keep", "keep_from": "--keep-from", "remove": "--remove", "rule_files": "--rules"}
    return next((option for key, option in options.items() if given.get(key)), None)


def settle_destination(given: dict[str, Any], project: ProjectConfig) -> Destination:
    """Make the destination; the command line's replaces the project file's."""
    if given.get("tag") or given.get("outputs"):
        return Destination(given.get("tag"), tuple(parse_output(text) for text in given.get("outputs", ())))
    return Destination(project.tag, tuple(parse_output(text) for text in project.output))


_WORKLOAD_OPTIONS = {
    "tests": "--test",
    "execs": "--exec",
    "ready": "--ready",
    "observe": "--observe",
    "env": "--env",
    "volumes": "--volume",
    "ports": "--publish",
    "user": "--user",
    "read_only": "--read-only",
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
    """Return the first option of a workload that the command line holds, or None."""
    return next((option for key, option in _WORKLOAD_OPTIONS.items() if given.get(key) not in (None, False, ())), None)


def settle_workloads(given: dict[str, Any], project: ProjectConfig) -> tuple[Workload, ...]:
    """Return the workloads: those of the project file (all, or the named ones), or the one that the options describe.

    Raises InputError when both describe one: nobody could tell which was meant.
    """
    described = described_by(given)
    if project.workloads and described:
        msg = f"{described}: belongs to a workload, and careen.toml describes workloads already: write it there, or name another file with --config"
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


def _described(given: dict[str, Any]) -> Workload:
    limits = Limits()
    return Workload(
        ready=parse_ready(given["ready"]) if given.get("ready") else ReadyDefault(),
        tests=(
            *(TestCommand(TestPlace.HOST, text) for text in given.get("tests", ())),
            *(TestCommand(TestPlace.CONTAINER, text) for text in given.get("execs", ())),
        ),
        observe=parse_duration(given["observe"]) if given.get("observe") else 0.0,
        run=RunOptions(
            env=given.get("env", ()),
            volumes=given.get("volumes", ()),
            ports=given.get("ports", ()),
            user=given.get("user"),
            read_only=bool(given.get("read_only")),
            tmpfs=given.get("tmpfs", ()),
            gpus=given.get("gpus"),
            shm_size=given.get("shm_size"),
            entrypoint=given.get("entrypoint"),
            args=tuple(given.get("args", ())),
        ),
        limits=Limits(
            ready=parse_duration(given["ready_timeout"]) if given.get("ready_timeout") else limits.ready,
            test=parse_duration(given["test_timeout"]) if given.get("test_timeout") else limits.test,
            stop=parse_duration(given["stop_timeout"]) if given.get("stop_timeout") else limits.stop,
        ),
    )
