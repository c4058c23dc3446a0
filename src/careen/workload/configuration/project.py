"""Reader of `careen.toml`: the workloads of an image and the settings of a run."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from careen.errors import InputError
from careen.model.plan import Level
from careen.model.runs.exploration import Effort
from careen.model.runs.noise import parse_noise
from careen.model.runs.workload import Workload
from careen.tools.toml.file import load_toml
from careen.tools.toml.table import Table
from careen.workload.configuration.ci import CiConfig, read_ci
from careen.workload.configuration.patch import PatchConfig, read_patch
from careen.workload.configuration.workload import read_workload

MAX_BYTES = 1 << 20
ENGINES = ("auto", "docker", "podman", "embedded")
COMPRESSIONS = ("gzip", "zstd")
LAYERS = ("original", "shared")
SENSORS = ("auto", "ebpf", "fanotify")
UNRUNNABLE = ("refuse", "keep", "derive")
MAX_ROUNDS = 50
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")
_KEYS = (
    "below_adequacy",
    "ci",
    "compose",
    "compression",
    "engine",
    "explore",
    "findings",
    "image",
    "keep",
    "keep_from",
    "keep_symbols",
    "layers",
    "level",
    "min_adequacy",
    "output",
    "patch",
    "platform",
    "remove",
    "repair_rounds",
    "report",
    "rules",
    "sensor",
    "tag",
    "unrunnable",
    "verify",
    "workload",
)
_FINDINGS_KEYS = ("database", "fail_on", "ignore_file", "ignore_unfixed", "only", "severity", "vex")


@dataclass(frozen=True, slots=True)
class FindingsConfig:
    """The table `findings`.

    Paths are joined to careen.toml's directory; other values are as on the command line.
    """

    database: Path | None = None
    vex: tuple[Path, ...] = ()
    ignore_file: Path | None = None
    ignore_unfixed: bool = False
    severity: str | None = None
    only: tuple[str, ...] = ()
    fail_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectConfig:
    """The content of `careen.toml`; None or empty for missing settings.

    Paths in `keep_from`, `rules`, `compose` and `report_dir` are joined to the file's directory;
    `image` and `output` are as on the command line.
    """

    workloads: tuple[Workload, ...] = ()
    image: str | None = None
    tag: str | None = None
    output: tuple[str, ...] = ()
    platform: str | None = None
    unrunnable: str | None = None
    level: Level | None = None
    keep: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    keep_from: tuple[Path, ...] = ()
    keep_symbols: bool = False
    rules: tuple[Path, ...] = ()
    sensor: str | None = None
    engine: str | None = None
    layers: str | None = None
    compression: str | None = None
    report_dir: Path | None = None
    findings: FindingsConfig = field(default_factory=FindingsConfig)
    explore: str | None = None
    min_adequacy: str | None = None
    below_adequacy: str | None = None
    repair_rounds: int | None = None
    noise: tuple[str, ...] = ()
    patch: PatchConfig = field(default_factory=PatchConfig)
    ci: CiConfig = field(default_factory=CiConfig)
    compose: tuple[Path, ...] = ()


def load_config(path: Path) -> ProjectConfig:
    """Read and validate a careen.toml of at most 1 MiB.

    Raises ConfigError: `careen.toml:14: workload.serve.ready: expected text, got 5 (integer)`.
    """
    root = load_toml(path, MAX_BYTES)
    root.only(_KEYS)
    report = root.table("report")
    report.only(("dir",))
    directory = report.text("dir")
    level = _choice(root, "level", tuple(level.value for level in Level))
    return ProjectConfig(
        workloads=_workloads(root.table("workload")),
        image=root.text("image"),
        tag=root.text("tag"),
        output=root.texts("output"),
        platform=root.text("platform"),
        unrunnable=_choice(root, "unrunnable", UNRUNNABLE),
        level=Level(level) if level else None,
        keep=root.texts("keep"),
        remove=root.texts("remove"),
        keep_from=tuple(path.parent / item for item in root.texts("keep_from")),
        keep_symbols=root.flag("keep_symbols"),
        rules=tuple(path.parent / item for item in root.texts("rules")),
        sensor=_choice(root, "sensor", SENSORS),
        engine=_choice(root, "engine", ENGINES),
        layers=_choice(root, "layers", LAYERS),
        compression=_choice(root, "compression", COMPRESSIONS),
        report_dir=path.parent / directory if directory else None,
        findings=_findings(root.table("findings"), path.parent),
        explore=_choice(root, "explore", tuple(effort.value for effort in Effort)),
        min_adequacy=root.text_or_number("min_adequacy"),
        below_adequacy=_choice(root, "below_adequacy", ("package", "refuse")),
        repair_rounds=_rounds(root),
        noise=_noise(root.table("verify")),
        patch=read_patch(root.table("patch"), path.parent),
        ci=read_ci(root.table("ci"), path.parent),
        compose=tuple(path.parent / item for item in root.texts("compose")),
    )


def _rounds(root: Table) -> int | None:
    value = root.values.get("repair_rounds")
    if value is not None and (type(value) is not int or not 0 <= value <= MAX_ROUNDS):
        root.fail("repair_rounds", f"expected a number from 0 to {MAX_ROUNDS}, got {value!r}")
    return value


def _noise(table: Table) -> tuple[str, ...]:
    table.only(("noise",))
    patterns = table.texts("noise")
    for number, pattern in enumerate(patterns):
        try:
            parse_noise(pattern)
        except InputError as error:
            table.document.fail((*table.place, "noise", number), str(error))
    return patterns


def _findings(table: Table, directory: Path) -> FindingsConfig:
    table.only(_FINDINGS_KEYS)
    database, ignore_file = table.text("database"), table.text("ignore_file")
    return FindingsConfig(
        database=directory / database if database else None,
        vex=tuple(directory / item for item in table.texts("vex")),
        ignore_file=directory / ignore_file if ignore_file else None,
        ignore_unfixed=table.flag("ignore_unfixed"),
        severity=table.text("severity"),
        only=table.texts("only"),
        fail_on=table.texts("fail_on"),
    )


def _choice(table: Table, key: str, allowed: tuple[str, ...]) -> str | None:
    value = table.text(key)
    if value is not None and value not in allowed:
        table.fail(key, f"expected one of {', '.join(allowed)}, got {value!r}")
    return value


def _workloads(table: Table) -> tuple[Workload, ...]:
    out: list[Workload] = []
    for name, below in table.tables():
        if not _NAME.match(name):
            table.fail(
                name, "not a workload name; expected letters, digits, '_', '.' and '-', 64 at most"
            )
        out.append(read_workload(name, below))
    return tuple(out)
