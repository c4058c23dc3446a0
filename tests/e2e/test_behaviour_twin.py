"""An image and its twin that lost what only untested paths need: verification sees each loss, and
names the path that is gone.
"""

import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from careen.model.plan import Level
from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.exploration import Effort
from careen.model.runs.workload import ReadyUrl, TestCommand, TestPlace, Workload
from careen.pipeline.profiling.explore import explore_original, with_exploration
from careen.pipeline.profiling.observe import Subject
from careen.pipeline.profiling.profile import make_profile, run_original, runnable
from careen.pipeline.proof.verify import Baseline, Candidate, Proof, loading, verify
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import PlanChoices, Settings
from careen.pipeline.run.source import examine, open_source
from careen.pipeline.run.stripping import make_stripped
from careen.report.terminal_output.progress import SilentProgress
from careen.report.views.behaviour import behaviour_lines
from tests.support.images import directory, docker_archive, file, layer

SOURCE = Path(__file__).parents[1] / "support" / "twin.c"
WORDS, PLUGIN, LOCALE = (
    "/usr/share/twin/words.txt",
    "/usr/lib/twin/plugins/extra",
    "/usr/share/locale/de/twin",
)
WORKLOAD = Workload(
    "serve", ReadyUrl("/health"), (TestCommand(TestPlace.HOST, 'curl -fsS "$BASE_URL/health"'),)
)

pytestmark = [pytest.mark.runc, pytest.mark.root, pytest.mark.bpf]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twin")
    subprocess.check_call(["gcc", "-O1", "-static", "-s", "-o", str(folder / "twin"), str(SOURCE)])
    folders = (
        "usr",
        "usr/bin",
        "usr/lib",
        "usr/lib/twin",
        "usr/lib/twin/plugins",
        "usr/share",
        "usr/share/twin",
        "usr/share/locale",
        "usr/share/locale/de",
    )
    contents = (
        *(directory(name) for name in (*folders, "etc")),
        directory("tmp", 0o1777),
        file("usr/bin/twin", (folder / "twin").read_bytes(), 0o755),
        file("etc/passwd", "root:x:0:0:root:/:/bin/sh\n"),
        file("etc/twin.conf", "extra\n"),
        file(WORDS[1:], "one\ntwo\n"),
        file(PLUGIN[1:], "7\n"),
        file(LOCALE[1:], "guten Tag\n"),
        file("usr/share/twin/unused.bin", b"x" * 4096),
    )
    return docker_archive(
        folder / "twin.tar",
        (layer(*contents),),
        (),
        {"config": {"Entrypoint": ["/usr/bin/twin"], "ExposedPorts": {"8000/tcp": {}}}},
    )


@pytest.fixture(scope="module")
def proof(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Proof:
    """The original is explored, and an image without the three files is verified against it."""
    folder = tmp_path_factory.mktemp("verified")
    with ExitStack() as stack:
        run = stack.enter_context(session(Settings(folder, engine="embedded"), SilentProgress()))
        original = examine(stack.enter_context(open_source(f"docker-archive:{archive}", run)), run)
        prepared = stack.enter_context(runnable(original, run))
        observations = run_original(
            Subject(prepared, original.image.config, None), (WORKLOAD,), run
        )
        exploration = explore_original(original, prepared, observations, Effort.SAFE, None, run)
        bom = with_exploration(
            make_profile(original, observations, run).bom, exploration, original, run
        )
        plan = make_plan(original, bom, PlanChoices(Level.OBSERVED, remove=(WORDS, PLUGIN, LOCALE)))
        image = stack.enter_context(make_stripped(original, plan, run))
        loaded = stack.enter_context(loading(image, run))
        candidate = Candidate(original, plan, examine(image, run))
        found = verify(candidate, loaded, Baseline(observations, exploration), None, run)
        if found.prepared is not None:
            run.engine.discard(found.prepared)
        return found


def about(proof: Proof, word: str) -> list[Deviation]:
    return [item for item in proof.verdict.deviations if f"GET {word}" in item.where]


def test_the_tests_see_none_of_the_losses(proof: Proof) -> None:
    assert all(result.passed for result in proof.verdict.hardened)
    assert not proof.verdict.passed
    assert proof.verdict.compared.answers > 20
    assert proof.verdict.compared.experiments == len(proof.explored) >= 2


def test_all_else_behaves_alike(proof: Proof) -> None:
    """The service prints times, and sends identifiers drawn by chance."""
    lost = ("GET /words", "GET /plugins", "GET /greeting")
    elsewhere = [
        item
        for item in proof.verdict.deviations
        if not any(path in item.where for path in lost)
        and item.kind not in ("start-time", "memory")
    ]
    assert [str(item) for item in elsewhere if item.kind != "error-log"] == []


def test_a_file_that_one_path_reads_is_missed_by_its_status(proof: Proof) -> None:
    found = about(proof, "/words")
    assert {(item.kind, item.weight) for item in found} == {("http-status", Weight.FAILURE)}
    assert (found[0].before, found[0].after) == ("200", "500 'no words'")
    assert found[0].cause == (WORDS,)


def test_a_plugin_is_missed_by_the_shape_of_the_answer_and_by_what_is_printed(proof: Proof) -> None:
    found = about(proof, "/plugins")
    assert {(item.kind, item.before, item.after) for item in found} == {
        ("http-body", ".plugins.extra = 7", "nothing")
    }
    assert found[0].weight is Weight.FAILURE
    assert found[0].cause == (PLUGIN,)
    lines = [item for item in proof.verdict.deviations if item.kind == "error-log"]
    assert {item.after for item in lines} == {"'error: plugin extra: not found'"}


def test_a_translation_is_missed_though_nothing_failed(proof: Proof) -> None:
    """A silent loss: status and type are the same, and nothing is printed."""
    found = about(proof, "/greeting")
    assert {(item.kind, item.before, item.after) for item in found} == {
        ("http-body", "'guten Tag'", "'hello'")
    }
    assert found[0].weight is Weight.FAILURE
    assert found[0].cause == (LOCALE,)


def test_what_is_shown_names_the_paths(proof: Proof) -> None:
    lines = behaviour_lines(proof.verdict)
    assert lines[0].startswith("compared: 1 workload, ")
    assert f"    missing: {WORDS}" in lines
    assert any(line.startswith("✗ HTTP statuses: explore:requests: GET /words") for line in lines)
