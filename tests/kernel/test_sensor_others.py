"""Containers that others start of an image are watched from their first exec: docker tells of them
between making and starting them.
"""

from collections.abc import Iterator

import pytest

from careen.engines.client.client import DOCKER
from careen.engines.client.others import watch_other_containers
from careen.model.runs.trace import Trace, Use
from careen.sensor.ebpf import EbpfSensor
from tests.support.watched import IMAGE, docker, rootfs_tar, seen

pytestmark = [pytest.mark.docker, pytest.mark.bpf, pytest.mark.root]
NAME = f"{IMAGE}:others"


@pytest.fixture(scope="module", autouse=True)
def image() -> Iterator[str]:
    docker("import", "--change", 'ENTRYPOINT ["/bin/act"]', "-", NAME, stdin=rootfs_tar())
    yield docker("image", "inspect", "-f", "{{.Id}}", NAME)
    docker("rmi", "-f", NAME)


def watched(image_id: str, *runs: tuple[str, ...]) -> tuple[Trace, ...]:
    watch = EbpfSensor().watch_others()
    try:
        with watch_other_containers(DOCKER, image_id, "io.careen.run", watch.add) as others:
            for words in runs:
                docker("run", "--rm", *words)
        traces = tuple(watch.finish().values())
        assert others.started == len(traces)
        return traces
    finally:
        watch.close()


def test_each_shows_what_it_did_by_itself(image: str) -> None:
    one, two = watched(
        image,
        (NAME, "open:/etc/file", "open:/etc/none"),
        (image, "open:/etc/other", "run:/bin/second"),
    )
    assert "/etc/file" in seen(one, Use.OPENED)
    assert "/etc/none" in seen(one, Use.OPENED, 2)
    assert "/bin/act" in seen(one, Use.EXECUTED)
    assert "/etc/other" in seen(two, Use.OPENED)
    assert "/etc/file" not in seen(two, Use.OPENED)
    assert "/bin/second" in seen(two, Use.EXECUTED)


def test_careens_own_containers_are_not_watched_twice(image: str) -> None:
    assert watched(image, ("--label", "io.careen.run=x", NAME, "open:/etc/file")) == ()


def test_many_are_watched(image: str) -> None:
    assert len(watched(image, *((NAME, "open:/etc/file") for _ in range(20)))) == 20


def test_one_that_no_sensor_watches_is_counted(image: str) -> None:
    with watch_other_containers(DOCKER, image, "io.careen.run", lambda _: None) as others:
        for _ in range(3):
            docker("run", "--rm", NAME, "open:/etc/file")
    assert others.started == 3
