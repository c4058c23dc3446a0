"""A container that is held before its first exec: the root is mounted, fanotify marks it, and
nothing that is opened is missed.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.engines.cgroups import HIERARCHIES
from careen.engines.client.client import DOCKER
from careen.engines.client.engine import ClientEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.hold import Hold, new_frozen_cgroup_name
from careen.engines.leftovers import cleaners
from careen.errors import ToolError
from careen.model.runs.engine import Engine, PreparedImage
from careen.model.runs.trace import Trace, Use
from careen.model.runs.workload import RunOptions
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.sensor.fanotify import FanotifySensor
from careen.tools.workspace import reap, workspace
from tests.support.images import oci_layout
from tests.support.watched import IMAGE, docker, rootfs_tar, seen

pytestmark = [pytest.mark.root, pytest.mark.docker]
NAME = f"{IMAGE}:held"


@pytest.fixture(scope="module", autouse=True)
def image() -> Iterator[None]:
    docker("import", "--change", 'ENTRYPOINT ["/bin/act"]', "-", NAME, stdin=rootfs_tar())
    yield
    docker("rmi", "-f", NAME)


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the control groups in which this test holds containers: another worker's tests
    may hold some of their own.
    """
    names: list[str] = []

    def noted(driver: str) -> str:
        names.append(new_frozen_cgroup_name(driver))
        return names[-1]

    monkeypatch.setattr("careen.engines.client.engine.new_frozen_cgroup_name", noted)
    return names


def there(groups: list[str]) -> list[str]:
    """Those of the control groups that exist, wherever they are."""
    hierarchies = (HIERARCHIES, *(path for path in HIERARCHIES.iterdir() if path.is_dir()))
    return [name for name in groups if any((base / name).exists() for base in hierarchies)]


def watch_to_its_end(engine: Engine, prepared: PreparedImage, options: RunOptions) -> Trace:
    sensor = FanotifySensor()
    container = engine.create(prepared, options, (), held=sensor.needs_mount)
    try:
        watch = sensor.watch(container)
        try:
            container.start()
            watch.started()
            container.wait(30)
            return watch.finish()
        finally:
            watch.close()
    finally:
        container.remove()


def fanotify_run(root: Path, *words: str, entrypoint: str | None = None) -> Trace:
    with workspace(root, cleaners()) as space:
        engine = ClientEngine(space, DOCKER)
        return watch_to_its_end(
            engine, engine.prepare_existing(NAME), RunOptions(args=words, entrypoint=entrypoint)
        )


def test_docker_the_first_exec_and_the_first_open_are_seen(
    tmp_path: Path, groups: list[str]
) -> None:
    trace = fanotify_run(tmp_path, "open:/etc/file", "run:/bin/second", "list:/data")
    assert trace.sensor.complete, trace.sensor.losses
    assert {"/bin/act", "/bin/second"} <= seen(trace, Use.EXECUTED)
    assert "/etc/file" in seen(trace, Use.OPENED)
    assert "/data" in seen(trace, Use.LISTED)
    assert not any("could only be set after" in note for note in trace.sensor.notes)
    assert (len(groups), there(groups)) == (1, [])


def test_a_container_that_ends_at_once_is_seen_whole(tmp_path: Path) -> None:
    """Ten starts in a row: a mark that came late by chance would miss the only file."""
    for _ in range(10):
        trace = fanotify_run(tmp_path, "open:/etc/other")
        assert trace.sensor.complete
        assert "/etc/other" in seen(trace, Use.OPENED)
        assert "/bin/act" in seen(
            trace, Use.EXECUTED
        )  # while its process still shows the runtime as its program


@pytest.mark.runc
def test_the_embedded_engine_has_mounted_the_root_before_its_start(tmp_path: Path) -> None:
    layout = oci_layout(
        tmp_path / "image", [rootfs_tar()], config={"config": {"Entrypoint": ["/bin/act"]}}
    )
    (tmp_path / "scratch").mkdir()
    with workspace(tmp_path / "work", cleaners()) as space:
        engine = EmbeddedEngine(space)
        with open_image(OciLayout(layout, None), None, tmp_path / "scratch") as image:
            prepared = engine.prepare(image)
        trace = watch_to_its_end(
            engine, prepared, RunOptions(args=("open:/etc/link", "run:/bin/second", "list:/data"))
        )
    assert trace.sensor.complete, trace.sensor.losses
    assert {"/bin/act", "/bin/second"} <= seen(trace, Use.EXECUTED)
    assert "/etc/file" in seen(trace, Use.OPENED)
    assert "/data" in seen(trace, Use.LISTED)


