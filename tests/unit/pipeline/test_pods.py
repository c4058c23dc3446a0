"""Passes of `careen profile --pods` over pods whose recordings are made by hand."""

import contextlib
import errno
import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from careen.clusters.pods import Pod, PodContainer
from careen.clusters.selector import parse_selector
from careen.errors import ToolError
from careen.model.rbom import RuntimeBom
from careen.model.runs.recorded_pods import PodsPass, Template
from careen.pipeline.recording import pods
from careen.pipeline.recording.pods import PodsRequest, record_pods
from careen.rbom.store import load_rbom
from careen.report.output_file import write_output
from tests.support.boms import BOM, SENSOR


def pod(name: str, template: str = "6f", container: str = "web") -> Pod:
    found = PodContainer(container, "a" * 64, "containerd", f"r.example/{name}:1", "")
    owner = f"ReplicaSet/{name}-{template}"
    return Pod(
        "shop", f"{name}-{template}-a", name, "n1", {}, owner, template, False, name, (found,)
    )


def bom(name: str, **lost: int) -> RuntimeBom:
    sensor = replace(SENSOR, losses={**SENSOR.losses, **lost})
    run = replace(BOM.runs[0], workload=f"attached:{name}", sensor=sensor)
    uses = tuple(
        replace(file, uses=tuple(replace(use, origin=f"attached:{name}") for use in file.uses))
        for file in BOM.files
    )
    return replace(BOM, runs=(run,), files=uses, unresolved=0)


@dataclass
class Node:
    """The pods of a node, and what becomes of a recording, by the workload's name."""

    folder: Path
    pods: list[Pod] = field(default_factory=list)
    boms: dict[str, RuntimeBom] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    opened: list[str] = field(default_factory=list)
    on_say: Callable[[str], None] = lambda _: None

    def request(self, every: float | None = None) -> PodsRequest:
        source: Any = SimpleNamespace(pods=lambda: tuple(self.pods))
        return PodsRequest(source, parse_selector("!left"), "", 0.01, every, self.folder / "rboms")

    def passed(self) -> PodsPass:
        (only,) = record_pods(self.request(), self.session)
        return only

    @property
    def session(self) -> Any:
        return SimpleNamespace(
            sensor=None, stage=lambda _: contextlib.nullcontext(), say=self.on_say
        )

    @contextlib.contextmanager
    def recording(
        self, template: Template, one: Pod, _container: PodContainer, _session: Any
    ) -> Iterator[Any]:
        self.opened.append(template.workload)
        if template.workload in self.failing:
            msg = "its image cannot be fetched"
            raise ToolError(msg)
        reading, writing = os.pipe()
        trace = SimpleNamespace(seconds=1.0)
        watch: Any = SimpleNamespace(used=lambda: 0.0, finish=lambda: trace)
        life: Any = SimpleNamespace(fileno=lambda: reading)
        try:
            running: Any = template.workload
            examined: Any = None
            yield pods._Recording(
                template, one, running, life, watch, time.monotonic(), "", examined, ()
            )
        finally:
            os.close(reading)
            os.close(writing)

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "rboms").iterdir())


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    made = Node(tmp_path)
    monkeypatch.setattr(pods, "_recording", made.recording)
    monkeypatch.setattr(
        pods, "bom_of", lambda running, *_: made.boms.get(running, bom(f"shop/{running}/web"))
    )
    return made


DIGITS = "2" * 12
IMAGE = f"image_{DIGITS}.rbom.json"


def test_a_recording_that_lost_events_is_not_merged(node: Node) -> None:
    node.pods = [pod("api"), pod("web")]
    assert node.passed().left == []
    names = [f"shop_api-6f_web_{DIGITS}.rbom.json", f"shop_web-6f_web_{DIGITS}.rbom.json"]
    assert node.files() == [IMAGE, *names]
    before = [(node.folder / "rboms" / name).read_bytes() for name in names]
    node.boms["api"] = bom("shop/api/web", ring_full=7)
    (left,) = (done := node.passed()).left
    assert left.startswith("shop/api/web (pod api-6f-a): not merged, as it is not complete: ")
    assert "7 events were lost (7 ring_full)" in left
    assert [record.template.workload for record in done.records] == ["web"]
    assert [(node.folder / "rboms" / name).read_bytes() for name in names] == before
    assert load_rbom(node.folder / "rboms" / IMAGE).completeness.complete


def test_a_long_name_has_a_file_and_spoils_no_other(node: Node) -> None:
    node.pods = [pod("a" * 240, container="c" * 63), pod("a" * 239 + "b", container="c" * 63)]
    node.pods.append(pod("web"))
    done = node.passed()
    assert (len(done.records), done.left) == (3, [])
    assert len(node.files()) == 4
    assert max(map(len, node.files())) < 200
    # They are known again, and part of the image's profile.
    assert len(load_rbom(node.folder / "rboms" / IMAGE).runs) == 3
    assert all(pods._last(node.folder / "rboms", each.template) > 0 for each in done.records)


def test_what_cannot_be_written_is_told_and_the_others_are_kept(node: Node) -> None:
    node.pods = [pod("api"), pod("web")]
    (node.folder / "rboms" / f"shop_api-6f_web_{DIGITS}.rbom.json").mkdir(parents=True)
    done = node.passed()
    assert [record.template.workload for record in done.records] == ["web"]
    (left,) = done.left
    assert left.startswith("shop/api/web (pod api-6f-a): ")
    assert len(load_rbom(node.folder / "rboms" / IMAGE).runs) == 1


