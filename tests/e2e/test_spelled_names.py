"""What a program opens by any spelling of its name stays in the hardened image, with every sensor
and on both engines.
"""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.careen_command import Careen
from tests.support.images import directory, docker_archive, file, layer
from tests.support.watched import compile_actor

pytestmark = [pytest.mark.root, pytest.mark.bpf]
WAYS = [
    pytest.param("docker", "ebpf", marks=[pytest.mark.docker]),
    pytest.param("embedded", "ebpf", marks=[pytest.mark.runc]),
    pytest.param("embedded", "fanotify", marks=[pytest.mark.runc]),
]
NAMES = ("one", "two", "three", "four", "five")
WORDS = (
    "open:/proc/self/root/opt/qp-one/one",
    "chdir:/opt/qp-two",
    "open:/proc/self/cwd/two",
    "hold:/opt/qp-three",
    "open:/proc/self/fd/3/three",
    "hold:/opt/qp-four",
    "open:/dev/fd/4/four",
)


def shifted(word: str) -> str:
    return "shift:" + "".join(chr(ord(char) + 1) for char in word)


def archive(path: Path, words: tuple[str, ...]) -> Path:
    """An image whose program opens what nothing in the image names."""
    data = [
        file(f"opt/qp-{name}/{name}", f"{name} is used by no name that stands anywhere\n" * 40)
        for name in NAMES
    ]
    folders = [
        directory(name) for name in ("bin", "etc", "opt", *(f"opt/qp-{name}" for name in NAMES))
    ]
    only = layer(*folders, file("bin/act", compile_actor(), 0o755), *data)
    return docker_archive(
        path,
        [only],
        ("careen-test-spelled:1",),
        {"config": {"Entrypoint": ["/bin/act"], "Cmd": [shifted(word) for word in words]}},
    )


@pytest.mark.parametrize(("engine", "sensor"), WAYS)
def test_a_file_that_was_opened_by_another_spelling_stays(
    careen: Careen, tmp_path: Path, engine: str, sensor: str
) -> None:
    source = archive(tmp_path / "image.tar", WORDS)
    careen(
        "harden",
        f"docker-archive:{source}",
        "--engine",
        engine,
        "--sensor",
        sensor,
        "--ready",
        "exit",
        "-o",
        "docker-archive:out.tar",
        "--report-dir",
        "report",
    )
    bom = json.loads((careen.folder / "report" / "rbom.json").read_text())
    assert bom["unresolved"] == 0
    assert {f"/opt/qp-{name}/{name}" for name in NAMES[:4]} <= {
        item["path"] for item in bom["files"]
    }
    left = subprocess.run(  # noqa: TID251
        ["tar", "-xOf", "out.tar", "manifest.json"],
        cwd=careen.folder,
        capture_output=True,
        check=True,
    )
    (layers,) = [one["Layers"] for one in json.loads(left.stdout)]
    listed = "".join(
        subprocess.run(  # noqa: S602, TID251
            f"tar -xOf out.tar {name} | tar -t",
            shell=True,
            cwd=careen.folder,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in layers
    )
    assert {name: f"opt/qp-{name}/{name}" in listed.split() for name in NAMES} == {
        **dict.fromkeys(NAMES, True),
        "five": False,
    }
