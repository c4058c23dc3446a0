"""A base with wheels, from an archive and an index of the test's own: built, compared, locked; a
wheel that is another one is refused, and a build that is killed leaves nothing.
"""

import json
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.base_archive import BaseArchive, base_archive
from tests.support.careen_command import Careen, mounts_below, until
from tests.support.python_deb import python_debs
from tests.support.tiny_wheels import write_wheel

pytestmark = [
    *(pytest.mark.mmdebstrap, pytest.mark.docker, pytest.mark.slow),
]

CATALOG = """
schema = 1

[[entry]]
name = "snake:trixie"
title = "Python of a test"
distribution = "debian"
release = "trixie"
variants = ["compat"]
packages = ["libc6", "python3"]
compat_cmd = ["python3"]

[[entry.tests]]
variants = ["compat"]
argv = ["python3", "-c", "print(6 * 7)"]
contains = "42"

[[entry]]
name = "wheels:trixie"
title = "Wheels of a test"
inherits = "snake:trixie"
pip = ["tinyfirst>=1"]

[[entry.tests]]
variants = ["compat"]
argv = ["python3", "-c", "import tinyfirst, tinysecond; print(tinyfirst.VERSION, tinysecond.VERSION)"]
contains = "1.0 3.1"

[[entry]]
name = "tools:trixie"
title = "A wheel of compat alone"
inherits = "wheels:trixie"
variants = ["runtime", "compat"]
compat_pip = ["tinytool"]

[[entry.tests]]
variants = ["compat"]
argv = ["python3", "-c", "import tinytool; print(tinytool.VERSION)"]
contains = "5.0"
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """A catalog with wheels, the archive below them, and the directory that is pip's index."""

    careen: Careen
    archive: BaseArchive
    index: Path

    def words(self, name: str, *more: str | Path) -> list[str | Path]:
        return [
            *("base", "build", name, "--variant", "compat"),
            *("--catalog", self.careen.folder / "own.toml"),
            *("--source", self.archive.line, "--source-key", self.archive.key, *more),
        ]

    def built(self, out: str, *more: str | Path, name: str = "wheels:trixie") -> dict[str, object]:
        ended = self.careen(*self.words(name, "-o", f"oci:{out}", "--json", *more))
        return dict(ended.document)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> BaseArchive:
    made = base_archive(tmp_path_factory.mktemp("archive") / "of")
    made.offer(python_debs(made.fixed[0][1]))
    return made


@pytest.fixture
def scene(tmp_path: Path, archive: BaseArchive) -> Iterator[Scene]:
    index, run = tmp_path / "index", tmp_path / "run"
    index.mkdir()
    run.mkdir()
    (run / "own.toml").write_text(CATALOG)
    write_wheel(index, "tinyfirst", "1.0", requires=["tinysecond<4"])
    write_wheel(index, "tinysecond", "3.1")
    write_wheel(index, "tinysecond", "4.0")
    write_wheel(index, "tinytool", "5.0")
    env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}
    careen = Careen(run, {"XDG_DATA_HOME": str(tmp_path / "data"), **env})
    yield Scene(careen, archive, index)
    assert careen.runs() == []
    assert mounts_below(careen.work) == []


def test_wheels_are_built_compared_and_the_same_again_by_the_lock(scene: Scene) -> None:
    parent = scene.built("parent", "--no-test", name="snake:trixie")
    first = scene.built("first", "--write-lock", "lock.json", "--report-dir", "report")
    assert first["tested"] == 2
    assert first["layers"][:1] == parent["layers"]  # type: ignore[index]

    files = ("--catalog", "own.toml", "--no-run", "--json")
    verified = scene.careen("base", "verify", "oci:first", "--against", "oci:parent", *files)
    assert not [row for row in verified.document["rows"] if row["kept"] == "broken"]
    lock = json.loads((scene.careen.folder / "lock.json").read_bytes())
    wheels = [(x["name"], x["version"]) for step in lock["steps"] for x in step.get("wheels", [])]
    assert wheels == [("tinyfirst", "1.0"), ("tinysecond", "3.1")]
    assert str(scene.archive.folder) not in json.dumps(lock)
    made = (scene.careen.folder / "report/provenance.json").read_text()
    assert "pkg:pypi/tinysecond@3.1" in made
    assert str(scene.archive.folder) not in made

    write_wheel(scene.index, "tinyfirst", "2.0")
    again = scene.built("again", "--no-test", "--lock", "lock.json")
    assert again["measure"] == {**first["measure"], "reference": again["measure"]["reference"]}  # type: ignore[dict-item,index]

    # the same version, other bytes: nothing of it is unpacked, and no image is written
    write_wheel(scene.index, "tinyfirst", "1.0", {"tinyfirst.py": "VERSION = 'evil'\n"})
    words = scene.words("wheels:trixie", "-o", "oci:refused", "--lock", "lock.json")
    said = scene.careen.refused(*words, status=3)
    assert said.startswith("fetching wheels: tinyfirst 1.0 is not the one of the lock: ")
    assert "build without --lock" in said
    assert not (scene.careen.folder / "refused").exists()


def test_a_wheel_of_compat_is_the_last_layer_and_not_in_runtime(scene: Scene) -> None:
    made = scene.built("tools", "--write-lock", "lock.json", name="tools:trixie")
    assert made["tested"] == 3
    titles = [layer["title"] for layer in made["layers"]]  # type: ignore[attr-defined]
    assert titles[-3:] == [  # the variant has no packages, so it has no layer of its own
        *("wheels:trixie, wheels", "tools:trixie, compat", "tools:trixie, compat, wheels")
    ]
    lock = json.loads((scene.careen.folder / "lock.json").read_bytes())
    (last,) = (step for step in lock["steps"] if step["name"] == "compat")
    assert [each["name"] for each in last["wheels"]] == ["tinytool"]
    again = scene.built("again", "--no-test", "--lock", "lock.json", name="tools:trixie")
    assert again["layers"] == made["layers"]
    words = ("--variant", "runtime", "--lock", "lock.json", "--no-test")
    runtime = scene.built("runtime", *words, name="tools:trixie")
    assert "tinytool" not in json.dumps(runtime["lock"])


def test_a_build_that_is_killed_while_pip_fetches_leaves_nothing(scene: Scene) -> None:
    with socket.socket() as silent:  # it takes connections and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        env = {**scene.careen.env, "PIP_NO_INDEX": "0", "PIP_INDEX_URL": index}
        careen = Careen(scene.careen.folder, env)
        with careen.begun(*scene.words("wheels:trixie", "-o", "oci:out")) as running:
            until(lambda: pips(careen.work), 100)
            os.kill(running.pid, signal.SIGKILL)
            running.status(60)
        until(lambda: not pips(careen.work))
    careen.next_run()
    assert not (careen.folder / "out").exists()


def pips(work: Path) -> list[int]:
    """The processes of pip whose words name a directory of the run."""
    out = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if b"--only-binary" in words and str(work).encode() in words:
            out.append(int(path.parent.name))
    return out
