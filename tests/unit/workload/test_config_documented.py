"""docs/careen-toml.md names every key that careen.toml may have, and every key has its option."""

from pathlib import Path

from careen.cli.verbs.harden import command
from careen.workload.configuration import ci as config_ci
from careen.workload.configuration import project as config
from careen.workload.configuration import workload as config_workload

PAGE = (
    (Path(__file__).parents[3] / "docs" / "careen-toml.md")
    .read_text(encoding="utf-8")
    .partition("## Keys")[2]
)
OF_THE_COMMAND_ALONE = {
    "--work-dir",
    "--no-cache",
    "--dry-run",
    "--if-changed",
    "--fips",
    "--fips-module",
    "--fips-cert",
    "--fips-certificates",
    "--like",
    "--fedramp-service",
    "--with-events",
    "--config",
    "--quiet",
    "--json",
    "--workload",
    "--report-dir",
    "--push",
    "--attach",
    "--pull",
    "--tls-verify",
}


def test_every_key_is_documented() -> None:
    keys = [*config._KEYS, *config_workload._KEYS]
    assert [key for key in keys if f"`{key}`" not in PAGE and f"`{key}." not in PAGE] == []


def test_every_key_of_a_pipeline_is_on_its_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "ci.md").read_text(encoding="utf-8")
    table = page.partition("## Keys of `[ci]`")[2].partition("\n## ")[0]
    assert [key for key in config_ci._KEYS if f"`{key}`" not in table] == []


def test_every_option_of_harden_is_on_the_page() -> None:
    named = PAGE.replace(
        "`user`, `read_only`, `gpus`, `shm_size`, `entrypoint`",
        "--user --read-only --gpus --shm-size --entrypoint",
    )
    missing = [
        option.opts
        for option in command.params
        if option.param_type_name == "option"
        and not any(f"{word}" in named for word in option.opts)
    ]
    assert [opts for opts in missing if OF_THE_COMMAND_ALONE.isdisjoint(opts)] == []
