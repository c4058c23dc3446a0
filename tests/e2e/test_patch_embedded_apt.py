"""apt in the embedded engine's bench, from a mirror on this machine's loopback that the user names:
the egress proxy is its only way.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.apt_scene import Scene, scene
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.images import docker_archive, file, layer

pytestmark = [pytest.mark.root, pytest.mark.runc, pytest.mark.apt]

NAMES = ("foo", "plain")


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("apt")) as found:
        yield found


def tar_of(root: Path) -> bytes:
    return subprocess.check_output(
        ["tar", "-C", str(root), "--numeric-owner", "--exclude=./dev/*", "-cf", "-", "."]
    )


def release(root: Path) -> str:
    lines = (root / "etc/os-release").read_text().splitlines()
    return next(
        line.partition("=")[2].strip('"') for line in lines if line.startswith("VERSION_ID=")
    )


def record(name: str, number: int, number_of_release: str) -> dict[str, Any]:
    times = dict.fromkeys(("modified", "published"), "2024-05-01T00:00:00Z")
    package = {"ecosystem": f"Debian:{number_of_release}", "name": name}
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]
    return {
        "id": f"DEBIAN-CVE-2024-{number}",
        **times,
        "affected": [{"package": package, "ranges": ranges}],
    }


@pytest.fixture
def careen(mirror: Scene, tmp_path: Path) -> Careen:
    proxy = file(
        "etc/apt/apt.conf.d/proxy", 'Acquire::http::Proxy "http://proxy.example:3128";\n'
    )  # of where it was built
    docker_archive(tmp_path / "image.tar", [tar_of(mirror.root), layer(proxy)], ["apt:1"])
    feed = "".join(
        f"{json.dumps(record(name, number, release(mirror.root)))}\n"
        for number, name in enumerate(NAMES, 1000)
    )
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "debian.jsonl").write_text(feed)
    made = Careen(tmp_path, NO_DAEMON)
    made("db", "import", "feeds")
    return made


def test_packages_come_from_the_mirror_that_the_user_names(mirror: Scene, careen: Careen) -> None:
    source = ("--source", f"deb {mirror.uri} test main", "--source-key", str(mirror.key))
    done = careen(
        "patch",
        "docker-archive:image.tar",
        "-o",
        "oci:after",
        "--engine",
        "embedded",
        "--json",
        *source,
    ).document
    versions = {each["upgrade"]["name"]: each["version"] for each in done["upgraded"]}
    assert versions == {"foo": "1.1", "plain": "1.1", "libfoo": "1.1", "extra": "2"}, done
    assert careen.runs() == []
