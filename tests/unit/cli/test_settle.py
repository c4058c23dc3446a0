"""Options of the command line and careen.toml together: which one wins, and what is refused."""

import re
from pathlib import Path
from typing import Any

import pytest

from careen.cli import settle
from careen.errors import ConfigError, InputError
from careen.model.image import Platform
from careen.model.plan import Level
from careen.model.runs.exploration import Effort
from careen.model.runs.trace import SensorKind
from careen.model.runs.workload import ReadyDefault, TestCommand, TestPlace
from careen.pipeline.run.settings import Below
from careen.workload.configuration.project import ProjectConfig, load_config

TOML = """
image = "app:1"
engine = "embedded"
sensor = "fanotify"
platform = "linux/arm64"
level = "package"
keep = ["/project"]
remove = ["/gone"]
tag = "app:from-file"
explore = "deep"
min_adequacy = "70"
repair_rounds = 0
[workload.serve]
test = ["true"]
[workload.batch]
test = ["false"]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAREEN_WORKDIR", raising=False)
    return tmp_path


@pytest.fixture
def project(here: Path) -> ProjectConfig:
    (here / "careen.toml").write_text(TOML)
    return settle.load_project(None)


def test_careen_toml_of_this_directory_is_read_unless_another_one_is_named(here: Path) -> None:
    assert settle.load_project(None) == ProjectConfig()
    (here / "careen.toml").write_text('image = "here"')
    (here / "other.toml").write_text('image = "other"')
    assert settle.load_project(None).image == "here"
    assert settle.load_project(here / "other.toml").image == "other"
    with pytest.raises(ConfigError, match=r"gone\.toml: cannot be read"):
        settle.load_project(here / "gone.toml")


def test_an_image_is_named_by_the_command_line_or_the_file(project: ProjectConfig) -> None:
    assert settle.image("other:2", project) == "other:2"
    assert settle.image(None, project) == "app:1"
    with pytest.raises(InputError, match=r"no image: name one .* or set image in careen\.toml"):
        settle.image(None, ProjectConfig())


def test_settings_of_the_command_line_win(project: ProjectConfig, here: Path) -> None:
    of_file = settle.settings({}, project)
    assert (of_file.engine, of_file.sensor) == ("embedded", SensorKind.FANOTIFY)
    assert of_file.platform == Platform("linux", "arm64")
    given = {
        "engine": "docker",
        "sensor": "auto",
        "platform": "linux/amd64/v2",
        "work_dir": Path("work"),
        "no_cache": True,
    }
    ours = settle.settings(given, project)
    assert (ours.engine, ours.sensor, ours.cache) == ("docker", None, None)
    assert ours.platform == Platform("linux", "amd64", "v2")
    assert ours.work_root == here / "work"
    assert settle.settings({}, ProjectConfig()).engine == "auto"


@pytest.mark.parametrize(
    ("given", "wanted", "unrunnable"),
    [
        ({"platform": "all"}, (), "refuse"),
        ({"platform": "all", "unrunnable": "keep"}, (), "keep"),
        (
            {"platform": "linux/amd64,linux/arm64/v8", "unrunnable": "derive"},
            (Platform("linux", "amd64"), Platform("linux", "arm64", "v8")),
            "derive",
        ),
    ],
)
def test_several_platforms_are_a_wish_of_harden(
    given: dict[str, str], wanted: tuple[Platform, ...], unrunnable: str
) -> None:
    choice = settle.platforms(given, ProjectConfig())
    assert choice is not None
    assert (choice.wanted, choice.unrunnable.value) == (wanted, unrunnable)
    assert settle.settings(given, ProjectConfig(), several=True).platform is None
    with pytest.raises(InputError, match="takes one platform here; `careen harden` takes several"):
        settle.settings(given, ProjectConfig())


def test_several_platforms_may_stand_in_the_project_file() -> None:
    project = ProjectConfig(platform="all", unrunnable="derive")
    choice = settle.platforms({}, project)
    assert choice is not None
    assert choice.unrunnable.value == "derive"
    assert settle.platforms({"platform": "linux/arm64"}, project) is None


def test_one_platform_is_no_index() -> None:
    assert settle.platforms({}, ProjectConfig()) is None
    assert settle.platforms({"platform": "linux/arm64"}, ProjectConfig()) is None
    with pytest.raises(InputError, match="--unrunnable: is about several platforms"):
        settle.platforms({"platform": "linux/arm64", "unrunnable": "keep"}, ProjectConfig())


@pytest.mark.parametrize("text", [",", "linux/amd64,", "all,linux/amd64", "linux/amd64,x"])
def test_a_list_with_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected OS/ARCH"):
        settle.platforms({"platform": text}, ProjectConfig())


@pytest.mark.parametrize(
    "text", ["", "linux", "linux/", "/amd64", "a/b/c/d", "linux/am d", "l/\xb2"]
)
def test_a_platform_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        settle.parse_platform(text)
    assert str(caught.value) == (
        f"platform {text!r}: expected OS/ARCH or OS/ARCH/VARIANT, like linux/amd64"
    )


def test_globs_add_up_and_the_level_of_the_command_line_wins(
    project: ProjectConfig, here: Path
) -> None:
    (here / "list").write_text("/from-list\n# a comment\n/project\n")
    given = {"level": "observed", "keep": ("/own",), "keep_from": (here / "list",)}
    choices = settle.choices(given, project)
    assert choices.level is Level.OBSERVED
    assert choices.keep == ("/project", "/own", "/from-list")
    assert choices.remove == ("/gone",)
    assert settle.choices({}, project).level is Level.PACKAGE
    assert settle.choices({}, ProjectConfig()).level is Level.CLOSURE


@pytest.mark.parametrize("key", ["keep", "remove"])
def test_a_glob_that_is_none_is_refused_with_its_option(key: str) -> None:
    with pytest.raises(InputError, match=f"^{key} '/a/\\.\\./b': a glob must not contain"):
        settle.choices({key: ("/a/../b",)}, ProjectConfig())


def test_proof_takes_zero_for_a_number(project: ProjectConfig) -> None:
    proof = settle.proof({}, project)
    assert (proof.effort, proof.rounds, proof.minimum) == (Effort.DEEP, 0, 0.7)
    given = {
        "explore": "off",
        "repair_rounds": 5,
        "min_adequacy": "0",
        "below_adequacy": "refuse",
    }
    ours = settle.proof(given, project)
    assert (ours.effort, ours.below) == (Effort.OFF, Below.REFUSE)
    assert (ours.rounds, ours.minimum) == (5, 0.0)
    assert settle.proof({}, ProjectConfig()).minimum is None


@pytest.mark.parametrize(("text", "share"), [("80", 0.8), (" 12.5 % ", 0.125), ("100%", 1.0)])
def test_a_percentage_may_have_its_sign(text: str, share: float) -> None:
    assert settle.proof({"min_adequacy": text}, ProjectConfig()).minimum == share


@pytest.mark.parametrize(
    "text", ["", "-1", "101", "100.1", "half", "0.8.1", "1e1", "\u0668", "%", "1000"]
)
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a percentage from 0 to 100, like 80"):
        settle.proof({"min_adequacy": text}, ProjectConfig())


def test_a_destination_of_the_command_line_replaces_that_of_the_file(
    project: ProjectConfig,
) -> None:
    assert settle.destination({}, project).tag == "app:from-file"
    ours = settle.destination({"outputs": ("oci:out",)}, project)
    assert ours.tag is None
    assert [str(output.path) for output in ours.files] == ["out"]


@pytest.mark.parametrize(
    ("given", "toml", "within", "expected"),
    [
        ({"report_dir": "mine"}, 'report.dir = "theirs"', "serve", "mine"),
        ({}, 'report.dir = "theirs"', "", "theirs"),
        ({}, 'report.dir = "theirs"', "serve", "theirs/serve"),
        ({"tag": "registry.example:5000/a/b:1"}, "", "", "careen-out/registry.example_5000_a_b_1"),
        ({"outputs": ("oci:deep/out.dir",)}, "", "", "careen-out/out.dir"),
        ({}, "", "", "careen-out/app_1"),
        ({"tag": "../.."}, "", "", "careen-out/image"),
    ],
)
def test_reports_go_to_a_folder_that_is_named_like_the_result(
    given: dict[str, Any], toml: str, within: str, expected: str, here: Path
) -> None:
    (here / "careen.toml").write_text(toml)
    project = load_config(Path("careen.toml"))
    going = settle.destination(given, project)
    found = settle.report_directory(given, project, going, "app:1", within)
    assert found == Path(expected)


def test_workloads_of_the_file_are_all_or_the_named_ones(project: ProjectConfig) -> None:
    assert [each.name for each in settle.workloads({}, project)] == ["serve", "batch"]
    named = settle.workloads({"names": ("batch", "batch")}, project)
    assert [each.name for each in named] == ["batch"]
    with pytest.raises(ConfigError, match=r"workload 'gone': .* which has serve, batch"):
        settle.workloads({"names": ("serve", "gone")}, project)
    with pytest.raises(ConfigError, match=r"workload 'x': there is no careen\.toml with workloads"):
        settle.workloads({"names": ("x",)}, ProjectConfig())


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"tests": ("true",)}, "--test"),
        ({"read_only": True}, "--read-only"),
        ({"args": ("a",)}, "arguments after --"),
        ({"ready": "exit"}, "--ready"),
    ],
)
def test_a_workload_is_described_in_one_place(
    given: dict[str, Any], option: str, project: ProjectConfig
) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(option)}: belongs to a workload"):
        settle.workloads(given, project)


def test_options_describe_one_workload() -> None:
    given = {
        "tests": ("pytest",),
        "execs": ("self-test",),
        "held_tests": ("long",),
        "observe": "5m",
        "env": ("A=1",),
        "read_only": True,
        "test_timeout": "2h",
        "args": ["serve", "--port=1"],
    }
    (workload,) = settle.workloads(given, ProjectConfig())
    assert workload.tests == (
        TestCommand(TestPlace.HOST, "pytest"),
        TestCommand(TestPlace.CONTAINER, "self-test"),
    )
    assert workload.held_out == (TestCommand(TestPlace.HOST, "long"),)
    assert (workload.observe, workload.limits.test) == (300.0, 7200.0)
    assert (workload.run.env, workload.run.args) == (("A=1",), ("serve", "--port=1"))
    assert workload.run.read_only
    assert workload.ready == ReadyDefault()
    with pytest.raises(InputError, match="not a duration: 'soon'"):
        settle.workloads({"observe": "soon"}, ProjectConfig())


def test_without_options_nothing_is_described() -> None:
    nothing = {"tests": (), "read_only": False, "user": None, "args": ()}
    assert settle.described_by(nothing) is None
    assert settle.given_choices({"keep": (), "level": None}) is None
    assert settle.given_choices({"keep_symbols": True, "remove": ("/x",)}) == "--remove"


def test_a_database_is_used_if_it_exists_or_a_gate_needs_it(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAREEN_DB", str(here / "advisories.db"))
    assert settle.database({}, ProjectConfig()) is None
    assert settle.database({"fail_on": ("kev",)}, ProjectConfig()) == here / "advisories.db"
    assert settle.database({"db": Path("own.db")}, ProjectConfig()) == Path("own.db")
    (here / "advisories.db").touch()
    assert settle.database({}, ProjectConfig()) == here / "advisories.db"


def test_conditions_of_both_add_up(here: Path) -> None:
    (here / "careen.toml").write_text('[findings]\nfail_on = ["kev"]\nseverity = "high"\n')
    project = settle.load_project(None)
    policy = settle.judgement({"fail_on": ("executed-critical",)}, project)
    assert len(policy.fail_on) == 2
    assert len(policy.selection.severities) > 0
    assert policy.ignore_file is None
    (here / ".careenignore").write_text("")
    assert settle.judgement({}, project).ignore_file == Path(".careenignore")
    with pytest.raises(InputError):
        settle.judgement({"fail_on": ("sometimes",)}, project)


def test_an_empty_severity_is_refused_and_not_all_of_them() -> None:
    with pytest.raises(InputError, match=r"^--severity: '' is not a severity"):
        settle.judgement({"severity": ""}, ProjectConfig())


def test_an_empty_platform_is_refused_and_not_this_machines() -> None:
    """As a variable that a pipeline does not set: the image of another platform would be taken."""
    with pytest.raises(InputError, match=r"^platform '': expected OS/ARCH"):
        settle.settings({"platform": ""}, ProjectConfig())
