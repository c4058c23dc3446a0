"""Names through the links of proc(5), and what is made at run time: all is credited to the image,
and nothing honest is unresolved.
"""

import subprocess
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from careen.inventory.scan import scan
from careen.model.rbom import Run, RuntimeBom
from careen.model.runs.trace import Trace, Use
from careen.oci.tree.rootfs import Rootfs
from careen.rbom.attribute import attribute
from careen.sensor.ebpf import EbpfSensor
from careen.sensor.fanotify import FanotifySensor
from careen.sensor.port import Sensor
from tests.support.boms import IMAGE as REF
from tests.support.runc_bundle import prepare
from tests.support.trees import Exec, Link, tree
from tests.support.watched import IMAGE, DockerContainer, docker, rootfs_tar, watch_run

pytestmark = [pytest.mark.bpf, pytest.mark.root]
NAME = f"{IMAGE}:links"
OPENS = (
    "open:/proc/self/root/etc/file",
    "chdir:/etc/deep",
    "open:/proc/self/cwd/er/file",
    "hold:/data/old",
    "open:/proc/self/fd/3/file",
    "hold:/etc",
    "open:/dev/fd/4/other",
    "run:/proc/thread-self/root/bin/second",
    "map:/proc/1/root/lib/library.so",
    "list:/proc/self/root/inner/etc",
)
OPENED = {
    "/etc/file",
    "/etc/deep/er/file",
    "/data/old/file",
    "/etc/other",
    "/bin/second",
    "/lib/library.so",
    "/inner/etc",
}
LOOKS = (
    "stat:/proc/self/root/etc/file",
    "chdir:/etc/deep",
    "access:/proc/self/cwd/er/file",
    "hold:/data/old",
    "stat:/proc/self/fd/3/file",
    "hold:/inner/etc",
    "stat:/dev/fd/4/deep",
    "readlink:/proc/self/root/etc/link",
    "chdir:/proc",
    "stat:self/root/data/one",
    "stat:/proc/self/root/etc/absent",
    "stat:/proc/self/root/proc/1/root/data/two",
)
LOOKED_UP = {
    "/etc/file",
    "/etc/deep/er/file",
    "/data/old/file",
    "/inner/etc/deep",
    "/etc/link",
    "/data/one",
    "/data/two",
}
HONEST = (
    "sleep:300",  # the mounts are read meanwhile
    *(
        "write:/data/new",
        "open:/data/new",
        "make:/data/lock",
        "open:/data/lock",
        "open:/proc/self/root/data/lock",
    ),
    *(
        "mkdir:/data/dir",
        "write:/data/dir/file",
        "rename:/data/dir:/data/moved",
        "open:/data/moved/file",
        "list:/data/moved",
    ),
    *(
        "symlink:/data/alias:/data/moved",
        "write:/data/alias/by-alias",
        "open:/data/moved/by-alias",
        "open:/data/alias/file",
    ),
    *(
        "link:/etc/other:/data/hard",
        "open:/data/hard",
        "node:/data/fifo",
        "stat:/data/fifo",
        "tmpfile:/data:/data/named",
        "open:/data/named",
    ),
    *(
        "chdir:/data",
        "write:/proc/self/cwd/by-cwd",
        "open:by-cwd",
        "unix:/data/socket",
        "stat:/data/socket",
        "chmod:/data",
    ),
    *(
        "open:/etc/doomed",
        "rm:/etc/doomed",
        "open:/etc/doomed",
        "write:/etc/doomed",
        "open:/etc/doomed",
    ),
    *(
        "rename:/data/none:/etc/file",
        "open:/.dockerenv",
        "stat:/etc/hosts",
        "open:/etc/hosts",
        "open:/etc/resolv.conf",
        "open:/etc/mtab",
    ),
    *(
        "list:/proc/self/fd",
        "readlink:/proc/self/exe",
        "stat:/proc/self/cwd",
        "open:/proc/self/exe",
        "write:/dev/stdout",
        "open:/dev/null",
    ),
    *(
        "unlink:/data/new",
        "open:/data/new",
        "stat:/dev/shm",
        "write:/dev/shm/x",
        "open:/dev/shm/x",
        "chdir:/",
        "root:/inner:/etc/deep",
    ),
)


@pytest.fixture(scope="module", autouse=True)
def image() -> Iterator[None]:
    docker("import", "--change", 'ENTRYPOINT ["/bin/act"]', "-", NAME, stdin=rootfs_tar())
    yield
    docker("rmi", "-f", NAME)


def index() -> Rootfs:
    """The image's index; contents do not matter here."""
    with tarfile.open(fileobj=BytesIO(rootfs_tar())) as tar:
        return tree(
            {
                f"/{member.name}": Link(member.linkname) if member.issym() else Exec(b"x")
                for member in tar
            }
        )


def attributed(trace: Trace) -> RuntimeBom:
    assert trace.sensor.complete, trace.sensor.losses
    rootfs = index()
    run = Run("web", (), "2026-03-01T10:00:00Z", 1.0, (), "exit status", trace.sensor, "docker")
    return attribute(trace, rootfs, scan(rootfs), REF, run)


