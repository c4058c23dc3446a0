"""A stripped image is checked against its plan before anything is made of it."""

import dataclasses
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from careen.errors import VerificationError
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.rbom import FileUse, UsedFile
from careen.model.runs.trace import Phase, Use
from careen.oci.image import Image
from careen.pipeline.proof.inspected import strip_inspected
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import PlanChoices, Settings
from careen.pipeline.run.source import Examined, examine, open_source
from careen.plan.core.rules import RuleSet
from careen.report.terminal_output.progress import SilentProgress
from tests.support.boms import BOM
from tests.support.images import file, layer, oci_layout

USED, UNUSED = ImagePath("/opt/used"), ImagePath("/opt/unused")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Session]:
    with session(Settings(tmp_path / "work"), SilentProgress()) as opened:
        yield opened


def planned(original: Examined) -> Plan:
    use = FileUse(Use.OPENED, frozenset({Phase.START}), USED, "web")
    used = UsedFile(USED, "file", "0" * 64, 100, "", (), (use,))
    bom = dataclasses.replace(BOM, image=original.image.ref, files=(used,))
    return make_plan(original, bom, PlanChoices(Level.OBSERVED, rules=RuleSet(())))


def image_with(path: Path, used: str) -> str:
    return f"oci:{oci_layout(path, [layer(file('opt/used', used), file('opt/unused', 'n' * 50))])}"


def test_what_is_as_planned_is_returned_open(run: Session, tmp_path: Path) -> None:
    with ExitStack() as images:
        opened = images.enter_context(open_source(image_with(tmp_path / "a", "u"), run))
        original = examine(opened, run)
        result = strip_inspected(original, planned(original), images, run, "it")
        assert USED in result.rootfs
        assert UNUSED not in result.rootfs
        assert result.image.config.platform == original.image.config.platform


def test_a_kept_file_with_other_bytes_is_told(
    run: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = image_with(tmp_path / "b", "v")

    def wrong(*_: object) -> Image:
        return open_source(other, run)

    monkeypatch.setattr("careen.pipeline.proof.inspected.make_stripped", wrong)
    with ExitStack() as images:
        opened = images.enter_context(open_source(image_with(tmp_path / "a", "u"), run))
        original = examine(opened, run)
        words = r"linux/s390x: it is not what was planned, nothing was promoted: .*/opt/u\w+"
        with pytest.raises(VerificationError, match=words):
            strip_inspected(original, planned(original), images, run, "linux/s390x: it")


def test_kept_content_is_read_once_for_strip_and_check(
    run: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing hashes it again. What the result has is a range of what the original has."""
    size, read = 3 << 20, 0

    def preadv(fd: int, buffers: list[memoryview], offset: int) -> int:
        nonlocal read
        got = really(fd, buffers, offset)
        read += got
        return got

    with ExitStack() as images:
        opened = images.enter_context(open_source(image_with(tmp_path / "a", "u" * size), run))
        original = examine(opened, run)
        plan = planned(original)
        really = os.preadv
        monkeypatch.setattr(os, "preadv", preadv)
        strip_inspected(original, plan, images, run, "it")
    assert size < read < 1.5 * size
