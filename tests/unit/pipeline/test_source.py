"""What is said of an image that cannot be opened."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.engines.client.client import Client
from careen.engines.client.engine import ClientEngine
from careen.engines.lack import Lack
from careen.errors import InputError, ToolError
from careen.model.image import Platform
from careen.oci.reference import EngineImage
from careen.pipeline.run.known_images import Place
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Pull, Settings
from careen.pipeline.run.source import Located, is_lasting, open_source
from careen.report.terminal_output.progress import SilentProgress
from tests.support.images import file, layer, oci_layout


def refusal(
    text: str,
    folder: Path,
    kind: type[Exception] = InputError,
    settings: Settings | None = None,
) -> str:
    chosen = settings or Settings(folder / "work")
    with session(chosen, SilentProgress()) as run, pytest.raises(kind) as caught:
        open_source(text, run)
    return str(caught.value)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a file and a layout, and a docker that knows no image."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.tar").touch()
    (tmp_path / "layout").mkdir()
    (tmp_path / "layout" / "oci-layout").touch()
    (tmp_path / "web").mkdir()

    def unknown(_self: ClientEngine, name: str) -> tuple[str, tuple[str, ...]]:
        message = f"no image {name!r} in docker's store"
        raise InputError(message)

    monkeypatch.setattr(Client, "probe", lambda _, **__: None)
    monkeypatch.setattr(ClientEngine, "resolve", unknown)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "b.tar",
            (
                "image 'b.tar': a plain name is one of an engine's store or of a registry, and this is"
                " a file: name it ./b.tar"
            ),
        ),
        (
            "layout",
            (
                "image 'layout': a plain name is one of an engine's store or of a registry, and this"
                " is an OCI image layout: name it ./layout"
            ),
        ),
        ("docker-archive:nope.tar", "'nope.tar': No such file or directory; check the path"),
        ("oci:nope", "'nope': not a directory with an OCI image layout; check the path"),
    ],
)
def test_what_is_not_there_is_told_with_what_to_type(here: Path, text: str, said: str) -> None:
    assert refusal(text, here) == said


@pytest.mark.parametrize(
    ("text", "way"),
    [("podman:web", "type containers-storage:web"), ("registry:3", "type docker://3")],
)
def test_a_name_that_docker_lacks_may_mean_another_store(here: Path, text: str, way: str) -> None:
    assert refusal(text, here) == f"image {text!r}: not found in the engine's store; {way}"


def test_a_file_is_told_as_one_without_a_daemon_too(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Client, "probe", lambda _, **__: Lack("no daemon answers", ()))
    assert "name it ./b.tar" in refusal("b.tar", here)


@pytest.mark.skopeo
def test_a_name_that_docker_lacks_is_asked_of_its_registry(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "asking the registry for docker://docker.io/library/web:latest: registry docker.io is"
    said = refusal("web", here, ToolError)
    assert said.startswith(f"image 'web': no engine's store has it; {asked} blocked in ")
    monkeypatch.setattr(Client, "probe", lambda _, **__: Lack("no daemon answers", ()))
    said = refusal("web", here, ToolError)
    assert said.startswith("image 'web': docker cannot be used: no daemon answers, and podman")
    assert f"; {asked}" in said
    long = refusal("a" * 300, here, ToolError)
    assert "docker.io/library/aaa" in long


@pytest.mark.skopeo
@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_the_one_store_that_was_asked_is_named(here: Path, engine: str) -> None:
    said = refusal("web", here, ToolError, Settings(here / "work", engine=engine))
    asked = f"{engine}'s store, the only one asked (--engine), does not have it"
    assert said.startswith(f"image 'web': {asked}; asking the registry for ")


def test_no_registry_is_asked_for_an_id_or_if_the_user_says_never(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = Settings(here / "work", pull=Pull.NEVER)
    assert refusal("web", here, settings=never) == "no image 'web' in docker's store"
    name = f"sha256:{'a' * 64}"
    assert refusal(name, here) == f"no image {name!r} in docker's store"
    monkeypatch.setattr(Client, "probe", lambda _, **__: Lack("no daemon answers", ()))
    said = refusal("web", here, ToolError, settings=never)
    assert "docker cannot be used: no daemon answers" in said
    assert "; or name a file (" in said


def test_images_of_a_run_take_from_one_budget(tmp_path: Path) -> None:
    paths = [
        oci_layout(tmp_path / str(number), [layer(file(f"{number}", b"x" * 5000))])
        for number in range(2)
    ]
    with session(Settings(tmp_path / "work"), SilentProgress()) as run:
        images = [open_source(f"oci:{path}", run) for path in paths]
        assert run.budget.unpacked == sum(image.layers[0].size for image in images)
        for image in images:
            assert image.budget is run.budget
            assert image.rootfs().budget is run.budget
            image.close()


@pytest.mark.parametrize(
    ("image_id", "platform", "lasts"),
    [
        ("", "s390x", True),  # a file: its place changes with it
        ("sha256:i", "s390x", False),  # the index may get the platform that was asked for
        ("sha256:i", "amd64", True),
    ],
)
def test_an_id_leads_to_another_image_once_a_platform_is_added(
    tmp_path: Path, image_id: str, platform: str, *, lasts: bool
) -> None:
    image = SimpleNamespace(config=SimpleNamespace(platform=Platform("linux", platform)))
    located = Located("web:1", EngineImage("web:1"), Place("s", lambda: "s"), image_id)
    settings = Settings(tmp_path / "work", platform=Platform("linux", "amd64"))
    with session(settings, SilentProgress()) as run:
        assert is_lasting(located, cast("Any", image), run) is lasts
