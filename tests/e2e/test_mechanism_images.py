"""For each mechanism of the closure, on a real container: what the profile did not show works in
the hardened image, and fails in the one that was hardened without the mechanism.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.select import cleaners
from careen.inventory.scan import scan
from careen.model.packages.package import Inventory
from careen.model.plan import Level, Plan
from careen.model.rbom import RuntimeBom
from careen.model.runs.workload import RunOptions
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive
from careen.oci.tree.rootfs import Rootfs
from careen.plan.core.rules import load_rules
from careen.plan.decide import MECHANISMS, Policy, decide
from careen.rbom.store import read_rbom
from careen.rewrite.strip import StripFacts, strip
from careen.tools.workspace import workspace
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.mechanism_image import COLD, WORKS, build_image

pytestmark = [pytest.mark.runc, pytest.mark.root, pytest.mark.bpf]
RULES = load_rules()
ELSEWHERE = {
    "rules": "time-zones is one",
    "node-packages": (
        "Node.js is 100 MB; tests/unit/plan/test_node.py, and the cold corpus' Node image"
    ),
    "java-class-path": (
        "a JVM is 200 MB; tests/unit/plan/test_mechanism_alone.py, and the cold corpus' Java image"
    ),
    **dict.fromkeys(
        ("helper-programs", "configured-programs", "state-directories"),
        "tests/unit/plan/test_mechanism_alone.py, and the cold corpus' PHP image",
    ),
    **dict.fromkeys(
        ("generated-files", "pam-helpers"),
        "graphviz and cron are large; tests/unit/plan/test_mechanism_alone.py, and the cold corpus'"
        " tables",
    ),
    "byte-code": (
        "it saves time and no path breaks; tests/unit/plan/test_mechanism_alone.py, and"
        " tests/unit/plan/test_byte_code.py"
    ),
    "typelibs": (
        "GObject introspection is 20 MB; tests/unit/plan/test_mechanism_alone.py, and the cold corpus'"
        " gate"
    ),
    "interactive-kernels": (
        "Jupyter is 300 MB; tests/unit/plan/test_mechanism_alone.py, and the cold corpus' notebooks"
    ),
    "conda-packages": "a conda prefix is 300 MB; tests/unit/plan/test_conda_packages.py",
    "linked-sources": "the links are a cache of models; tests/unit/plan/test_mechanism_alone.py",
    **dict.fromkeys(
        ("compiled-commands", "configured-commands"),
        "tests/unit/plan/test_mechanism_alone.py, and the cold corpus' Go service",
    ),
}


@dataclass(frozen=True)
class Bench:
    """The image, what a real profile of its warm paths saw, and an engine that runs what is made of
    it.
    """

    image: Image
    rootfs: Rootfs
    inventory: Inventory
    bom: RuntimeBom
    engine: EmbeddedEngine

    folder: Path

    def profile(self, name: str) -> RuntimeBom:
        """Run the image's warm paths once more under the sensor."""
        return profiled(self.folder, name)

    def plan(self, bom: RuntimeBom, *without: str) -> Plan:
        """Plan at closure, with some mechanisms switched off."""
        return decide(
            self.rootfs,
            self.inventory,
            bom,
            self.image.config,
            Policy(Level.CLOSURE, (), (), RULES, "a" * 64),
            without=frozenset(without),
        )

    def cold(self, commands: str, *without: str) -> tuple[int | None, str]:
        """Run a shell command in the image as hardened at closure, with some mechanisms switched
        off; return its exit status and output.
        """
        plan = self.plan(self.bom, *without)
        with tempfile.TemporaryDirectory() as scratch:
            hardened = strip(
                self.image,
                self.rootfs,
                self.inventory,
                plan,
                StripFacts("2026-01-01T00:00:00Z"),
                Path(scratch),
            )
            prepared = self.engine.prepare(hardened)
        container = self.engine.create(
            prepared, RunOptions(entrypoint="/bin/sh", args=("-c", commands)), ()
        )
        try:
            container.start()
            return container.wait(60), container.logs()
        finally:
            container.remove()
            self.engine.discard(prepared)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("mechanisms")
    archive = build_image(folder / "image.tar", folder)
    bom = profiled(folder, "rbom.json")
    with (
        open_image(DockerArchive(archive), None, folder) as image,
        workspace(folder / "engine", cleaners()) as space,
    ):
        rootfs = image.rootfs()
        yield Bench(image, rootfs, scan(rootfs), bom, EmbeddedEngine(space), folder)


def profiled(folder: Path, name: str) -> RuntimeBom:
    """Run `careen profile` on the image in a folder."""
    Careen(folder, NO_DAEMON)(
        "profile",
        "docker-archive:image.tar",
        "--ready",
        "exit",
        "--engine",
        "embedded",
        "-q",
        "-o",
        name,
    )
    return read_rbom((folder / name).read_bytes())


def test_all_cold_paths_work_in_the_hardened_image(bench: Bench) -> None:
    status, output = bench.cold(
        "; ".join(f"({command}) 2>&1 || echo FAILED {name}" for name, (command, _) in COLD.items())
    )
    assert status == 0, output
    assert "FAILED" not in output, output
    assert output.count(WORKS) >= len(COLD), output


def test_another_profile_of_the_same_workload_gives_the_same_layers(bench: Bench) -> None:
    again = bench.profile("again.json")
    assert bench.plan(again).keep.keys() == bench.plan(bench.bom).keep.keys()


@pytest.mark.parametrize("off", COLD)
def test_without_its_mechanism_a_cold_path_breaks(bench: Bench, off: str) -> None:
    command, complaint = COLD[off]
    status, output = bench.cold(command, off)
    assert status != 0, output
    assert complaint in output


def test_every_mechanism_is_here_or_says_where() -> None:
    assert {mechanism.id for mechanism in MECHANISMS} == (set(COLD) - {"time-zones"}) | set(
        ELSEWHERE
    )
