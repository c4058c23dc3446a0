"""Exploration of a service that reads a file of its own on each cold path: what it reaches, what it
finds alike, what it leaves behind.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from careen.explore.drives import STILL_RUNNING
from careen.model.rbom import RunKind, RuntimeBom
from careen.model.runs.exploration import Effort, Explored
from careen.model.runs.trace import Phase, Use
from careen.model.runs.workload import (
    Limits,
    ReadyExit,
    ReadyLog,
    RunOptions,
    TestCommand,
    TestPlace,
    Workload,
)
from careen.pipeline.profiling.explore import (
    Exploration,
    explore_again,
    explore_original,
    with_exploration,
)
from careen.pipeline.profiling.observe import Subject
from careen.pipeline.profiling.profile import make_profile, run_original, runnable
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Settings
from careen.pipeline.run.source import Examined, examine, open_source
from careen.report.terminal_output.progress import SilentProgress
from tests.support.careen_command import docker, mounts_below
from tests.support.cold_image import NAMES, SHARE, cold_archive

pytestmark = [pytest.mark.root, pytest.mark.bpf]

TEST = TestCommand(TestPlace.HOST, 'curl -sS "$BASE_URL/openapi.json"')
SERVICE = Workload("serve", ReadyLog("listening"), (TEST,), limits=Limits(ready=30, stop=5))
BOTH = [
    pytest.param("docker", marks=pytest.mark.docker),
    pytest.param("embedded", marks=pytest.mark.runc),
]


@dataclass(frozen=True)
class Explore:
    """What came of an exploration."""

    exploration: Exploration
    again: tuple[Explored, ...]
    bom: RuntimeBom

    def named(self, experiment: str) -> Explored:
        return next(each for each in self.exploration.original if each.experiment == experiment)

    @property
    def ids(self) -> list[str]:
        return [each.experiment for each in self.exploration.original]

    def read(self, origin: str) -> set[str]:
        """Names of the service's files that were opened in runs whose name begins so."""
        found = (
            file
            for file in self.bom.files
            if any(use.use is Use.OPENED and use.origin.startswith(origin) for use in file.uses)
        )
        return {
            str(file.path).removeprefix(f"{SHARE}/")
            for file in found
            if str(file.path).startswith(SHARE)
        } - {"openapi.json"}


@contextmanager
def opened(archive: Path, folder: Path, engine: str) -> Iterator[tuple[Session, Examined]]:
    with session(Settings(folder / "work", engine=engine), SilentProgress()) as run:
        image = open_source(f"docker-archive:{archive}", run)
        try:
            yield run, examine(image, run)
        finally:
            image.close()
    assert list((folder / "work").iterdir()) == []
    assert mounts_below(folder) == []


def explored(
    archive: Path,
    folder: Path,
    engine: str,
    workload: Workload,
    effort: Effort = Effort.SAFE,
    *,
    twice: bool = False,
) -> Explore:
    with opened(archive, folder, engine) as (run, original), runnable(original, run) as prepared:
        observations = run_original(
            Subject(prepared, original.image.config, None), (workload,), run
        )
        profile = make_profile(original, observations, run)
        exploration = explore_original(original, prepared, profile, effort, folder / "logs", run)
        again = (
            explore_again(exploration, prepared, original.image.config, None, run) if twice else ()
        )
        return Explore(
            exploration, again, with_exploration(profile.bom, exploration, original, run)
        )


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cold_archive(tmp_path_factory.mktemp("cold"))


