"""The choice of the engine, and what is said if none can be used."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.engines import sandbox
from careen.engines.client.client import DOCKER, PODMAN, Client
from careen.engines.client.engine import ClientEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.lack import Lack
from careen.engines.sandbox import copy_idle_program, sandbox_options
from careen.engines.select import EngineKind, choose_engine, engine_probes, usable_clients
from careen.errors import InputError, ToolError
from careen.tools.workspace import Workspace, workspace

DEAD = {
    "docker": Lack("no daemon", ("run as root", "start docker")),
    "podman": Lack("no podman", ("run as root", "install podman")),
    "embedded": Lack("no runc", ("install runc",)),
}


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    with workspace(tmp_path / "work", {}) as opened:
        yield opened


def machine(monkeypatch: pytest.MonkeyPatch, *usable: str) -> None:
    """Let these engines be usable, and the others not, with the reasons of `DEAD`."""
    why = {name: None if name in usable else reason for name, reason in DEAD.items()}
    monkeypatch.setattr(Client, "probe", lambda client, **_: why[client.name])
    monkeypatch.setattr(EmbeddedEngine, "probe", staticmethod(lambda: why["embedded"]))


@pytest.mark.parametrize(
    ("kind", "usable", "chosen"),
    [
        (EngineKind.AUTO, ("docker", "podman", "embedded"), "docker"),
        (EngineKind.AUTO, ("podman", "embedded"), "podman"),
        (EngineKind.AUTO, ("embedded",), "embedded"),
        (EngineKind.AUTO, ("docker",), "docker"),
        (EngineKind.AUTO, ("podman",), "podman"),
        (EngineKind.DOCKER, ("docker",), "docker"),
        (EngineKind.PODMAN, ("docker", "podman", "embedded"), "podman"),
        (EngineKind.PODMAN, ("podman",), "podman"),
        (EngineKind.EMBEDDED, ("docker", "podman", "embedded"), "embedded"),
        (EngineKind.EMBEDDED, ("embedded",), "embedded"),
    ],
)
def test_docker_is_first_then_podman_unless_the_user_says_otherwise(
    kind: EngineKind,
    usable: tuple[str, ...],
    chosen: str,
    monkeypatch: pytest.MonkeyPatch,
    space: Workspace,
) -> None:
    machine(monkeypatch, *usable)
    engine = choose_engine(kind, space)
    assert engine.name == chosen
    assert type(engine) is (EmbeddedEngine if chosen == "embedded" else ClientEngine)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (
            EngineKind.AUTO,
            (
                "docker: no daemon; podman: no podman; embedded: no runc; ",
                "; run as root, or start docker, or install podman, or install runc",
            ),
        ),
        (
            EngineKind.DOCKER,
            (
                "engine docker cannot be used: no daemon; run as root, or start docker, or use",
                "--engine embedded",
            ),
        ),
        (EngineKind.PODMAN, ("engine podman cannot be used: no podman", "--engine embedded")),
        (EngineKind.EMBEDDED, ("engine embedded cannot be used: no runc", "--engine docker")),
    ],
)
def test_the_message_names_the_reason_and_the_remedy(
    kind: EngineKind, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, space: Workspace
) -> None:
    machine(monkeypatch)
    with pytest.raises(ToolError) as caught:
        choose_engine(kind, space)
    assert all(word in str(caught.value) for word in words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [EngineKind.DOCKER, EngineKind.PODMAN, EngineKind.EMBEDDED])
def test_a_requested_engine_is_not_replaced_by_another(
    kind: EngineKind, monkeypatch: pytest.MonkeyPatch, space: Workspace
) -> None:
    machine(monkeypatch, *(name for name in DEAD if name != kind.value))
    with pytest.raises(ToolError, match=f"engine {kind.value} cannot be used"):
        choose_engine(kind, space)


def test_probes_give_a_remedy_only_where_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "docker")
    docker, podman, embedded = engine_probes()
    assert (docker.name, docker.usable, docker.detail, docker.remedy) == (
        "docker",
        True,
        "usable",
        "",
    )
    assert (podman.name, podman.usable, podman.detail) == ("podman", False, "no podman")
    assert podman.remedy == "run as root, or install podman"
    assert (embedded.name, embedded.usable, embedded.detail) == ("embedded", False, "no runc")
    assert embedded.remedy == "install runc"


@pytest.mark.parametrize(
    ("kind", "usable", "found"),
    [
        (EngineKind.AUTO, ("docker", "podman"), (DOCKER, PODMAN)),
        (EngineKind.AUTO, ("podman",), (PODMAN,)),
        (EngineKind.EMBEDDED, ("docker", "podman", "embedded"), (DOCKER, PODMAN)),
        (EngineKind.DOCKER, ("docker", "podman"), (DOCKER,)),
        (EngineKind.PODMAN, ("docker", "podman"), (PODMAN,)),
    ],
)
def test_names_of_images_are_looked_up_in_docker_s_store_then_in_podman_s(
    kind: EngineKind,
    usable: tuple[str, ...],
    found: tuple[Client, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine(monkeypatch, *usable)
    assert tuple(usable_clients(kind)) == found


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (
            EngineKind.AUTO,
            "docker cannot be used: no daemon, and podman cannot be used: no podman",
        ),
        (EngineKind.DOCKER, "docker cannot be used: no daemon"),
        (EngineKind.PODMAN, "podman cannot be used: no podman"),
    ],
)
def test_without_a_store_the_reasons_are_said(
    kind: EngineKind, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(monkeypatch, "embedded")
    with pytest.raises(ToolError) as caught:
        list(usable_clients(kind))
    assert str(caught.value) == f"{words} (`careen doctor` says what to do)"


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
    with pytest.raises(ToolError, match=r"init program is missing.*`python scripts/programs.py`"):
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
