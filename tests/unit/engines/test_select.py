"""The choice of the engine, and what is said if none can be used."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from careen.engines.docker.engine import DockerEngine

from careen.engines import sandbox
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.sandbox import copy_idle_program, sandbox_options
from careen.engines.select import EngineKind, choose_engine, engine_probes
from careen.errors import InputError, ToolError
from careen.tools.workspace import Workspace, workspace


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    with workspace(tmp_path / "work", {}) as opened:
        yield opened


def machine(
    monkeypatch: pytest.MonkeyPatch, *, docker: str | None = None, embedded: str | None = None
) -> None:
    """Let each engine be usable, or not with this reason."""
    monkeypatch.setattr(DockerEngine, "probe", staticmethod(lambda: docker))
    monkeypatch.setattr(EmbeddedEngine, "probe", staticmethod(lambda: embedded))


@pytest.mark.parametrize(
    ("kind", "docker", "embedded", "chosen"),
    [
        (EngineKind.AUTO, None, None, DockerEngine),
        (EngineKind.AUTO, "no daemon", None, EmbeddedEngine),
        (EngineKind.AUTO, None, "no runc", DockerEngine),
        (EngineKind.DOCKER, None, "no runc", DockerEngine),
        (EngineKind.EMBEDDED, "no daemon", None, EmbeddedEngine),
    ],
)
def test_docker_is_first_unless_the_user_says_otherwise(
    kind: EngineKind,
    docker: str | None,
    embedded: str | None,
    chosen: type[object],
    monkeypatch: pytest.MonkeyPatch,
    space: Workspace,
) -> None:
    machine(monkeypatch, docker=docker, embedded=embedded)
    assert type(choose_engine(kind, space)) is chosen


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (EngineKind.AUTO, ("docker: no daemon", "embedded: no runc", "docker.io", "as root")),
        (EngineKind.DOCKER, ("engine docker cannot be used: no daemon", "--engine embedded")),
        (EngineKind.EMBEDDED, ("engine embedded cannot be used: no runc", "--engine docker")),
    ],
)
def test_the_message_names_the_reason_and_the_remedy(
    kind: EngineKind, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, space: Workspace
) -> None:
    machine(monkeypatch, docker="no daemon", embedded="no runc")
    with pytest.raises(ToolError) as caught:
        choose_engine(kind, space)
    assert all(word in str(caught.value) for word in words)


def test_a_requested_engine_is_not_replaced_by_the_other(
    monkeypatch: pytest.MonkeyPatch, space: Workspace
) -> None:
    machine(monkeypatch, docker="no daemon")
    with pytest.raises(ToolError):
        choose_engine(EngineKind.DOCKER, space)


def test_probes_give_a_remedy_only_where_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, embedded="no runc")
    docker, embedded = engine_probes()
    assert (docker.name, docker.usable, docker.detail, docker.remedy) == (
        "docker",
        True,
        "usable",
        "",
    )
    assert (embedded.usable, embedded.detail) == (False, "no runc")
    assert "apt-get install runc" in embedded.remedy


def test_a_sandbox_shares_one_directory_and_runs_as_root(tmp_path: Path) -> None:
    options = sandbox_options(tmp_path, network="none")
    assert options.volumes == (f"{tmp_path}:{sandbox.INSIDE}",)
    assert (options.user, options.network) == ("0:0", "none")
    assert options.entrypoint == f"{sandbox.INSIDE}/hold"


def test_a_directory_with_a_colon_cannot_be_shared(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a path with a colon cannot be shared.*--work-dir"):
        sandbox_options(tmp_path / "a:b", network=None)


def test_the_idle_program_is_copied_executable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "built"
    program.write_bytes(b"\x7fELF")
    monkeypatch.setattr(sandbox, "hold_path", lambda: program)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    copy_idle_program(scratch)
    assert (scratch / "hold").read_bytes() == b"\x7fELF"
    assert (scratch / "hold").stat().st_mode & 0o777 == 0o755


def test_an_idle_program_that_was_not_built_says_how_to_build_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "hold_path", lambda: tmp_path / "none")
    with pytest.raises(ToolError, match=r"init program is missing.*sandbox_hold/build.py"):
        copy_idle_program(tmp_path)


def test_a_directory_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "built"
    program.touch()
    monkeypatch.setattr(sandbox, "hold_path", lambda: program)
    (tmp_path / "file").touch()
    with pytest.raises(ToolError, match="Not a directory; free some space") as caught:
        copy_idle_program(tmp_path / "file")
    assert str(tmp_path / "file") in str(caught.value)
