"""What `careen harden` notes of a run for `--if-changed`, and what that compares."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.errors import InputError
from careen.model.integration import Decision, Step
from careen.model.patching import PatchChoices
from careen.model.runs.workload import RunOptions, TestCommand, TestPlace, Workload
from careen.pipeline.hardening.request import HardenRequest
from careen.pipeline.integrating import if_changed, inputs
from careen.pipeline.integrating.decide import Standing, Whereabouts
from careen.pipeline.integrating.files_of_tests import UntoldError
from careen.pipeline.integrating.if_changed import Rerun, harden_if_changed, harden_noted
from careen.pipeline.integrating.inputs import configuration
from careen.pipeline.integrating.outcome import outcome_of
from careen.pipeline.run.settings import Destination, PlanChoices
from careen.pipeline.upgrading.options import PatchOptions
from careen.tools.cache import Cache
from tests.unit.pipeline.integrating.test_state import STORED

UNKNOWN = "--if-changed will not know this run"


class Scene:
    """A run of harden whose work is replaced, with a cache."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.notes: list[str] = []
        self.worked = 0
        self.stages: list[str] = []
        self.session = cast(
            "Any",
            SimpleNamespace(
                stage=self.stage,
                say=lambda _: None,
                progress=SimpleNamespace(note=self.notes.append),
                known=SimpleNamespace(cache=Cache(folder / "cache", 1 << 20)),
            ),
        )
        patch.chdir(folder)
        patch.setattr(if_changed, "ground", self.ground)
        patch.setattr(if_changed, "harden_opened", self.harden)
        patch.setattr(if_changed, "_promoted", self.promoted)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        how = f"{name} failed"
        try:
            yield
            how = f"{name} done"
        finally:
            self.stages.append(f"{how} with {self.worked} runs")

    @contextmanager
    def ground(self, _requests: object, _session: object) -> Iterator[Any]:
        yield SimpleNamespace(located=None, original=None)

    def harden(self, *_: object) -> tuple[Any, None]:
        self.worked += 1
        return "the summary", None

    def promoted(self, *_: object) -> Any:
        pytest.fail("the run is noted")

    def run(self, *tests: str, named: tuple[Path, ...] = ()) -> Rerun:
        """Return a run with tests on the host."""
        found = tuple(TestCommand(TestPlace.HOST, each) for each in tests)
        request = HardenRequest(
            "web:1",
            (Workload(tests=found),),
            PlanChoices(),
            Destination("web:2"),
            self.folder / "report",
        )
        return Rerun(request, named, {})


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, monkeypatch)


def test_a_test_whose_files_are_not_known_fails_no_stage(scene: Scene) -> None:
    run = scene.run("sh $HERE/smoke.sh")
    assert cast("Any", harden_noted(run, scene.session)) == "the summary"
    assert scene.stages == ["inspect done with 0 runs"]


def test_the_run_is_no_part_of_the_look_at_what_has_changed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(if_changed, "_last", lambda *_: None)
    harden_if_changed(scene.run("sh $HERE/smoke.sh"), scene.session)
    assert scene.worked == 1
    assert scene.stages == ["inspect done with 0 runs"]


def test_a_file_that_cannot_be_compared_is_no_reason_to_refuse(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "MAX_NAMED", 1)
    (scene.folder / "input").write_text("larger")
    run = scene.run("true", named=(Path("input"),))
    assert cast("Any", harden_noted(run, scene.session)) == "the summary"
    (note,) = scene.notes
    assert note.startswith(f"{UNKNOWN}: input: larger than the 1 bytes")
    scene.notes.clear()
    assert cast("Any", harden_if_changed(run, scene.session)) == "the summary"
    assert scene.notes[0].startswith("--if-changed: everything is done: input: larger than")
    assert scene.worked == 2


def test_tests_that_do_not_tell_their_files_are_no_word_without_the_option(scene: Scene) -> None:
    assert cast("Any", harden_noted(scene.run("make test"), scene.session)) == "the summary"
    assert scene.notes == []
    assert cast("Any", harden_if_changed(scene.run("make test"), scene.session)) == "the summary"
    (note,) = scene.notes
    assert note == (
        "--if-changed: everything is done: the test command 'make test' names no file, so what it"
        " uses is not known"
    )


