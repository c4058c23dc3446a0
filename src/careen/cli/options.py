"""Options that several commands share; `settle` combines them with careen.toml.

This module must load fast, for `careen VERB --help`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from careen.cli.help_sections import SectionedCommand
from careen.model.patching import Reach
from careen.model.plan import Level
from careen.model.rewriting.layer_scheme import LayerScheme
from careen.model.runs.exploration import Effort
from careen.model.runs.trace import SensorKind

Command = Callable[..., Any]


def _add(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


class ContainerCommand(SectionedCommand):
    """Command that takes words after `--` for the container, also without an image argument."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words before `--`, and append the rest to the arguments."""
        end = args.index("--") if "--" in args else len(args)
        rest = super().parse_args(ctx, args[:end])
        ctx.params["args"] = (*ctx.params["args"], *args[end + 1 :])
        return rest


machine_options = _add(
    click.option(
        "--engine",
        type=click.Choice(["auto", "docker", "podman", "embedded"]),
        help="Who runs containers; auto takes docker, else podman, else the embedded one.",
    ),
    click.option(
        "--platform",
        metavar="OS/ARCH[/VARIANT][,…]",
        help=(
            "Which image of an index; default: this machine's. `careen harden` takes several, or"
            " all, and makes an index."
        ),
    ),
    click.option(
        "--pull",
        type=click.Choice(["missing", "never", "always"]),
        help=(
            "When a plain name is fetched from its registry: missing (default: if no engine's store"
            " has it), never or always."
        ),
    ),
    click.option(
        "--tls-verify",
        type=click.BOOL,
        metavar="true|false",
        help=(
            "Whether registries must speak HTTPS with a trusted certificate; default true, except"
            " that one on this machine may speak plain HTTP."
        ),
    ),
    click.option(
        "--no-cache",
        is_flag=True,
        help="Do not use the cache of earlier runs, and do not add to it.",
    ),
    click.option(
        "--work-dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="Where layers are unpacked; default: $CAREEN_WORKDIR or /var/tmp/careen-UID.",
    ),
)

print_options = _add(
    click.option("-q", "--quiet", is_flag=True, help="Print the result line only."),
    click.option(
        "--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else."
    ),
)

run_options = _add(
    machine_options,
    click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Project file; default: careen.toml here, if there is one.",
    ),
    print_options,
)

compose_options = _add(
    click.option(
        "--compose",
        "compose_files",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help=(
            "Compose file: the service runs beside its neighbours, as docker compose starts them"
            " (docs/compose.md); several are merged."
        ),
    ),
    click.option(
        "--service",
        "services",
        multiple=True,
        metavar="NAME",
        help="Service of the compose file; may be given several times.",
    ),
)

workload_options = _add(
    click.option(
        "--test",
        "tests",
        multiple=True,
        metavar="CMD",
        help=(
            "Shell command that tests the running container from this machine (CAREEN_IMAGE,"
            " CAREEN_CONTAINER, BASE_URL, CAREEN_PORT_<n>)."
        ),
    ),
    click.option(
        "--exec",
        "execs",
        multiple=True,
        metavar="CMD",
        help="Command that tests inside the container.",
    ),
    click.option(
        "--verify-test",
        "held_tests",
        multiple=True,
        metavar="CMD",
        help=(
            "Like --test, but run only during verification: what it uses does not count as used."
        ),
    ),
    click.option(
        "--verify-exec",
        "held_execs",
        multiple=True,
        metavar="CMD",
        help="Like --exec, but run only during verification.",
    ),
    click.option(
        "--ready",
        metavar="CHECK",
        help=(
            "URL, /path or tcp:PORT of the container, log:REGEX, cmd:COMMAND, or exit for a batch"
            " job; default: HEALTHCHECK, else a port that answers."
        ),
    ),
    click.option(
        "--observe",
        metavar="TIME",
        help="Without tests: watch the ready service this long (60s, 5m).",
    ),
    click.option("-e", "--env", multiple=True, metavar="NAME=VALUE", help="As docker run."),
    click.option(
        "-v", "--volume", "volumes", multiple=True, metavar="SRC:DST[:ro]", help="As docker run."
    ),
    click.option(
        "-p",
        "--publish",
        "ports",
        multiple=True,
        metavar="[HOST:]PORT",
        help="As docker run; exposed ports are published on free ones anyway.",
    ),
    click.option("--user", metavar="USER[:GROUP]", help="As docker run."),
    click.option("--read-only", is_flag=True, help="As docker run."),
    click.option(
        "--network",
        type=click.Choice(["none"]),
        help="none: no outgoing network; published ports still work.",
    ),
    click.option("--tmpfs", multiple=True, metavar="PATH[:OPTIONS]", help="As docker run."),
    click.option("--gpus", metavar="SPEC", help="As docker run."),
    click.option("--shm-size", metavar="SIZE", help="As docker run."),
    click.option("--entrypoint", metavar="COMMAND", help="As docker run."),
    click.option(
        "--workload",
        "names",
        multiple=True,
        metavar="NAME",
        help="Only these workloads of careen.toml.",
    ),
    click.option(
        "--ready-timeout", metavar="TIME", help="How long to wait until ready; default 5m."
    ),
    click.option(
        "--test-timeout",
        metavar="TIME",
        help="How long one test (or a batch job) may take; default 30m.",
    ),
    click.option(
        "--stop-timeout",
        metavar="TIME",
        help=(
            "How long the container may take to stop before it is killed; default 30s. If its first"
            " process drops the stop signal, or once it was killed, it gets 2s."
        ),
    ),
    click.option(
        "--sensor",
        type=click.Choice(
            ["auto", *(kind.value for kind in SensorKind if kind is not SensorKind.STRACE)]
        ),
        help="How the container is watched; auto takes the best that works.",
    ),
)

