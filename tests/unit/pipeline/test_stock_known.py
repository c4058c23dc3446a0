"""A second look at an image: what is known answers, and content that cannot be had ends the run
instead of being left out.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ImageError, InputError
from careen.model.paths import ImagePath
from careen.pipeline.findings import scan_source as module
from careen.pipeline.findings.scan_source import open_inventory
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Settings
from careen.pipeline.run.source import open_located
from careen.report.terminal_output.progress import SilentProgress
from tests.support.images import file, layer, oci_layout

PATH = ImagePath("/etc/os-release")


@pytest.fixture
def image(tmp_path: Path) -> str:
    oci_layout(tmp_path / "image", [layer(file(PATH[1:], "ID=debian\n"))])
    time.sleep(0.3)
    return f"oci:{tmp_path / 'image'}"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Session]:
    with session(Settings(tmp_path / "work", cache=tmp_path / "cache"), SilentProgress()) as opened:
        yield opened


def test_what_is_known_is_the_same_and_its_content_can_be_had(image: str, run: Session) -> None:
    with open_inventory(image, run) as first, open_inventory(image, run) as second:
        assert first.rootfs is not None
        assert second.rootfs is not None
        assert first.rootfs is not second.rootfs
        assert list(first.rootfs) == list(second.rootfs)
        assert (first.ref, first.digest, first.inventory) == (
            second.ref,
            second.digest,
            second.inventory,
        )
        assert second.rootfs.read(PATH, 100) == b"ID=debian\n"


def test_content_that_cannot_be_had_is_no_fault_of_one_file(
    image: str, run: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_inventory(image, run):
        pass

    def damaged(*_: Any) -> Any:
        msg = "another digest"
        raise ImageError(msg)

    monkeypatch.setattr(module, "open_located", damaged)
    with open_inventory(image, run) as known:
        assert known.rootfs is not None
        with pytest.raises(InputError, match="another digest"):
            known.rootfs.read(PATH, 100)


def test_an_image_that_was_changed_meanwhile_is_noticed(
    image: str, run: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_inventory(image, run):
        pass

    def another(*given: Any) -> Any:
        found = open_located(*given)
        found.ref = replace(found.ref, config_digest="sha256:" + "0" * 64)
        return found

    monkeypatch.setattr(module, "open_located", another)
    with open_inventory(image, run) as known:
        assert known.rootfs is not None
        with pytest.raises(InputError, match="was changed during the run"):
            known.rootfs.read(PATH, 100)
