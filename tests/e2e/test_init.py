"""`careen init`, and `careen harden` with no edit of what it wrote but the time to watch."""

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import Careen, docker

pytestmark = [pytest.mark.docker, pytest.mark.root, pytest.mark.bpf]

TEST = 'curl -fsS "$BASE_URL/file/usr/share/half/used.txt" | grep -q "half of it"\n'


def test_an_image_is_hardened_with_the_file_that_init_wrote(
    in_docker: Service, careen: Careen
) -> None:
    smoke = careen.folder / "tests" / "smoke.sh"
    smoke.parent.mkdir()
    smoke.write_text(TEST, encoding="utf-8")
    original = in_docker.name("original")
    written = careen("init", original, "--json").document
    assert (written["file"], written["next"]) == ("careen.toml", ["careen harden"])
    assert (careen.folder / "careen.toml").read_text(encoding="utf-8") == written["text"]
    told = careen("harden", "--json").document
    assert told["promoted"] == [f"{original}-hardened"]
    assert told["checked"] == "tests"


def test_an_archive_gives_an_archive(service: Service, careen: Careen) -> None:
    careen("init", service.archive, "-q")
    written = careen.folder / "careen.toml"
    text = written.read_text(encoding="utf-8")
    assert text.count('observe = "30s"\n') == 1
    written.write_text(text.replace('"30s"', '"1s"'), encoding="utf-8")  # of each image
    careen("harden", "-q", "--engine", "docker")
    assert (careen.folder / "hardened.tar").is_file()


def test_a_dockerfile_is_read_before_its_image_is_there(careen: Careen) -> None:
    (careen.folder / "Dockerfile").write_text("FROM x\nEXPOSE 80\n", encoding="utf-8")
    ended = careen("init", "Dockerfile", "--json").document
    assert ended["next"][0].startswith("docker build -t ")
    assert '# ports = ["80"]' in ended["text"]


def test_a_compose_file_names_what_has_to_be_built(careen: Careen) -> None:
    services = {
        "api": {"build": ".", "depends_on": ["db"], "ports": ["8000:8000"]},
        "db": {"image": "nowhere.example/db:1"},
    }
    document = {"name": careen.folder.name.replace("_", "-"), "services": services}
    (careen.folder / "compose.yaml").write_text(json.dumps(document), encoding="utf-8")
    ended = careen("init", "compose.yaml", "--json").document
    assert ended["next"] == ["docker compose -f compose.yaml build api", "careen harden"]
    assert "[workload.api]\n" in ended["text"]
    assert "# [workload.db]\n" in ended["text"]
    for words in (("harden",), ("harden", "--dry-run"), ("profile",)):
        said = careen(*words, status=1).complaint
        assert "was not built; `docker compose build api` builds it" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing-of-this-name", "--pull", "never"), "no image 'nothing-of-this-name'"),
        (("./nowhere.tar",), "no such file or directory"),
        (("Dockerfile.nowhere",), "no such file"),
        (("nowhere.yaml",), "no such file"),
        (("empty.yaml",), "compose file 'empty.yaml'"),
        (("Dockerfile",), "has no FROM"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_writes_nothing(
    careen: Careen, words: tuple[str, ...], said: str
) -> None:
    for name in ("Dockerfile", "empty.yaml"):
        (careen.folder / name).touch()
    assert said in careen.refused("init", *words)
    assert not (careen.folder / "careen.toml").exists()


def test_a_file_is_overwritten_by_force_alone(in_docker: Service, careen: Careen) -> None:
    there = careen.folder / "careen.toml"
    there.symlink_to("/nonexistent/elsewhere")
    original = in_docker.name("original")
    assert "careen.toml: exists" in careen.refused("init", original)
    careen("init", original, "--force", "-q")
    assert not there.is_symlink()
    docker("image", "inspect", original)
    assert Path(there).stat().st_mode & 0o777 == 0o644