def test_a_disk_that_fails_is_told(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.pods = [pod("api"), pod("web")]

    def failing(path: Path, content: bytes) -> None:
        if "web" not in path.name.partition("_web_")[0]:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        write_output(path, content)

    monkeypatch.setattr(pods, "write_output", failing)
    done = node.passed()
    assert [record.template.workload for record in done.records] == ["web"]
    assert [left.partition(": ")[0] for left in done.left] == [
        "shop/api/web (pod api-6f-a)",
        f"canary profile of {BOM.image.config_digest}",
    ]


def test_a_profile_of_an_image_that_cannot_be_written_is_told(node: Node) -> None:
    node.pods = [pod("web")]
    (node.folder / "rboms" / IMAGE).mkdir(parents=True)
    done = node.passed()
    assert len(done.records) == 1
    assert done.images == {}
    assert done.left[0].startswith(f"canary profile of {BOM.image.config_digest}: ")


@pytest.mark.parametrize(
    "group", [f"kubepods/pod{'0' * 32}/{'a' * 64}", f"docker/{'a' * 64}", "other"]
)
def test_a_container_of_another_pod_is_not_recorded(
    monkeypatch: pytest.MonkeyPatch, group: str
) -> None:
    monkeypatch.setattr(pods, "group_of", lambda _: Path("/sys/fs/cgroup") / group)
    one = replace(pod("api"), group_uid="1" * 32)
    template = Template("shop", "api", "6f", "web", "")
    session: Any = None
    with (
        pytest.raises(ToolError, match="is not of this pod"),
        pods._recording(template, one, one.containers[0], session),
    ):
        pass


def passes(node: Node, number: int) -> list[list[str]]:
    """What each pass recorded."""
    found = []
    for done in itertools.islice(record_pods(node.request(every=0), node.session), number):
        found.append(sorted(record.template.workload for record in done.records))
        time.sleep(0.01)  # the times of files must differ
    return found


def test_new_templates_do_not_keep_the_others_waiting(node: Node) -> None:
    """Each pass finds as many new ones as it can record."""
    served = [f"served-{number}" for number in range(4)]
    node.pods = [pod(name) for name in served]
    assert passes(node, 1) == [served]
    recorded: list[str] = []
    for number in range(2):
        fresh = [pod(f"a-fresh-{number}-{each}") for each in range(4)]
        node.pods = [*(pod(name) for name in served), *fresh]
        (now,) = passes(node, 1)
        assert len(now) == pods.AT_ONCE
        recorded += [name for name in now if name in served]
    assert sorted(recorded) == served


def test_what_fails_does_not_keep_the_others_waiting(node: Node) -> None:
    lossy = [f"a-lossy-{number}" for number in range(4)]
    for name in lossy:
        node.boms[name] = bom(name, ring_full=1)
    node.pods = [pod(name) for name in (*lossy, "web")]
    assert passes(node, 2) == [[], ["web"]]


def test_the_oldest_files_go(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pods, "KEPT", 3)
    folder = node.folder / "rboms"
    folder.mkdir()
    (folder / "mine.json").write_text("{}")
    for number in range(5):
        node.pods = [pod(f"job-{number}")]
        node.passed()
        time.sleep(0.01)
    kept = [f"shop_job-{number}-6f_web_{DIGITS}.rbom.json" for number in (2, 3, 4)]
    assert node.files() == [IMAGE, "mine.json", *kept]
    assert len(load_rbom(folder / IMAGE).runs) == 3


def test_a_profile_is_made_of_the_files_of_its_image_alone(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.pods = [pod("web")]
    node.passed()
    other = node.folder / "rboms" / f"shop_api-6f_web_{'3' * 12}.rbom.json"
    other.write_bytes((node.folder / "rboms" / f"shop_web-6f_web_{DIGITS}.rbom.json").read_bytes())
    read: list[str] = []

    def load(file: Path) -> RuntimeBom:
        read.append(file.name)
        return load_rbom(file)

    monkeypatch.setattr(pods, "load_rbom", load)
    node.passed()
    assert other.name not in read
    assert read


class Stopped(BaseException):
    """What the command's own handler raises."""


@pytest.fixture
def _handler() -> Iterator[None]:
    def stop(_number: int, _frame: Any) -> None:
        raise Stopped

    before = signal.signal(signal.SIGTERM, stop)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("_handler")
@pytest.mark.parametrize("when", ["listing", "reading"])
def test_a_signal_ends_careen_while_images_are_read(
    node: Node, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    node.pods = [pod("api"), pod("web")]
    reached = []

    def slow(*_: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        reached.append(when)  # only if the signal did nothing
        raise ToolError(when)

    if when == "reading":
        monkeypatch.setattr(pods, "_recording", slow)
    else:
        monkeypatch.setattr(pods, "_chosen", slow)
    with pytest.raises(Stopped):
        node.passed()
    assert reached == []


@pytest.mark.usefixtures("_handler")
def test_a_signal_in_a_recording_keeps_it_and_ends_all_passes(node: Node) -> None:
    node.pods = [pod("api"), pod("web")]
    node.on_say = lambda text: (
        os.kill(os.getpid(), signal.SIGTERM) if text.startswith("recording 2") else None
    )
    request = replace(node.request(every=3600), seconds=3600)
    (done,) = record_pods(request, node.session)
    assert len(done.records) == 2
    assert len(node.files()) == 3


@pytest.mark.usefixtures("_handler")
def test_a_signal_between_two_passes_ends_them_as_planned(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.pods = [pod("web")]
    waited = pods._stopped

    def stopped(descriptor: int, seconds: float) -> bool:
        if seconds:
            os.kill(os.getpid(), signal.SIGTERM)
        return waited(descriptor, seconds)

    monkeypatch.setattr(pods, "_stopped", stopped)
    assert len(list(record_pods(node.request(every=3600), node.session))) == 1
