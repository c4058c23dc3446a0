"""A service whose answers are never the same twice, on a busy machine: its twin behaves alike, and
what a twin has lost is found amid the noise.
"""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from careen.model.plan import Level
from careen.model.runs.exploration import Effort
from careen.model.runs.workload import ReadyUrl, TestCommand, TestPlace, Workload
from careen.pipeline.profiling.explore import Exploration, explore_original, with_exploration
from careen.pipeline.profiling.observe import Observation, Subject
from careen.pipeline.profiling.profile import make_profile, run_original, runnable
from careen.pipeline.proof.verify import Baseline, Candidate, Proof, loading, verify
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import PlanChoices, Settings
from careen.pipeline.run.source import Examined, examine, open_source
from careen.pipeline.run.stripping import make_stripped
from careen.report.terminal_output.progress import SilentProgress
from careen.report.views.behaviour import behaviour_lines
from tests.support.busy import busy
from tests.support.images import directory, docker_archive, file, layer

SOURCE = Path(__file__).parents[1] / "support" / "noise.c"
WORDS, PLUGIN = "/usr/share/noise/words.txt", "/usr/lib/noise/plugin"
WORKLOAD = Workload(
    "serve", ReadyUrl("/health"), (TestCommand(TestPlace.HOST, 'curl -fsS "$BASE_URL/health"'),)
)

pytestmark = [pytest.mark.runc, pytest.mark.root, pytest.mark.bpf]


@dataclass(frozen=True, slots=True)
class Profiled:
    """The original, and all that was seen of it."""

    original: Examined
    observations: tuple[Observation, ...]
    exploration: Exploration
    run: Session


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("noise")
    subprocess.check_call(["gcc", "-O1", "-static", "-s", "-o", str(folder / "noise"), str(SOURCE)])
    folders = ("usr", "usr/bin", "usr/lib", "usr/lib/noise", "usr/share", "usr/share/noise", "etc")
    contents = (
        *(directory(name) for name in folders),
        directory("tmp", 0o1777),
        file("usr/bin/noise", (folder / "noise").read_bytes(), 0o755),
        file("etc/passwd", "root:x:0:0:root:/:/bin/sh\n"),
        file(WORDS[1:], "one two\n"),
        file(PLUGIN[1:], "extra\n"),
        file("usr/share/noise/unused.bin", b"x" * 4096),
    )
    return docker_archive(
        folder / "noise.tar",
        (layer(*contents),),
        (),
        {"config": {"Entrypoint": ["/usr/bin/noise"], "ExposedPorts": {"8000/tcp": {}}}},
    )


@pytest.fixture(scope="module")
def profiled(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profiled]:
    """The original is profiled and explored on a machine that has other things to do; it has them
    still while the tests run.
    """
    with ExitStack() as stack:
        stack.enter_context(busy())
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(
            "careen.explore.abuse.PATIENCE", 0.1
        )
        run = stack.enter_context(
            session(
                Settings(tmp_path_factory.mktemp("profiled"), engine="embedded"), SilentProgress()
            )
        )
        original = examine(stack.enter_context(open_source(f"docker-archive:{archive}", run)), run)
        prepared = stack.enter_context(runnable(original, run))
        observations = run_original(
            Subject(prepared, original.image.config, None), (WORKLOAD,), run
        )
        yield Profiled(
            original,
            observations,
            explore_original(original, prepared, observations, Effort.SAFE, None, run),
            run,
        )


def verified(profiled: Profiled, *gone: str) -> Proof:
    """Compare the original with an image that lacks what it never uses, and those paths."""
    original, run = profiled.original, profiled.run
    bom = with_exploration(
        make_profile(original, profiled.observations, run).bom, profiled.exploration, original, run
    )
    plan = make_plan(original, bom, PlanChoices(Level.OBSERVED, remove=gone))
    with make_stripped(original, plan, run) as image, loading(image, run) as loaded:
        found = verify(
            Candidate(original, plan, examine(image, run)),
            loaded,
            Baseline(profiled.observations, profiled.exploration),
            None,
            run,
        )
        if found.prepared is not None:
            run.engine.discard(found.prepared)
        return found


def test_a_twin_behaves_alike_however_busy_the_machine(profiled: Profiled) -> None:
    verdict = verified(profiled).verdict
    assert [str(item) for item in verdict.deviations] == []
    assert verdict.passed
    assert verdict.compared.answers > 30
    assert any("both images behave alike" in line for line in behaviour_lines(verdict))


def test_what_a_twin_has_lost_is_found_and_nothing_else(profiled: Profiled) -> None:
    verdict = verified(profiled, WORDS, PLUGIN).verdict
    assert not verdict.passed
    found = {
        (item.where.partition(": ")[2].partition(" (")[0], item.before, item.after)
        for item in verdict.deviations
    }
    assert {each[0].partition(":")[0] for each in found} == {"GET /work", "GET /top"}
    assert {each[1:] for each in found if each[0].startswith("GET /work")} == {
        ('.words = "one two"', "null")
    }
    assert all(
        "plugin: " in f"{before} {after}"
        for where, before, after in found
        if where.startswith("GET /top")
    )
    assert {path for item in verdict.deviations for path in item.cause} <= {WORDS, PLUGIN}