def test_without_a_cache_nothing_is_read(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.session.known.cache = None
    monkeypatch.setattr(if_changed, "configuration", lambda _: pytest.fail("files are read"))
    assert cast("Any", harden_noted(scene.run("true"), scene.session)) == "the summary"


def test_where_the_tests_run_and_what_they_get_is_compared(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = RunOptions(env=("MODE",))
    found = []
    run = scene.run("true")
    request = replace(run.request, workloads=(Workload(run=options),))
    run = replace(run, request=request)
    monkeypatch.delenv("MODE", raising=False)
    found.append(configuration(run.seen(scene.session)))
    monkeypatch.setenv("MODE", "")
    found.append(configuration(run.seen(scene.session)))
    (scene.folder / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    found.append(configuration(run.seen(scene.session)))
    assert len(set(found)) == 3


def test_what_directories_offer_for_upgrades_is_compared(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels, jars = scene.folder / "wheels", scene.folder / "jars"
    choices = PatchChoices(find_links=(f"file://{wheels}",), maven=str(jars))
    run = scene.run("true")
    run = replace(run, request=replace(run.request, patch=PatchOptions(choices)))
    found = [configuration(run.seen(scene.session))]
    for folder in (wheels, jars):
        (folder / "below").mkdir(parents=True)
        (folder / "below/one").write_text("x")
        found.append(configuration(run.seen(scene.session)))
    (wheels / "below/one").write_text("xy")
    found.append(configuration(run.seen(scene.session)))
    assert len(set(found)) == 4
    assert configuration(run.seen(scene.session)) == found[-1]
    monkeypatch.setattr(if_changed, "_MAX_OFFERS", 1)
    with pytest.raises(UntoldError, match="holds more than the 1 files"):
        run.seen(scene.session)


def test_an_inventory_that_vanishes_leaves_no_threshold_uncrossed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = scene.run("true")
    run = replace(run, request=replace(run.request, database=scene.folder / "db"))
    at = Whereabouts(("web:2",), "docker://r.example/web:2")
    monkeypatch.setattr(if_changed, "_last", lambda *_: STORED)
    monkeypatch.setattr(if_changed, "look", lambda *_: (None, "p"))
    monkeypatch.setattr(if_changed, "advisories_of", lambda _: "d")
    monkeypatch.setattr(if_changed, "_standing", lambda *_: Standing("", at))
    monkeypatch.setattr(if_changed, "decide", lambda *_: Decision(Step.CHECK, ("the same",)))
    monkeypatch.setattr(if_changed, "bring", lambda *_: pytest.fail("it is given to others"))
    scene.session.known.index = lambda _: None
    with pytest.raises(pytest.fail.Exception, match="the run is noted"):  # it works
        harden_if_changed(run, scene.session)
    assert scene.notes == ["--if-changed: everything is done: the stored inventory is gone"]


def test_the_places_are_those_that_are_asked_for(scene: Scene) -> None:
    stored = replace(STORED, places={"web:2": "i", "docker://r.example/web:2@sha256:m": "sha256:m"})
    seen = scene.run("true").seen(scene.session)
    found = outcome_of(seen, Decision(Step.CHECK, ("the same",)), stored, None)
    assert found.places == ("web:2",)


def test_a_cache_that_is_not_used_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = scene.folder / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    monkeypatch.setattr(if_changed, "_promoted", lambda *_: STORED)
    for _ in range(2):
        harden_if_changed(scene.run("true"), scene.session)
    told = f"careen's cache, {cache}, is not used: others can write to it"
    assert scene.notes == [f"--if-changed: everything is done: {told}"] * 2
    scene.session.known.cache = None
    with pytest.raises(InputError, match="run without --no-cache"):
        harden_if_changed(scene.run("true"), scene.session)
    monkeypatch.setattr(if_changed, "default_cache", lambda: None)
    with pytest.raises(InputError, match="name one in CAREEN_CACHE"):
        harden_if_changed(scene.run("true"), scene.session)
