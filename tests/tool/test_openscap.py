"""OpenSCAP itself on small images: what it finds, what it must not see, and what it is refused."""

import datetime as dt
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from careen.compliance.assess import run_checks
from careen.compliance.subject import Subject
from careen.errors import InputError
from careen.pipeline.assessing.second_opinion import Opinion, second_opinion
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Settings
from careen.pipeline.run.source import examine, open_source
from careen.report.terminal_output.progress import SilentProgress
from tests.support.compliance import ALL, SOUND
from tests.support.images import Item, file, layer, oci_layout, symlink

pytestmark = [pytest.mark.root, pytest.mark.oscap, pytest.mark.slow]

STREAM = "/usr/share/xml/scap/ssg/content/ssg-debian12-ds.xml"
BOOKWORM = (
    file("etc/os-release", 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n'),
    file("etc/debian_version", "12.5\n"),
)
RULE = "file_permissions_etc_shadow"


@contextmanager
def opinion(folder: Path, *more: Item, asked: str = "auto") -> Iterator[Opinion]:
    names = {each.name for each in more}
    members = [*(each for each in SOUND if each.name not in names), *more]
    made = oci_layout(folder / "image", [layer(*members)], config={"config": {"Env": ["A=b\nC=d"]}})
    settings = Settings(folder / "work", engine="embedded")
    with session(settings, SilentProgress()) as run, open_source(f"oci:{made}", run) as image:
        examined = examine(image, run)
        subject = Subject(image, examined.rootfs, examined.inventory, dt.date(2026, 12, 1))
        found = second_opinion(asked, subject, run_checks(subject, [ALL]), run)
        assert found is not None
        yield found


def test_both_find_a_planted_fault(tmp_path: Path) -> None:
    with opinion(tmp_path, *BOOKWORM, file("etc/shadow", "", mode=0o666, gid=42)) as found:
        said = found.opinion
    assert said.evaluated
    assert said.content.startswith("ssg-debian12-ds.xml")
    rules = {each.rule: each for each in said.compared}
    assert (rules[RULE].theirs, rules[RULE].ours) == ("fail", "fail")
    assert f">{socket.gethostname()}<".encode() not in found.document


def test_a_link_out_of_the_image_shows_nothing_of_the_host(tmp_path: Path) -> None:
    secret = tmp_path / "shadow"
    secret.write_text("")
    secret.chmod(0o666)
    with opinion(tmp_path, *BOOKWORM, symlink("etc/shadow", str(secret))) as found:
        rules = {each.rule: each.theirs for each in found.opinion.compared}
    assert rules.get(RULE) != "fail"


def test_a_stream_of_another_release_evaluates_nothing(tmp_path: Path) -> None:
    with opinion(tmp_path, asked=STREAM) as found:  # Debian 13
        assert not found.opinion.evaluated
        assert "no rule of the benchmark applies" in found.opinion.reason
        assert found.opinion.compared == ()


def test_a_release_without_a_stream_is_not_evaluated(tmp_path: Path) -> None:
    with opinion(tmp_path, file("etc/os-release", "ID=alpine\nVERSION_ID=3.22.1\n")) as found:
        assert not found.opinion.evaluated
        assert found.opinion.reason == "there is no benchmark for alpine 3.22.1"


def test_a_file_that_is_no_stream_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken-ds.xml"
    broken.write_text("<nonsense/>")
    with (
        pytest.raises(InputError, match="OpenSCAP cannot read the data stream"),
        opinion(tmp_path, *BOOKWORM, asked=str(broken)),
    ):
        pass
