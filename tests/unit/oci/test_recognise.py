"""A path that is given as an image is taken for what lies there."""

import gzip
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.oci.recognise import image_source_at, output_at
from careen.oci.reference import EngineImage, parse_reference
from tests.support.images import docker_archive, file, layer, oci_layout, tar_of

LAYER = layer(file("bin/app", "x", 0o755))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    docker_archive(tmp_path / "saved.tar", [LAYER], ["app:1"])
    oci_layout(tmp_path / "layout", [LAYER])
    (tmp_path / "layout.tar").write_bytes(tar_of(tmp_path / "layout"))
    (tmp_path / "both.tar").write_bytes(
        layer(file("oci-layout", "{}"), file("index.json", "{}"), file("manifest.json", "[]"))
    )
    (tmp_path / "saved.tar.gz").write_bytes(gzip.compress((tmp_path / "saved.tar").read_bytes()))
    (tmp_path / "other.tar").write_bytes(layer(file("readme", "x")))
    (tmp_path / "noise.tar").write_bytes(b"\x0ez\x8b" * 1000)
    (tmp_path / "empty.tar").touch()
    (tmp_path / "sbom.json").write_text("{}")
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("./saved.tar", "docker-archive:./saved.tar"),
        ("./saved.tar:app:1", "docker-archive:./saved.tar:app:1"),
        ("./saved.tar.gz", "docker-archive:./saved.tar.gz"),
        ("./both.tar", "docker-archive:./both.tar"),  # what docker writes today is both
        ("./layout.tar", "oci-archive:./layout.tar"),
        ("./layout", "oci:./layout"),
        ("./folder/../layout", "oci:./folder/../layout"),
        ("./sbom.json", "./sbom.json"),
        ("saved.tar", "saved.tar"),  # a name of docker's store
        ("app:1", "app:1"),
        ("oci:layout", "oci:layout"),
        ("sbom:./sbom.json", "sbom:./sbom.json"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_lies_there_names_the_transport(text: str, source: str) -> None:
    assert image_source_at(text) == source


def test_an_absolute_path_too(here: Path) -> None:
    assert image_source_at(f"{here}/layout") == f"oci:{here}/layout"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("./gone.tar", "no such file or directory"),
        ("./folder", "no image lies there"),
        ("./other.tar", "no image lies there"),
        ("./empty.tar", "no image lies there"),
        ("./noise.tar", "not a tar archive$"),
    ],
)
@pytest.mark.usefixtures("here")
def test_where_no_image_lies_it_is_said(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        image_source_at(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("podman:localhost/app:1", "type containers-storage:localhost/app:1"),
        ("registry:ghcr.io/a/b:1", "type docker://ghcr.io/a/b:1"),
        ("docker-daemon:app:1", "type app:1 alone"),
    ],
)
def test_a_word_of_another_tool_is_told_with_the_one_here(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_reference(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("./new.tar", "docker-archive:./new.tar"),
        ("../new.tar:web:1", "docker-archive:../new.tar:web:1"),
        ("./new/", "oci:./new/"),
        ("./layout:v1", "oci:./layout:v1"),
        ("docker://web:1", "docker://web:1"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_path_to_write_to_is_an_archive_or_a_layout(text: str, reference: str) -> None:
    assert output_at(text) == reference


@pytest.mark.usefixtures("here")
def test_a_path_to_write_to_that_is_neither_is_refused() -> None:
    with pytest.raises(InputError, match=r"write \./NAME\.tar for an archive, or \./DIR/ for"):
        output_at("./new")


@pytest.mark.parametrize("text", ["registry:2", "podman:5"])
def test_such_a_name_of_docker_s_store_stays_one(text: str) -> None:
    assert parse_reference(text) == EngineImage(text)
