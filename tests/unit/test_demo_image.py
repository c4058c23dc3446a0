"""The demo's image: where its packages come from, and that it is a docker archive whose digests are
true.
"""

import hashlib
import importlib.util
import json
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent.parent / "demo" / "build_image.py"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo_build_image", SCRIPT)
    assert spec is not None and spec.loader is not None  # noqa: PT018 — a file that is there
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def apt(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_sources_in_the_newer_form(build: ModuleType, tmp_path: Path) -> None:
    stanza = (
        "# the mirror\nTypes: deb deb-src\nURIs: http://mirror.example/debian\nSuites: trixie"
        " trixie-updates\n"
    )
    stanza += "Components: main\nSigned-By: /usr/share/keyrings/k.gpg\n"
    off = (
        "\nTypes: deb\nURIs: http://off.example/debian\nSuites: trixie\nComponents: main\nEnabled:"
        " no\n"
    )
    folder = apt(tmp_path, {"sources.list.d/debian.sources": stanza + off})
    assert build.SOURCES("trixie", folder) == [
        "deb [signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian trixie main",
        (
            "deb [signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian trixie-updates"
            " main"
        ),
    ]


def test_sources_in_the_older_form(build: ModuleType, tmp_path: Path) -> None:
    lines = (
        "deb http://mirror.example/debian bookworm main contrib\ndeb-src"
        " http://mirror.example/debian bookworm main\n# deb http://no.example bookworm main\n"
    )
    folder = apt(
        tmp_path,
        {
            "sources.list": lines,
            "sources.list.d/a.list": (
                "deb [arch=amd64 signed-by=/k.gpg] http://b.example/debian bookworm-security main\n"
            ),
        },
    )
    assert build.SOURCES("bookworm", folder) == [
        "deb http://mirror.example/debian bookworm main contrib",
        "deb [signed-by=/k.gpg] http://b.example/debian bookworm-security main",
    ]


def test_other_releases_and_local_folders_stay_out(build: ModuleType, tmp_path: Path) -> None:
    lines = (
        "deb file:/srv/local trixie main\ndeb http://tool.example/apt stable main\ndeb"
        " http://mirror.example/debian sid main\n"
    )
    assert build.SOURCES("trixie", apt(tmp_path, {"sources.list": lines})) == []


def test_the_archive_holds_layers_under_their_digests(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    layers = []
    for name in ("base", "app"):
        (tmp_path / name / "etc").mkdir(parents=True)
        (tmp_path / name / "etc" / name).write_text(name)
        layers.append((*build.pack(tmp_path / name, tmp_path / f"{name}.tar"), f"made {name}"))
    build.archive(layers, tmp_path / "out.tar")
    assert not (tmp_path / "out.part").exists()
    with tarfile.open(tmp_path / "out.tar") as tar:
        content = {member.name: tar.extractfile(member) for member in tar}
        data = {name: stream.read() for name, stream in content.items() if stream is not None}
    (manifest,) = json.loads(data["manifest.json"])
    config = json.loads(data[manifest["Config"]])
    assert manifest["RepoTags"] == ["careen-demo/ocr:1.0"]
    assert manifest["Config"] == f"{hashlib.sha256(data[manifest['Config']]).hexdigest()}.json"
    assert config["rootfs"]["diff_ids"] == [
        f"sha256:{hashlib.sha256(data[layer]).hexdigest()}" for layer in manifest["Layers"]
    ]
    assert config["created"] == "2023-11-14T22:13:20Z"
    assert [entry["created_by"] for entry in config["history"]] == ["made base", "made app"]
    assert (config["config"]["User"], config["config"]["ExposedPorts"]) == ("ocr", {"8080/tcp": {}})
