"""`--gpus` without a GPU: a CDI specification of the test's own names a stub of the driver's library,
which logs its calls, and a device that is none of a GPU. What a driver does is not tested here.
"""

import json
import platform
import re
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from careen.engines.client.client import PODMAN
from careen.engines.client.engine import ClientEngine
from careen.engines.embedded import cdi
from careen.engines.embedded.engine import EmbeddedEngine
from careen.errors import CareenError
from careen.tools.workspace import Workspace
from tests.support.engine_bench import Bench

STUB = r"""
#include <stdio.h>
int cuInit(unsigned flags)
{
	FILE *log = fopen("/cuda/log", "a"), *device = fopen("/dev/nvidia0", "r");
	fprintf(log, "cuInit %u, device says %d\n", flags, device ? fgetc(device) : -1);
	return fclose(log);
}
"""
PROGRAM = r"""
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
	void *driver = dlopen("libcuda.so.1", RTLD_NOW);
	int (*init)(unsigned) = driver ? (int (*)(unsigned))dlsym(driver, "cuInit") : NULL;
	if (!init)
		return puts(dlerror()), 1;
	printf("cuInit %d, devices %s\n", init(0), getenv("NVIDIA_VISIBLE_DEVICES"));
	return 0;
}
"""


def compiled(folder: Path, name: str, source: str, *words: str) -> Path:
    (folder / f"{name}.c").write_text(source)
    out = folder / name
    subprocess.check_call(["gcc", "-O1", *words, "-o", str(out), str(folder / f"{name}.c")])
    return out


@dataclass(frozen=True, slots=True)
class Driver:
    """The stub, the folder of its log, and the program with the files that it needs."""

    folder: Path
    files: dict[str, tuple[bytes, int, int, int]]

    def specify(self, directory: Path, kind: str = "nvidia.com/gpu") -> Path:
        """Write the CDI specification and return its path."""
        node = {"path": "/dev/nvidia0", "hostPath": "/dev/zero"}
        library = f"/lib/{platform.machine()}-linux-gnu/libcuda.so.1"
        common = {
            "env": ["NVIDIA_VISIBLE_DEVICES=void"],
            "mounts": [
                {
                    "hostPath": str(self.folder / "libcuda.so.1"),
                    "containerPath": library,
                    "options": ["ro", "nosuid", "nodev", "rbind", "rprivate"],
                },
                {
                    "hostPath": str(self.folder / "log"),
                    "containerPath": "/cuda",
                    "options": ["rw", "rbind"],
                },
            ],
            "hooks": [
                {
                    "hookName": "createContainer",
                    "path": "/bin/sh",
                    "args": ["sh", "-c", f"echo hook >{self.folder}/log/hook"],
                }
            ],
        }
        spec = {
            "cdiVersion": "0.6.0",
            "kind": kind,
            "containerEdits": common,
            "devices": [
                {"name": name, "containerEdits": {"deviceNodes": [node]}} for name in ("0", "all")
            ],
        }
        path = directory / f"{kind.partition('/')[0]}.json"
        path.write_text(json.dumps(spec))
        return path


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Driver:
    folder = tmp_path_factory.mktemp("driver")
    (folder / "log").mkdir()
    compiled(folder, "libcuda.so.1", STUB, "-shared", "-fPIC")
    program = compiled(folder, "program", PROGRAM)
    needed = re.findall(r"(/\S+) \(", subprocess.check_output(["ldd", str(program)], text=True))
    files = {path: (Path(path).read_bytes(), 0o755, 0, 0) for path in needed}
    return Driver(folder, {**files, "/bin/program": (program.read_bytes(), 0o755, 0, 0)})


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the embedded engine looks for specifications."""
    own = tmp_path / "cdi"
    own.mkdir(mode=0o755)
    monkeypatch.setattr(cdi, "SPEC_DIRECTORIES", (own,))
    return own


@pytest.fixture
def kind(driver: Driver) -> Iterator[str]:
    """Devices of a kind of this test's own, in podman's directory for all users."""
    kind = f"careen-test-{secrets.token_hex(6)}.example/gpu"
    folder = Path("/var/run/cdi")
    mine = not folder.exists()
    folder.mkdir(exist_ok=True)
    path = driver.specify(folder, kind)
    try:
        yield kind
    finally:
        path.unlink()
        if mine:
            folder.rmdir()


def check(bench: Bench, driver: Driver, gpus: str) -> None:
    for path in (driver.folder / "log").iterdir():
        path.unlink()
    ours = bench.with_files(driver.files)
    ours.image = replace(ours.image, run={"Entrypoint": ["/bin/program"], "Env": ["PATH=/bin"]})
    ran = ours.run(gpus=gpus)
    assert (ran.status, ran.output) == (0, "cuInit 0, devices void\n")
    assert (driver.folder / "log" / "log").read_text() == "cuInit 0, device says 0\n"
    assert (driver.folder / "log" / "hook").read_text() == "hook\n"
    without = ours.run()
    assert without.status == 1
    assert "libcuda.so.1" in without.output


@pytest.mark.runc
@pytest.mark.parametrize("gpus", ["all", "1", "device=0", "nvidia.com/gpu=0"])
def test_the_drivers_library_is_there_and_called(
    gpus: str, directory: Path, driver: Driver, space: Workspace, probe: bytes
) -> None:
    driver.specify(directory)
    check(Bench(EmbeddedEngine(space), probe), driver, gpus)


@pytest.mark.podman
@pytest.mark.root
def test_podman_resolves_cdi_names(
    kind: str, driver: Driver, space: Workspace, probe: bytes
) -> None:
    check(Bench(ClientEngine(space, PODMAN), probe), driver, f"{kind}=0")


@pytest.mark.podman
@pytest.mark.root
def test_podman_is_given_cdi_names(space: Workspace, probe: bytes) -> None:
    with pytest.raises(CareenError, match=r"CDI devices nvidia\.com/gpu=none-such"):
        Bench(ClientEngine(space, PODMAN), probe).run(gpus="device=none-such")


@pytest.mark.runc
def test_a_device_that_is_not_there_is_named(
    directory: Path, driver: Driver, space: Workspace, probe: bytes
) -> None:
    driver.specify(directory)
    with pytest.raises(CareenError, match=r"no CDI device nvidia\.com/gpu=7") as caught:
        Bench(EmbeddedEngine(space), probe).run(gpus="device=7")
    assert "\n" not in str(caught.value)


@pytest.mark.runc
def test_a_specification_that_others_can_write_is_not_obeyed(
    directory: Path, driver: Driver, space: Workspace, probe: bytes
) -> None:
    driver.specify(directory).chmod(0o666)
    with pytest.raises(CareenError, match="as others than root can write it"):
        Bench(EmbeddedEngine(space), probe).run(gpus="all")
