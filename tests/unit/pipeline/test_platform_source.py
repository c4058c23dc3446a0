"""The index that the user named: platforms as they are stated, and hostile ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ImageError, InputError
from careen.pipeline.platforms.source import open_index
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Settings
from careen.report.terminal_output.progress import SilentProgress
from tests.support.images import MEDIA, file, finish, layer, oci_layout, put, put_image, tar_of
from tests.support.platform_index import platform_index

LAYER = layer(file("etc/name", "x"))


@pytest.fixture
def run(tmp_path: Path) -> Any:
    with session(Settings(tmp_path / "work"), SilentProgress()) as opened:
        yield opened


def names(text: str, run: Session) -> list[str]:
    with open_index(text, run) as source:
        return [str(platform) for _, platform in source.images()]


def test_platforms_are_those_of_the_index(tmp_path: Path, run: Session) -> None:
    layout = platform_index(tmp_path / "index", {"amd64": LAYER, "arm64": LAYER})
    assert names(f"oci:{layout}:1", run) == ["linux/amd64", "linux/arm64"]
    (tmp_path / "index.tar").write_bytes(tar_of(layout))
    # `./index.tar` is called a docker archive if it is both.
    for kind in ("oci-archive", "docker-archive"):
        assert names(f"{kind}:{tmp_path / 'index.tar'}:1", run) == ["linux/amd64", "linux/arm64"]


def test_a_platform_that_no_index_states_is_that_of_the_configuration(
    tmp_path: Path, run: Session
) -> None:
    layout = oci_layout(tmp_path / "one", [LAYER], "1", config={"architecture": "riscv64"})
    with open_index(f"oci:{layout}:1", run) as source:
        ((item, platform),) = source.images()
    assert str(platform) == "linux/riscv64"
    assert item.document["platform"] == {"architecture": "riscv64", "os": "linux"}


@pytest.mark.parametrize(
    "platform",
    [
        {"os": "linux", "architecture": "../../etc"},
        {"os": "linux", "architecture": "arm64", "variant": "v8\n\x1b[31m"},
        {"os": "linux\0", "architecture": "amd64"},
        {"os": "linux", "architecture": "a" * 33},
        {"os": "linux", "architecture": "\udcff"},
    ],
)
def test_a_platform_with_a_name_that_is_none_is_refused(
    tmp_path: Path, run: Session, platform: dict[str, str]
) -> None:
    layout = tmp_path / "hostile"
    inner = put_image(layout, [LAYER], platform=platform)
    index = {"schemaVersion": 2, "manifests": [inner]}
    finish(layout, [put(layout, json.dumps(index).encode(), MEDIA + "index.v1+json")])
    with pytest.raises(ImageError, match="its platform has a name of other characters") as caught:
        names(f"oci:{layout}", run)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["sha256:" + "a" * 64, "containers-storage:localhost/app:1"])
def test_a_place_that_holds_one_platform_is_refused(text: str, run: Session) -> None:
    with pytest.raises(InputError, match="one platform"):
        names(text, run)
