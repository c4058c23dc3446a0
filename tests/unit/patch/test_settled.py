"""What the options of upgrades and careen.toml come to together."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from careen.cli.options import patch_options
from careen.cli.settle import patch_choices, patch_wishes, refuse_patch_options
from careen.errors import ConfigError, InputError
from careen.model.patching import PatchChoices, Reach
from careen.patch.policy import Policy
from careen.workload.configuration.patch import PatchConfig
from careen.workload.configuration.project import ProjectConfig, load_config

TABLE = """
[patch]
reach = "minimal"
allow_major = true
only = ["pypi"]
exclude = "pypi:torch*"
ignore_unfixed = true
policy = "policy.toml"
sources = ["deb https://mirror.example.org trixie main"]
keys = ["mirror.asc"]
python_index = "https://index.example.org/simple"
find_links = ["wheels", "https://wheels.example.org"]
no_index = true
npm_registry = "https://npm.example.org"
maven = "repository"
environment = ["TOKEN", "A=b=c"]
certificates = "ca.pem"
allow_hosts = ["files.example.org:8443"]
tooling = "debian:trixie"
online = false
"""


def given(*words: str) -> Mapping[str, Any]:
    """What click makes of the options."""
    out: dict[str, Any] = {}

    @click.command()
    @patch_options
    def command(**options: Any) -> None:
        out.update(options)

    done = CliRunner().invoke(command, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture
def project(tmp_path: Path) -> ProjectConfig:
    for name in ("mirror.asc", "ca.pem"):
        (tmp_path / name).write_text("x")
    for name in ("wheels", "repository"):
        (tmp_path / name).mkdir()
    (tmp_path / "policy.toml").write_text('[[rule]]\nmatch = "x"\nhold = true\nreason = "r"\n')
    (tmp_path / "careen.toml").write_text(TABLE)
    return load_config(tmp_path / "careen.toml")


def test_without_a_word_it_is_the_default() -> None:
    assert patch_choices(dict(given()), ProjectConfig()) == PatchChoices()
    assert patch_wishes({**given(), "squash": True}, ProjectConfig()).squash
    assert patch_wishes(dict(given()), ProjectConfig()).policy == Policy()
    assert PatchConfig() == ProjectConfig().patch


def test_the_table_says_the_same_as_the_options(
    project: ProjectConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    expected = PatchChoices(
        reach=Reach.MINIMAL,
        allow_major=True,
        only=("pypi",),
        exclude=("pypi:torch*",),
        ignore_unfixed=True,
        sources=("deb https://mirror.example.org trixie main",),
        keys=(str(tmp_path / "mirror.asc"),),
        python_index="https://index.example.org/simple",
        find_links=(str(tmp_path / "wheels"), "https://wheels.example.org"),
        no_index=True,
        npm_registry="https://npm.example.org",
        maven=str(tmp_path / "repository"),
        environment=("TOKEN=secret", "A=b=c"),
        certificates=str(tmp_path / "ca.pem"),
        allowed_hosts=("files.example.org:8443",),
        tooling="debian:trixie",
        online=False,
    )
    assert patch_choices(dict(given()), project) == expected
    words = [
        *(
            "--upgrade",
            "minimal",
            "--allow-major",
            "--only",
            "pypi",
            "--exclude",
            "pypi:torch*",
            "--ignore-unfixed",
            "--no-index",
            "--offline",
        ),
        *(
            "--source",
            "deb https://mirror.example.org trixie main",
            "--source-key",
            str(tmp_path / "mirror.asc"),
        ),
        *(
            "--index-url",
            "https://index.example.org/simple",
            "--find-links",
            str(tmp_path / "wheels"),
            "--find-links",
            "https://wheels.example.org",
        ),
        *(
            "--npm-registry",
            "https://npm.example.org",
            "--maven",
            str(tmp_path / "repository"),
            "--patch-env",
            "TOKEN",
            "--patch-env",
            "A=b=c",
        ),
        *("--ca", str(tmp_path / "ca.pem"), "--tooling", "debian:trixie"),
        *("--allow-host", "files.example.org:8443"),
    ]
    assert patch_choices(dict(given(*words)), ProjectConfig()) == expected
    assert [rule.where for rule in patch_wishes(dict(given()), project).policy.rules] == [
        f"{tmp_path}/policy.toml:2"
    ]
    assert "secret" not in repr(expected)


def test_lists_add_up_and_single_values_are_the_command_lines(
    project: ProjectConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "x")
    both = patch_choices(
        dict(
            given(
                "--upgrade",
                "latest",
                "--only",
                "npm",
                "--source",
                "other",
                "--index-url",
                "https://i2.example.org",
            )
        ),
        project,
    )
    assert (both.reach, both.only, both.sources, both.python_index) == (
        Reach.LATEST,
        ("pypi", "npm"),
        ("other",),
        "https://i2.example.org",
    )


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--source-key", "none.asc"), "--source-key none.asc: no such file"),
        (("--ca", "none.pem"), "--ca none.pem: no such file"),
        (("--find-links", "nowhere"), "--find-links nowhere: no such directory, and no URL"),
        (("--maven", "nowhere"), "--maven nowhere: no such directory, and no URL"),
        (
            ("--patch-env", "NOT_SET_HERE"),
            "--patch-env NOT_SET_HERE: not set here; set it, or give NOT_SET_HERE=VALUE",
        ),
        (
            ("--patch-env", "1a=hush"),
            "--patch-env: expected NAME or NAME=VALUE, got a name of '1a'",
        ),
        (
            ("--allow-host", "https://x.example/"),
            "--allow-host: expected HOST or HOST:PORT, got 'https://x.example/'",
        ),
        (
            ("--allow-host", "x.example:http"),
            "--allow-host: expected HOST or HOST:PORT, got 'x.example:http'",
        ),
        (("--allow-host", ""), "--allow-host: expected HOST or HOST:PORT, got ''"),
        (("--only", "*********"), "--only: a glob has 1 to 500 characters and at most 8 stars"),
    ],
)
def test_a_wrong_word_is_refused_before_anything_is_done(
    words: tuple[str, ...], complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as raised:
        patch_choices(dict(given(*words)), ProjectConfig())
    assert str(raised.value).startswith(complaint)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (
            'reach = "far"',
            r":2: patch\.reach: expected one of minimal, security, latest, got 'far'",
        ),
        (
            'python_indx = "x"',
            r":2: patch\.python_indx: unknown key; did you mean 'python_index'\?",
        ),
        ("online = 1", r":2: patch\.online: expected true or false, got 1 \(integer\)"),
    ],
)
def test_a_mistake_in_the_table_is_told_with_its_line(
    table: str, complaint: str, tmp_path: Path
) -> None:
    file = tmp_path / "careen.toml"
    file.write_text(f"[patch]\n{table}\n")
    with pytest.raises(ConfigError, match=complaint):
        load_config(file)


def test_every_option_of_upgrades_is_refused_where_none_are_asked_for() -> None:
    @click.command()
    @patch_options
    def command() -> None:
        """Hold the options."""

    refuse_patch_options(dict(given()))
    for option in command.params:
        assert isinstance(option, click.Option)
        value = "latest" if isinstance(option.type, click.Choice) else "value"
        with pytest.raises(InputError, match=f"^{option.opts[0]}: .* add --patch"):
            refuse_patch_options(dict(given(option.opts[0], *(() if option.is_flag else (value,)))))


@pytest.mark.parametrize(
    ("option", "place"),
    [
        ("--maven", "ftp://user:word@example.org/m2"),
        ("--maven", "file:///nowhere"),
        ("--find-links", "gopher://x"),
    ],
)
def test_an_address_that_nobody_asks_is_refused_and_credentials_are_not_shown(
    option: str, place: str
) -> None:
    with pytest.raises(
        InputError,
        match=(
            f"^{option} {place.replace('user:word@', '')}: no such directory, and no URL that"
            " begins"
        ),
    ):
        patch_choices(dict(given(option, place)), ProjectConfig())


def test_a_policy_that_is_not_there_is_named_with_its_option() -> None:
    with pytest.raises(InputError, match=r"--policy none\.toml: no such file"):
        patch_wishes(dict(given("--policy", "none.toml")), ProjectConfig())