@pytest.fixture(scope="module", params=BOTH)
def safe(
    request: pytest.FixtureRequest, archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> Explore:
    return explored(
        archive,
        tmp_path_factory.mktemp("safe"),
        request.param,
        SERVICE,
        twice=request.param == "embedded",
    )


def test_safe_takes_five_starts_at_most(safe: Explore) -> None:
    assert safe.ids == ["requests", "elsewhere", "help", "version"]
    assert [each.trace.starts for each in safe.exploration.original if each.trace] == [2, 1, 1, 1]
    assert all(each.trace and each.trace.sensor.complete for each in safe.exploration.original)


def test_each_cold_path_is_taken(safe: Explore) -> None:
    assert safe.read("serve") == {"health.txt", "terminated.txt"}
    assert safe.read("explore:") == set(NAMES) - {"unused.bin"}
    assert safe.read("explore:elsewhere") >= {
        "stranger.txt",
        "no-cache.txt",
        "german.txt",
        "interrupted.txt",
        "zone/Asia/Kathmandu",
        "health.txt",
    }
    assert safe.read("explore:requests") >= {
        "table.bin",
        "errors.txt",
        "nonsense.txt",
        "reload.txt",
        "warm.txt",
        "health.txt",
        "end.txt",
    }


def test_exploration_is_not_what_the_workload_used(safe: Explore) -> None:
    kinds = {run.workload: run.kind for run in safe.bom.runs}
    assert kinds == {
        "serve": RunKind.WORKLOAD,
        **{f"explore:{name}": RunKind.EXPLORATION for name in safe.ids},
    }
    own = safe.bom.without_exploration()
    used = {str(file.path) for file in own.files if file.path.startswith(SHARE)}
    assert used == {f"{SHARE}/{name}" for name in ("health.txt", "openapi.json", "terminated.txt")}


def test_the_health_check_is_in_its_phase_in_experiments_too(safe: Explore) -> None:
    (file,) = (file for file in safe.bom.files if file.path == f"{SHARE}/health.txt")
    by = {use.origin: use.phases for use in file.uses}
    assert by.keys() == {"serve", "explore:requests", "explore:elsewhere"}
    assert set(by.values()) == {frozenset({Phase.HEALTH})}


def test_the_operations_are_the_documents(safe: Explore) -> None:
    assert safe.exploration.operations is not None
    assert [operation.name for operation in safe.exploration.operations] == [
        "POST /convert",
        "POST /shutdown",
    ]
    called = {answer.operation for answer in safe.named("requests").answers}
    assert called == {"", "POST /convert", "POST /shutdown"}


def test_answers(safe: Explore) -> None:
    requests = {answer.id: answer for answer in safe.named("requests").answers}
    valid, broken = requests["POST /convert: all fields"], requests["POST /convert: null"]
    assert (valid.status, valid.body, valid.headers, valid.note) == (
        200,
        '{"converted": true}',
        {"content-type": "application/json"},
        "",
    )
    assert (broken.status, broken.kind) == (422, "http")
    assert requests["port 8000: bytes that mean nothing"].kind == "raw"
    assert (requests["HEALTHCHECK"].kind, requests["HEALTHCHECK"].status) == ("exec", 0)
    assert (requests["restart"].status, requests["restart"].note) == (0, "")
    assert (requests["signal HUP"].status, requests["signal HUP"].note) == (None, STILL_RUNNING)
    interrupted = {answer.id: answer for answer in safe.named("elsewhere").answers}["signal INT"]
    assert (interrupted.kind, interrupted.status, safe.named("elsewhere").exit_code) == (
        "signal",
        3,
        3,
    )
    assert safe.named("help").answers[0].body == "this is help.txt\n"
    assert (safe.named("version").answers[0].status, safe.named("version").exit_code) == (0, 0)


def test_the_same_image_answers_the_same_again(safe: Explore) -> None:
    if not safe.again:
        return  # docker is not asked twice: the tests' time
    for before, after in zip(safe.exploration.original, safe.again, strict=True):
        assert (before.experiment, before.exit_code, before.skipped) == (
            after.experiment,
            after.exit_code,
            after.skipped,
        )
        one, two = (
            [
                (each.id, each.kind, each.status, each.body, each.note, each.headers)
                for each in result.answers
            ]
            for result in (before, after)
        )
        assert one == two
        assert after.ready_seconds is not None


def test_what_ends_the_service_comes_late_and_it_is_started_again(safe: Explore) -> None:
    answers = safe.named("requests").answers
    at = next(
        number for number, answer in enumerate(answers) if answer.operation == "POST /shutdown"
    )
    assert answers[at - 1].id.endswith("(again)")
    late = [answer for answer in answers if answer.operation == "POST /shutdown"]
    assert [answer.status for answer in answers[at + len(late) :]] == [0, 200, 404, None]
    assert safe.named("requests").logs.count("listening") == 2


@pytest.mark.runc
def test_too_much_at_once_is_tried_in_parts(archive: Path, tmp_path: Path) -> None:
    found = explored(
        archive, tmp_path, "embedded", replace(SERVICE, run=RunOptions(env=("FRAGILE=1",)))
    )
    assert found.ids == [
        "requests",
        "elsewhere",
        "surroundings",
        "other-user",
        "read-only-tmp",
        "help",
        "version",
    ]
    together, stranger = found.named("elsewhere"), found.named("other-user")
    assert (together.ready_seconds, together.exit_code, together.answers) == (None, 7, ())
    assert (stranger.ready_seconds, stranger.exit_code) == (None, 7)
    assert found.named("read-only-tmp").answers[0].status == 200
    assert "stranger.txt" in found.read("explore:other-user")


@pytest.mark.runc
def test_a_batch_job_is_run_under_the_conditions(archive: Path, tmp_path: Path) -> None:
    job = Workload("job", ReadyExit(), run=RunOptions(args=("job",)))
    found = explored(archive, tmp_path, "embedded", job)
    assert found.ids == ["elsewhere", "help", "version"]
    assert [(answer.id, answer.status) for answer in found.named("elsewhere").answers] == [
        ("run", 0)
    ]
    assert found.read("explore:elsewhere") == {
        "stranger.txt",
        "no-cache.txt",
        "german.txt",
        "zone/Asia/Kathmandu",
    }
    assert found.exploration.operations is None


@pytest.mark.runc
def test_the_users_files_are_not_written_to(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o777)
    bound = replace(SERVICE, run=RunOptions(volumes=(f"{tmp_path}/data:/var/cold",)))
    found = explored(archive, tmp_path, "embedded", bound)
    marks = list((tmp_path / "data").iterdir())
    assert [mark.name for mark in marks] == ["started"]  # by the profile itself
    assert "no-cache.txt" not in found.read("serve")


@pytest.mark.runc
def test_nothing_is_explored_when_it_is_off(archive: Path, tmp_path: Path) -> None:
    found = explored(archive, tmp_path, "embedded", SERVICE, Effort.OFF)
    assert (found.ids, found.again, [run.workload for run in found.bom.runs]) == ([], (), ["serve"])


@pytest.mark.runc
def test_a_service_that_is_never_ready_is_a_result(archive: Path, tmp_path: Path) -> None:
    with (
        opened(archive, tmp_path, "embedded") as (run, original),
        runnable(original, run) as prepared,
    ):
        observations = run_original(Subject(prepared, original.image.config, None), (SERVICE,), run)
        silent = replace(
            observations[0],
            workload=replace(SERVICE, ready=ReadyLog("never"), limits=Limits(ready=1, stop=5)),
        )
        exploration = explore_original(original, prepared, (silent,), Effort.SAFE, None, run)
        bom = with_exploration(
            make_profile(original, observations, run).bom, exploration, original, run
        )
    first = exploration.original[0]
    assert (first.experiment, first.ready_seconds, first.answers, first.exit_code) == (
        "requests",
        None,
        (),
        0,
    )
    assert exploration.operations is None
    assert {item.workload for item in bom.runs} >= {
        "explore:requests",
        "explore:elsewhere",
        "explore:surroundings",
    }


@pytest.mark.docker
def test_an_interrupted_exploration_leaves_nothing_in_docker(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        (run,) = (tmp_path / "work").glob("run-*")
        during.append(run.name)
        made.extend(containers(run.name))
        raise KeyboardInterrupt

    during: list[str] = []
    made: list[str] = []
    monkeypatch.setattr("careen.explore.survey.exchange", interrupt)
    with pytest.raises(KeyboardInterrupt):
        explored(archive, tmp_path, "docker", SERVICE)
    assert 1 <= len(set(made)) <= 3
    assert containers(during[0]) == set()


def containers(run: str) -> set[str]:
    """The containers of one run, running or not."""
    label = f"label=io.careen.run={run}"
    return set(docker("ps", "--all", "--quiet", "--filter", label).split())
