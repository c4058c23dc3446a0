"""A base built by an ordinary user, in a user namespace: the same bytes as root's, and nothing left
behind by a kill.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.base_archive import BaseArchive, base_archive
from tests.support.careen_command import Careen, until
from tests.support.deb_archive import Deb
from tests.support.tiny_catalog import CATALOG, greeter

pytestmark = [pytest.mark.mmdebstrap, pytest.mark.ordinary, pytest.mark.uidmap, pytest.mark.slow]

UID = 65534
FIRST = 300_000
WITH_IDS = (
    'mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid && shift'
    f' && exec setpriv --reuid {UID} --regid {UID} --clear-groups --pdeathsig KILL "$@"'
)
OWNED = "#!/bin/sh\nmkdir -p /srv/own && touch /srv/own/x && chmod 700 /srv/own && chown -R 8:8 /srv/own\n"
SLOW = f"{OWNED}sleep 300\n"


@dataclass(frozen=True, slots=True)
class Scene:
    """An archive, and an ordinary user with ids of his own; `folder` is the user's."""

    archive: BaseArchive
    folder: Path

    def words(self, *more: str | Path) -> list[str | Path]:
        return [
            *("base", "build", "tiny:trixie", "--variant", "compat", "--no-test"),
            *("--catalog", self.folder / "own.toml", "--source", self.archive.line),
            *("--source-key", self.folder / "key.asc", *more),
        ]

    def user(self, ids: str = f"{UID}:{FIRST}:65536\n") -> Careen:
        """Return careen as the user, with these lines in /etc/subuid and /etc/subgid."""
        (self.folder / "ids").write_text(ids)
        starter = ("unshare", "--mount", "sh", "-c", WITH_IDS, "sh", str(self.folder / "ids"))
        env = {
            "HOME": str(self.folder),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "CAREEN_CACHE": str(self.folder / "cache"),  # the usual one lies in root's folder
        }
        return Careen(self.folder, env, starter=starter)


@pytest.fixture
def scene() -> Iterator[Scene]:
    # pytest's own directories are root's alone
    place = Path(tempfile.mkdtemp(prefix="careen-ordinary-", dir="/tmp"))
    try:
        place.chmod(0o755)
        folder = place / "home"
        folder.mkdir()
        archive = base_archive(place / "archive")
        (folder / "own.toml").write_text(CATALOG)
        shutil.copy(archive.key, folder / "key.asc")
        os.chown(folder, UID, UID)
        yield Scene(archive, folder)
    finally:
        shutil.rmtree(place)


def test_a_user_with_ids_builds_what_root_builds(scene: Scene, tmp_path: Path) -> None:
    deb = greeter("1.0")
    scene.archive.offer([Deb(deb.name, deb.version, files=deb.files, scripts={"postinst": OWNED})])
    mine = scene.user()
    built = mine(*scene.words("-o", "oci:out", "--write-lock", "lock.json", "--json")).document
    assert mine.runs() == []
    assert (scene.folder / "out").stat().st_uid == UID
    (tmp_path / "run").mkdir()
    root = Careen(tmp_path / "run", {"XDG_DATA_HOME": str(tmp_path / "data")})
    lock = scene.folder / "lock.json"
    again = root(*scene.words("-o", "oci:out", "--lock", lock, "--json")).document
    assert again["measure"]["digest"] == built["measure"]["digest"]


def test_a_user_without_ids_is_told_what_is_missing(scene: Scene) -> None:
    scene.archive.offer([greeter("1.0")])
    line = scene.user("").refused(*scene.words("-o", "oci:out"))
    assert line.startswith(
        f"base build: needs root, or user ids that belong to this user (uid {UID})"
    )
    assert "/etc/subuid" in line
    assert "usermod --add-subuids" in line
    assert not (scene.folder / "out").exists()


def test_a_killed_build_leaves_no_file_of_another_owner(scene: Scene) -> None:
    deb = greeter("1.0")
    scene.archive.offer([Deb(deb.name, deb.version, files=deb.files, scripts={"postinst": SLOW})])
    mine = scene.user()
    argv = [*mine.starter, sys.executable, "-m", "careen", *scene.words("-o", "oci:out")]
    with subprocess.Popen(
        [str(word) for word in argv],
        cwd=scene.folder,
        env=mine.environment(),
        stderr=subprocess.DEVNULL,
    ) as running:
        until(lambda: owned(mine.work), 100)
        os.kill(running.pid, signal.SIGKILL)
    until(lambda: not below(mine.work))
    mine.next_run()
    assert mine.runs() == []
    assert not (scene.folder / "out").exists()


def owned(work: Path) -> list[Path]:
    """What a script of the package has given to another owner."""
    found = work.glob("run-*/root-*/tmp/*/srv/own/x")
    return [path for path in found if path.lstat().st_uid == FIRST + 7]


def below(work: Path) -> list[int]:
    """The processes that have a directory of the run as their root or in their words."""
    out = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes()
            root = str((path / "root").readlink())
        except OSError:
            continue
        if str(work).encode() in words or root.startswith(str(work)):
            out.append(int(path.name))
    return out
