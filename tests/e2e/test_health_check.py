"""An image's HEALTHCHECK decides nothing by its clock: whoever runs it and however often, a profile
is the same, and says what only the check uses.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from careen.model.findings.triage import Tier
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.runs.trace import Phase
from careen.rbom.store import load_rbom
from careen.triage.triage import triage
from tests.support.careen_command import NO_DAEMON, Careen, containers_of, docker, images_of
from tests.support.service_image import ServiceImage, build_service
from tests.support.triage import finding, inventory, package

CHECK = "/usr/bin/idle"
FETCH = 'curl -fsS "$BASE_URL/file/usr/share/half/used.txt"'
NONE_BY_DOCKER = (
    "since=$(date +%s.%N); sleep 4; "
    "docker events --since $since --until $(date +%s.%N) --filter container=$CAREEN_CONTAINER"
    " --filter event=exec_start > events; cat events; test ! -s events; "
    "test \"$(docker inspect -f '{{json .State.Health}}' $CAREEN_CONTAINER)\" = null"
)
SLOW = {"docker": f"{FETCH} && {NONE_BY_DOCKER}", "embedded": f"{FETCH} && sleep 4"}
ENGINES = [
    pytest.param("docker", marks=[pytest.mark.docker, pytest.mark.root, pytest.mark.bpf]),
    pytest.param("embedded", marks=[pytest.mark.runc, pytest.mark.root, pytest.mark.bpf]),
]


@dataclass(frozen=True)
class CheckedImage(ServiceImage):
    """The service, checked every second by a program of the package `idle`, which nothing else
    uses.
    """

    @property
    def contents(self) -> dict[str, tuple[bytes, int]]:
        return {**super().contents, CHECK: (self.program, 0o755)}

    def config(self) -> dict[str, Any]:
        made = super().config()
        made["config"]["Healthcheck"] = {
            "Test": ["CMD", CHECK, "health", "8000"],
            "Interval": 10**9,
        }
        return made


@dataclass(frozen=True)
class Made:
    """The image as a file, and under a name in docker's store if there is docker."""

    image: CheckedImage
    archive: Path

    def name(self, tag: str) -> str:
        return f"careen-test-{self.image.mark}:{tag}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("checked")
    image = CheckedImage(build_service(folder), secrets.token_hex(6))
    archive = folder / "image.tar"
    return Made(image, image.archive(archive, f"careen-test-{image.mark}:original"))


@pytest.fixture
def source(request: pytest.FixtureRequest, made: Made) -> Iterator[tuple[str, str]]:
    """The engine, and what `careen` is to be given for it."""
    engine = str(request.param)
    if engine == "embedded":
        yield engine, f"docker-archive:{made.archive}"
        return
    docker("load", "--input", str(made.archive))
    yield engine, made.name("original")
    assert containers_of(made.image.mark) == []
    for name in images_of(made.image.mark):
        docker("image", "rm", name)


def careen_for(engine: str, folder: Path) -> Careen:
    folder.mkdir()
    return Careen(folder, NO_DAEMON if engine == "embedded" else {})


def profiled(source: tuple[str, str], folder: Path, *options: str) -> Path:
    engine, image = source
    words = ("profile", image, "-o", "rbom.json", "--engine", engine, *options)
    careen_for(engine, folder)(*words)
    return folder / "rbom.json"


def uses_of(rbom: Path) -> dict[str, list[tuple[str, tuple[str, ...], str]]]:
    """How each file was used: how, in which phases, by which program."""
    bom = load_rbom(rbom)
    return {
        file.path: [
            (use.use.value, tuple(sorted(p.value for p in use.phases)), use.executable)
            for use in file.uses
        ]
        for file in bom.files
    }


def packages() -> Inventory:
    return inventory(
        package("idle", CHECK, "/usr/share/idle/data.bin"),
        package("service", "/usr/bin/service", "/usr/share/service/model.bin"),
        package("half", "/usr/share/half/used.txt", "/usr/share/half/unused.txt"),
    )


def tiers_of(rbom: Path) -> dict[str, tuple[Tier, bool]]:
    bom, known = load_rbom(rbom), packages()
    items = triage(map(finding, known.packages.values()), known, bom, bom.image)
    return {item.finding.name: (item.tier, item.health_check_only) for item in items}


@pytest.mark.parametrize("source", ENGINES, indirect=True)
def test_neither_slow_tests_nor_the_way_to_wait_change_the_profile(
    source: tuple[str, str], tmp_path: Path
) -> None:
    """Readiness by the check and by a path; tests that are over before docker's first check, and
    that outlast four of them.
    """
    quick = profiled(source, tmp_path / "quick", "--test", FETCH)
    slow = profiled(source, tmp_path / "slow", "--test", SLOW[source[0]])
    by_path = profiled(source, tmp_path / "path", "--ready", "/health", "--test", FETCH)
    assert uses_of(quick) == uses_of(slow) == uses_of(by_path)
    assert {phases for _, phases, _ in uses_of(slow)[CHECK]} == {(Phase.HEALTH.value,)}
    expected = {
        "idle": (Tier.EXECUTED, True),
        "service": (Tier.EXECUTED, False),
        "half": (Tier.OPENED, False),
    }
    assert tiers_of(quick) == tiers_of(slow) == tiers_of(by_path) == expected
    assert load_rbom(slow).completeness.complete


@pytest.mark.parametrize("source", ENGINES, indirect=True)
def test_what_the_check_needs_stays_and_it_passes_on_both_images(
    source: tuple[str, str], tmp_path: Path
) -> None:
    engine, image = source
    careen = careen_for(engine, tmp_path / "harden")
    words = ("harden", image, "-o", "docker-archive:hardened.tar", "--engine", engine)
    careen(*words, "--report-dir", "report", "--ready", "/health", "--test", FETCH)
    report = careen.folder / "report"
    both = json.loads((report / "verify.json").read_text())["workloads"]
    for side in ("original", "hardened"):
        assert [run["health"] for run in both[side]] == [{"exit_status": 0, "tries": 1}]
    kept = load_rbom(report / "rbom.json")
    assert ImagePath(CHECK) in {file.path for file in kept.files}
