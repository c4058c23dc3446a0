"""A catalog that stays fresh, with an archive of the test's own: a fix arrives, is built, tested
and promoted; a broken update is held back, and the old image stays served.
"""

import json
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.base_archive import BaseArchive, base_archive
from tests.support.careen_command import Careen, docker, mounts_below
from tests.support.feed_layouts import feeds, imported
from tests.support.tiny_catalog import CATALOG, greeter
from tests.support.tmpfs import mounted

pytestmark = [pytest.mark.mmdebstrap, pytest.mark.docker, pytest.mark.slow]

CVE = "CVE-2026-0001"
TRACKER = {
    "greeter": {
        CVE: {
            "description": "It greets too loudly.",
            "scope": "local",
            "releases": {
                "trixie": {
                    "status": "resolved",
                    "repositories": {"trixie": "1.1"},
                    "fixed_version": "1.1",
                    "urgency": "high",
                }
            },
        }
    }
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A catalog of one entry, its archive, and the repository in docker's store."""

    careen: Careen
    archive: BaseArchive
    repository: str

    @property
    def state(self) -> Path:
        return self.careen.folder / "state"

    def words(self, *more: str | Path) -> list[str | Path]:
        key = self.archive.key
        return [
            *("base", "refresh", "tiny:trixie", "--catalog", self.careen.folder / "own.toml"),
            *("--repository", self.repository, "--state", self.state),
            *("--source", self.archive.line, "--source-key", key, *more),
        ]

    def pass_(self, *more: str, status: int = 0) -> Any:
        """Run one pass and return what it says of the image."""
        ended = self.careen(*self.words("--json", *more), status=status)
        assert self.careen.runs() == []
        assert mounts_below(self.careen.work) == []
        (found,) = ended.document["bases"]
        return found

    def tags(self) -> dict[str, str]:
        """The tags in docker's store, with what they greet by."""
        name = f"{self.repository}/tiny"
        listed = docker("images", name, "--format", "{{.Tag}} {{.ID}}").splitlines()
        return dict(sorted(line.split() for line in listed))

    def greets(self, tag: str) -> str:
        name = f"{self.repository}/tiny:{tag}"
        return docker("run", "--rm", "--network", "none", name)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> BaseArchive:
    return base_archive(tmp_path_factory.mktemp("archive") / "of")


@pytest.fixture
def scene(tmp_path: Path, archive: BaseArchive) -> Iterator[Scene]:
    run = tmp_path / "run"
    run.mkdir()
    (run / "own.toml").write_text(CATALOG)
    careen = Careen(run, {"XDG_DATA_HOME": str(tmp_path / "data")})
    out = Scene(careen, archive, f"careen-test-{secrets.token_hex(4)}/bases")
    archive.offer([greeter("1.0")])
    yield out
    names = [f"{out.repository}/tiny:{tag}" for tag in out.tags()]
    if names:
        docker("rmi", *names)


def moving(tags: dict[str, str]) -> set[str]:
    return {tags[name] for name in ("trixie-compat", "13-compat", "13.4-compat")}


def test_a_fix_is_promoted_and_a_broken_update_is_held_back(scene: Scene, tmp_path: Path) -> None:
    database = scene.careen.folder / "advisories.db"
    assert not imported(feeds(tmp_path / "feeds", a=TRACKER), database).refused
    first = scene.pass_()
    assert (first["action"], first["changed"]) == ("promoted", ["not built yet"])
    assert (first["after"], first["fixable"]) == (1, 1)
    day = first["names"][0].rpartition(":")[2]
    assert len(moving(scene.tags())) == 1
    assert scene.pass_()["action"] == "unchanged"

    scene.archive.offer([greeter("1.1")])
    assert scene.pass_("--dry-run")["action"] == "would build"
    second = scene.pass_()
    assert (second["action"], second["changed"]) == ("promoted", ["greeter 1.0 → 1.1"])
    assert (second["before"], second["after"]) == (1, 0)
    assert scene.greets("13-compat") == "hello 1.1"
    assert scene.greets(day) == "hello 1.0"  # the tag of a day never moves
    assert len(moving(scene.tags())) == 1

    log = json.loads((scene.state / "changelog/tiny_trixie.compat.json").read_text())
    newest = log["events"][0]
    assert newest["changed"] == [["greeter", "1.0", "1.1"]]
    assert [each["id"] for each in newest["closed"]] == [CVE]
    text = (scene.state / "changelog/tiny_trixie.compat.md").read_text()
    assert "- greeter 1.0 → 1.1" in text
    assert f"- closed: {CVE} in greeter 1.0 (high, open since " in text

    before = scene.tags()
    scene.archive.offer([greeter("1.2", says="broken")])
    held = scene.pass_(status=3)
    assert held["action"] == "held back"
    assert "'broken 1.2'; nothing was promoted" in held["detail"]
    assert scene.tags() == before
    assert scene.pass_(status=3)["action"] == "waiting"
    page = scene.careen.folder / "catalog.html"
    scene.careen(
        *("base", "page", "-o", page, "--state", scene.state),
        *("--catalog", scene.careen.folder / "own.toml"),
    )
    assert "Held back" in page.read_text()

    scene.archive.offer([greeter("1.1")])  # withdrawn: the image that is served is up to date
    assert scene.pass_()["action"] == "unchanged"
    scene.careen(
        *("base", "page", "-o", page, "--state", scene.state),
        *("--catalog", scene.careen.folder / "own.toml"),
    )
    assert "Held back" not in page.read_text()

    scene.archive.offer([greeter("1.0")])  # a mirror that is behind
    behind = scene.pass_(status=1)
    assert behind["action"] == "failed"
    assert "an older greeter than the image has (1.1 → 1.0)" in behind["detail"]
    assert scene.tags() == before


def test_a_mirror_that_is_down(scene: Scene) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = f"deb http://127.0.0.1:{port}/debian trixie main"
    ended = scene.careen(*scene.words("--json", "--source", line), status=1)
    (found,) = ended.document["bases"]
    assert found["action"] == "failed"
    assert found["detail"].startswith("asking for new packages: a mirror does not answer")
    assert scene.tags() == {}


def test_a_full_disk(scene: Scene, tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=1m") as small:
        words = scene.words("--json")
        words[words.index("--state") + 1] = small / "state"
        ended = scene.careen(*words, status=1)
        (found,) = ended.document["bases"]
    assert found["action"] == "failed"
    assert "No space left on device" in found["detail"]
    assert "--state" in found["detail"]
    assert scene.tags() == {}
    assert scene.careen.runs() == []


def test_a_second_pass_at_once(scene: Scene) -> None:
    with scene.careen.begun(*scene.words()) as running:
        lock = scene.state / "lock"
        while not lock.exists() or not lock.read_text():
            assert not running.has_ended()
        line = scene.careen.refused_but_dirty(*scene.words())
        assert line.startswith("another pass is running (since ")
    assert scene.tags() == {}