def used(bom: RuntimeBom, *uses: Use) -> set[str]:
    return {file.path for file in bom.files if any(use.use in uses for use in file.uses)}


def by_runc(sensor: Sensor, bundle: Path, *words: str) -> Trace:
    """Run the actor by runc over an overlay, as the embedded engine does."""
    for name in ("lower", "upper", "work", "rootfs"):
        (bundle / name).mkdir()
    # the test's own set-up
    subprocess.run(["tar", "-x", "-C", str(bundle / "lower")], input=rootfs_tar(), check=True)  # noqa: TID251
    options = f"lowerdir={bundle}/lower,upperdir={bundle}/upper,workdir={bundle}/work"
    subprocess.check_call(
        ["mount", "-t", "overlay", "careen-test", "-o", options, str(bundle / "rootfs")]
    )
    try:
        container = prepare(bundle, *words)
        watch = sensor.watch(container)
        try:
            container.start()
            watch.started()
            return watch.finish()
        finally:
            watch.close()
    finally:
        subprocess.check_call(["umount", str(bundle / "rootfs")])


@pytest.mark.docker
def test_what_was_opened_through_process_links_is_used_under_docker() -> None:
    bom = attributed(watch_run(EbpfSensor(), *OPENS, image=NAME))
    assert used(bom, Use.OPENED, Use.EXECUTED, Use.MAPPED, Use.LISTED) >= OPENED
    assert bom.unresolved == 0


@pytest.mark.runc
@pytest.mark.parametrize("sensor", [EbpfSensor(), FanotifySensor()], ids=["ebpf", "fanotify"])
def test_what_was_opened_through_process_links_is_used_under_runc(
    sensor: Sensor, tmp_path: Path
) -> None:
    bom = attributed(by_runc(sensor, tmp_path, *OPENS))
    assert used(bom, Use.OPENED, Use.EXECUTED, Use.MAPPED, Use.LISTED) >= OPENED
    assert bom.unresolved == 0


@pytest.mark.docker
def test_what_was_asked_for_through_process_links_is_looked_up_under_docker() -> None:
    bom = attributed(
        watch_run(EbpfSensor(), *LOOKS, image=NAME)
    )  # it ends before its mounts could be read
    assert used(bom, Use.LOOKED_UP, Use.TRAVERSED) >= LOOKED_UP
    assert "/etc/absent" in {missed.path for missed in bom.missed}
    assert bom.unresolved == 0


@pytest.mark.runc
def test_what_was_asked_for_through_process_links_is_looked_up_under_runc(tmp_path: Path) -> None:
    bom = attributed(by_runc(EbpfSensor(), tmp_path, *LOOKS))
    assert used(bom, Use.LOOKED_UP, Use.TRAVERSED) >= LOOKED_UP
    assert bom.unresolved == 0


@pytest.mark.docker
def test_what_honest_programs_make_move_and_remove_is_resolved_under_docker() -> None:
    """With a volume and a working directory that docker makes, and an exec from outside."""
    options = ("--workdir", "/made/here", "--volume", "/new/volume", "--tmpfs", "/new/memory")
    bom = attributed(
        watch_run(
            EbpfSensor(),
            *HONEST,
            "write:/new/volume/x",
            "open:/new/memory",
            "open:/new",
            "open:/made",
            image=NAME,
            options=options,
        )
    )
    assert bom.unresolved == 0


@pytest.mark.runc
def test_what_honest_programs_make_move_and_remove_is_resolved_under_runc(tmp_path: Path) -> None:
    trace = by_runc(EbpfSensor(), tmp_path, *HONEST)
    assert "/proc" in trace.mounts
    assert attributed(trace).unresolved == 0


@pytest.mark.docker
def test_what_a_test_puts_into_the_container_from_outside_is_resolved(tmp_path: Path) -> None:
    (tmp_path / "fixture").mkdir()
    (tmp_path / "fixture" / "file").write_text("x")

    def put(container: DockerContainer) -> None:
        docker("cp", f"{tmp_path}/fixture", f"{container.id}:/data/fixture")
        docker("exec", container.id, "/bin/act", "write:/data/by-exec", "write:/data/go")

    words = ("wait:/data/go", "open:/data/fixture/file", "open:/data/by-exec")
    bom = attributed(watch_run(EbpfSensor(), *words, image=NAME, meanwhile=put))
    assert bom.unresolved == 0


@pytest.mark.docker
def test_a_file_that_no_layer_has_and_nobody_made_is_counted() -> None:
    """As a layer entry would be that the engine takes and the index does not: here the index lacks
    what the image has.
    """
    trace = watch_run(EbpfSensor(), "open:/etc/file", "run:/bin/second", image=NAME)
    whole = index()
    rootfs = Rootfs(
        {entry.path: entry for entry in whole if entry.path not in {"/etc/file", "/bin/second"}},
        whole._content,
    )
    run = Run("web", (), "2026-03-01T10:00:00Z", 1.0, (), "exit status", trace.sensor, "docker")
    assert attribute(trace, rootfs, scan(rootfs), REF, run).unresolved >= 2