def test_a_program_that_is_not_there_is_the_engines_error_and_leaves_no_group(
    tmp_path: Path, groups: list[str]
) -> None:
    with pytest.raises(ToolError, match=r"starting the container: .*not-there"):
        fanotify_run(tmp_path, entrypoint="/bin/not-there")
    assert (len(groups), there(groups)) == (1, [])


def test_without_a_freezer_the_trace_is_incomplete_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("careen.engines.client.engine.can_freeze", lambda: False)
    trace = fanotify_run(tmp_path, "sleep:1000", "open:/etc/file")
    assert trace.sensor.losses["opens_before_mark"] == 1
    assert any("no freezer control group" in note for note in trace.sensor.notes)


def test_a_held_container_that_is_given_up_is_removed(tmp_path: Path, groups: list[str]) -> None:
    with workspace(tmp_path, cleaners()) as space:
        engine = ClientEngine(space, DOCKER)
        container = engine.create(
            engine.prepare_existing(NAME), RunOptions(args=("open:/etc/file",)), (), held=True
        )
        assert container.mount() is not None
        assert (len(groups), there(groups)) == (1, groups)
        container.remove()
    assert there(groups) == []


CRASH = """
import os, signal, sys
from pathlib import Path
from careen.engines.client.client import DOCKER
from careen.engines.client.engine import ClientEngine
from careen.engines.leftovers import cleaners
from careen.model.runs.workload import RunOptions
from careen.tools.workspace import workspace
with workspace(Path(sys.argv[1]), cleaners()) as space:
    engine = ClientEngine(space, DOCKER)
    container = engine.create(engine.prepare_existing(sys.argv[2]), RunOptions(args=("sleep:60000",)), (), held=True)
    assert container.mount()
    print(container.name, container._hold.name, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_next_run_frees_what_a_killed_one_held(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: TID251
        [sys.executable, "-c", CRASH, str(tmp_path), NAME],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    container, group = done.stdout.split()
    assert there([group]) == [group]
    assert reap(tmp_path, cleaners()) == ()
    assert there([group]) == []
    assert container not in docker("ps", "-a", "--format", "{{.Names}}").split()


@pytest.mark.parametrize(
    "base",
    [path for path in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")) if path.is_dir()],
    ids=str,
)
def test_a_process_stands_still_in_a_frozen_group_of_each_version(
    base: Path, tmp_path: Path
) -> None:
    """`unified` is a real cgroup v2 hierarchy beside v1 ones: the same files as on a machine that
    has only v2.
    """
    group = Hold(new_frozen_cgroup_name("cgroupfs"), base)
    group.freeze()
    (directory,) = {
        path.parent
        for kind in ("freezer.state", "cgroup.freeze")
        for path in base.rglob(f"{group.name}/{kind}")
    }
    mark = tmp_path / "done"
    child = os.fork()
    if not child:
        (directory / "cgroup.procs").write_text("0")
        mark.touch()
        os._exit(0)
    try:
        time.sleep(0.3)
        assert not mark.exists()
        group.thaw()
        os.waitpid(child, 0)
        assert mark.exists()
    finally:
        group.thaw()
        group.remove()
    assert not directory.exists()


@pytest.mark.parametrize("name", ["docker", "../careenhold", "careenhold/../docker", ""])
def test_no_other_group_is_ever_touched(name: str) -> None:
    with pytest.raises(ToolError, match="not a control group of ours"):
        Hold(name)


def test_names_are_what_dockers_drivers_take() -> None:
    assert new_frozen_cgroup_name("systemd").endswith(".slice")
    assert "-" not in new_frozen_cgroup_name("systemd")
    assert not new_frozen_cgroup_name("cgroupfs").endswith(".slice")
