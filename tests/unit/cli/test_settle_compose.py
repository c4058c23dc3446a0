"""Which services a command works on, by `--compose`, `--service` and careen.toml."""

import json
from pathlib import Path
from typing import Any

import pytest

from careen.cli.settle import workloads
from careen.cli.settle_compose import service_groups
from careen.engines.compose import file
from careen.engines.compose.file import ComposeFile
from careen.errors import InputError
from careen.model.runs.compose import ComposeService
from careen.model.runs.workload import RunOptions, TestCommand, TestPlace, Workload
from careen.workload.configuration.project import ProjectConfig

DOCUMENT = {
    "name": "shop",
    "services": {
        "api": {"image": "one", "ports": [{"target": 80}], "depends_on": {"db": {}}},
        "worker": {"image": "one"},
        "web": {"build": {"context": "."}},
        "db": {"image": "db"},
    },
}
GIVEN: dict[str, Any] = {"compose_files": (Path("c.yaml"),), "tests": ("true",)}
TEST = (TestCommand(TestPlace.HOST, "true"),)


@pytest.fixture(autouse=True)
def compose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose as if it had read DOCUMENT."""
    read = ComposeFile(json.dumps(DOCUMENT))
    monkeypatch.setattr(file, "read_compose", lambda _: read)


def project(*services: str) -> ProjectConfig:
    """A careen.toml with a workload for each service; "" has none."""
    made = tuple(
        Workload(
            f"w{number}",
            tests=TEST,
            run=RunOptions(compose=ComposeService(name) if name else None),
        )
        for number, name in enumerate(services)
    )
    return ProjectConfig(workloads=made, compose=(Path("c.yaml"),))


def test_services_of_one_image_are_hardened_together() -> None:
    groups = service_groups({**GIVEN, "services": ("api", "worker", "web")}, ProjectConfig(), None)
    assert [(group.services, group.image, group.built) for group in groups] == [
        (("api", "worker"), "one", ()),
        (("web",), "shop-web", ("web",)),
    ]
    assert [workload.name for workload in groups[0].workloads] == ["api", "worker"]
    assert groups[0].workloads[0].run.ports == ("127.0.0.1::80",)
    assert groups[0].beside == ("api", "db", "web")


def test_the_workloads_of_careen_toml_name_their_services() -> None:
    groups = service_groups({}, project("api", "db"), None)
    assert [group.services for group in groups] == [("api",), ("db",)]
    (only,) = service_groups({"services": ("db",)}, project("api", "db"), None)
    assert only.services == ("db",)
    (only,) = service_groups({"services": ("db",)}, project(""), None)
    assert only.services == ("db",)


def test_an_image_on_the_command_line_is_run_as_the_service() -> None:
    (only,) = service_groups({**GIVEN, "services": ("api",)}, ProjectConfig(), "other:2")
    assert (only.services, only.image) == (("api",), "other:2")
    with pytest.raises(InputError, match="leave IMAGE out"):
        service_groups({**GIVEN, "services": ("api", "db")}, ProjectConfig(), "other:2")


@pytest.mark.parametrize(
    ("given", "config", "said"),
    [
        ({"services": ("api",)}, ProjectConfig(), "name the file with --compose"),
        (GIVEN, ProjectConfig(), "the file has api, worker, web, db"),
        ({**GIVEN, "services": ("nix",)}, ProjectConfig(), "service 'nix': not in the compose"),
        ({"services": ("db",)}, project("api"), "no workload of careen.toml is of it"),
        ({}, project(""), "has no service"),
    ],
)
def test_a_wrong_service_is_refused(
    given: dict[str, Any], config: ProjectConfig, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        service_groups(given, config, None)


def test_without_compose_there_are_no_services() -> None:
    assert service_groups({}, ProjectConfig(), None) == ()


def test_other_verbs_run_the_workload_in_its_service() -> None:
    (only,) = workloads({}, project("db"))
    assert only.run.compose is not None
    assert json.loads(only.run.compose.document) == DOCUMENT
    with pytest.raises(InputError, match="names no compose file"):
        workloads({}, ProjectConfig(workloads=project("db").workloads))
