"""What `careen ci` is asked for, by careen.toml and by a command that does it for a list."""

from dataclasses import replace
from pathlib import Path

import pytest

from careen.cli import settle
from careen.cli.settle_ci import ci_request
from careen.errors import ConfigError
from careen.model.integration import Mode
from careen.pipeline.integrating.request import CiRequest
from careen.workload.configuration.project import ProjectConfig

TOML = '[ci]\ncache = "kept"\nevidence = "report"\n[workload.serve]\nready = "/"\ntest = ["true"]\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectConfig:
    monkeypatch.chdir(tmp_path)
    Path("careen.toml").write_text(TOML)
    return settle.load_project(None)


def asked(project: ProjectConfig, **more: object) -> CiRequest:
    given = {"mode": Mode.HARDEN.value, "name": "web", "key": None, "again": False}
    given |= {"tag": "web:hardened", "patch": False, "push": False}
    return ci_request("web:1", given | more, project)


def test_places_of_careen_toml_are_those_of_its_own_pipeline(
    project: ProjectConfig, tmp_path: Path
) -> None:
    alone, listed = asked(project), asked(project, cache=tmp_path / "fleet")
    assert (alone.folder, alone.evidence) == (Path("kept/web"), Path("report"))
    assert listed.folder == tmp_path / "fleet/web"
    assert listed.evidence == tmp_path / "fleet/web/evidence"


def test_every_key_of_a_list_is_a_name(project: ProjectConfig) -> None:
    assert asked(project, name="a" * 60 + "-" + "0" * 12).name.startswith("a")


def test_a_missing_workload_is_told_with_the_file_that_it_belongs_in(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"describe one as \[workload.NAME\] in careen.toml \("):
        asked(replace(settle.load_project(None), workloads=()), cache=tmp_path)