plan_options = _add(
    click.option(
        "--level",
        type=click.Choice([level.value for level in Level]),
        help=(
            "observed: only what was used; closure (default): plus what that may need; package:"
            " whole packages only."
        ),
    ),
    click.option(
        "--keep", multiple=True, metavar="GLOB", help="Keep these paths, and what they need."
    ),
    click.option(
        "--keep-from",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Globs to keep, one a line.",
    ),
    click.option(
        "--with-events",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Events of `careen guard`: keep the paths that they name, and what those need.",
    ),
    click.option(
        "--remove",
        multiple=True,
        metavar="GLOB",
        help="Remove these paths, even if a rule would keep them.",
    ),
    click.option(
        "--like",
        metavar="IMAGE",
        help=(
            "An earlier result: packages of the same version keep what they keep there, where that"
            " costs less than 1 %, so that their layers stay the same (docs/layers.md)."
        ),
    ),
    click.option(
        "--keep-symbols",
        is_flag=True,
        help="Keep symbol tables and debug sections, which no loader reads (docs/plan.md).",
    ),
    click.option(
        "--rules",
        "rule_files",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="More keep rules (TOML, docs/plan.md).",
    ),
)

explore_option = click.option(
    "--explore",
    type=click.Choice([effort.value for effort in Effort]),
    help=(
        "What to try beyond the tests, in throwaway containers: safe (default), deep (takes much"
        " longer) or off; see docs/exploration.md."
    ),
)

adequacy_options = _add(
    click.option(
        "--min-adequacy",
        metavar="PERCENT",
        help=(
            "The least that the profile must cover (docs/adequacy.md); below it whole packages are"
            " kept, or nothing is done."
        ),
    ),
    click.option(
        "--below-adequacy",
        type=click.Choice(["package", "refuse"]),
        help=(
            "Below --min-adequacy: keep whole packages (package, the default), or end with status 2"
            " (refuse)."
        ),
    ),
)

repair_option = click.option(
    "--repair-rounds",
    type=click.IntRange(0, 50),
    metavar="N",
    help=(
        "How often to restore what a failed verification missed, and verify again; default 5, 0"
        " never."
    ),
)

report_option = click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help=(
        "Report directory of the harden run; default: the newest in careen-out/ that is of this"
        " image."
    ),
)

database_option = click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Advisory database; default: $CAREEN_DB or ~/.local/share/careen/advisories.db.",
)

_CONDITIONS = (
    "Conditions are separated by ',' and made of words joined by '-', as in executed-critical,kev."
    " A word means this or worse (high: high or critical): executed, loaded, opened, looked-up,"
    " present; critical, high, medium, low, negligible; act, attend, track. As they are: unknown,"
    " kev, fixable, any."
)

gate_options = _add(
    click.option(
        "--vex",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="VEX document to apply (OpenVEX, CSAF or CycloneDX).",
    ),
    click.option(
        "--ignore-file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help=(
            "Findings to leave out of counts and gates, each with its reason: careen's, Trivy's,"
            " Grype's or a plain list (docs/exceptions.md); default: .careenignore here, if there"
            " is one."
        ),
    ),
    click.option(
        "--fail-on",
        multiple=True,
        metavar="CONDITIONS",
        help="End with status 2 if a listed finding meets one. " + _CONDITIONS,
    ),
)

listing_options = _add(
    click.option("--ignore-unfixed", is_flag=True, help="Leave out findings without a known fix."),
    click.option(
        "--severity",
        metavar="LIST",
        help="Only these severities, exactly: critical,high,medium,low,negligible,unknown.",
    ),
    click.option(
        "--only",
        multiple=True,
        metavar="CONDITIONS",
        help=(
            "List only what meets one of these, in the words of --fail-on; given twice, both must"
            " hold."
        ),
    ),
)

destination_options = _add(
    click.option("-t", "--tag", metavar="TAG", help="Name of the result in the engine's store."),
    click.option(
        "--push",
        is_flag=True,
        help="Push the result to the registry of -t, in place of the engine's store.",
    ),
    click.option(
        "-o",
        "--output",
        "outputs",
        multiple=True,
        metavar="PLACE",
        help=(
            "Where else the result goes: docker://NAME, containers-storage:NAME, oci:DIR,"
            " docker-archive:FILE, ./FILE.tar; may be given several times."
        ),
    ),
)

attach_option = click.option(
    "--attach",
    is_flag=True,
    help="Attach SBOM, VEX and RBOM to the result in its registry, as OCI referrers.",
)

layer_options = _add(
    click.option(
        "--layers",
        type=click.Choice([scheme.value for scheme in LayerScheme]),
        help=(
            "original (default): the layers of IMAGE; shared: new layers, most of which the next"
            " version shares (docs/layers.md)."
        ),
    ),
    click.option(
        "--compression",
        type=click.Choice(["gzip", "zstd"]),
        help="Of the layers of an OCI layout or in a registry; default: gzip.",
    ),
)

unrunnable_option = click.option(
    "--unrunnable",
    type=click.Choice(["refuse", "keep", "derive"]),
    help=(
        "With several platforms: what becomes of one that cannot be run here. refuse (default):"
        " nothing is done; keep: it stays as it is; derive: without the packages that the platforms"
        " that ran do without (docs/platforms.md)."
    ),
)

_GLOBS = (
    "a name, KIND:NAME, a kind (deb, apk, rpm, pypi, conda, npm, maven), a purl or a finding's"
    " identifier, as a glob"
)

reach_options = _add(
    click.option(
        "--upgrade",
        type=click.Choice([reach.value for reach in Reach]),
        help=(
            "How far: minimal (the lowest version that closes the most), security (default: the"
            " newest of that one's X.Y line), latest (the newest)."
        ),
    ),
    click.option("--allow-major", is_flag=True, help="Allow new major versions."),
    click.option(
        "--policy",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help=(
            "Rules for single packages: hold, maximum version, how far to upgrade; each with its"
            " reason (TOML, docs/patch.md)."
        ),
    ),
)

patch_options = _add(
    reach_options,
    click.option(
        "--only",
        "patch_only",
        multiple=True,
        metavar="GLOB",
        help=f"Upgrade only these: {_GLOBS}.",
    ),
    click.option(
        "--exclude",
        "patch_exclude",
        multiple=True,
        metavar="GLOB",
        help="Do not upgrade these; same syntax as --only.",
    ),
    click.option(
        "--ignore-unfixed",
        "patch_ignore_unfixed",
        is_flag=True,
        help="Count findings without a known fix, but do not list them.",
    ),
    click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="LINE",
        help=(
            "Source of distribution packages, in place of the image's own: 'deb URI SUITE"
            " COMPONENT…', or a repository's base URL (apk, rpm)."
        ),
    ),
    click.option(
        "--source-key",
        "source_keys",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Key that signs a --source.",
    ),
    click.option(
        "--index-url", metavar="URL", help="Python package index, in place of the default one."
    ),
    click.option(
        "--find-links",
        multiple=True,
        metavar="DIR|URL",
        help="Additional source of Python packages, as in pip.",
    ),
    click.option("--no-index", is_flag=True, help="Ask no Python index: --find-links alone."),
    click.option(
        "--npm-registry", metavar="URL", help="npm registry, in place of the default one."
    ),
    click.option(
        "--maven", metavar="DIR|URL", help="Maven repository that upgraded jars come from."
    ),
    click.option(
        "--patch-env",
        multiple=True,
        metavar="NAME[=VALUE]",
        help=(
            "Variable for the package managers (proxies, credentials), never in the image; NAME"
            " alone takes the value it has here."
        ),
    ),
    click.option(
        "--ca",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Additional CA certificates (PEM) for the package managers.",
    ),
    click.option(
        "--allow-host",
        "allow_hosts",
        multiple=True,
        metavar="HOST[:PORT]",
        help=(
            "Host in a private network that careen may fetch from, though only the image's settings"
            " or a redirect name it."
        ),
    ),
    click.option(
        "--tooling",
        metavar="IMAGE",
        help="Image that provides the package manager for an IMAGE without one.",
    ),
    click.option(
        "--host-network",
        is_flag=True,
        help=(
            "Run programs of the image in the host network, for a source that is not reachable"
            " otherwise."
        ),
    ),
    click.option(
        "--offline",
        is_flag=True,
        help="No network for the package managers: local directories only.",
    ),
)
