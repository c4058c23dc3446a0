"""The cache of plans: what was planned before is read, and any other choice is planned anew."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.model.plan import Level, Plan
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.pipeline.run import known_plans as module
from careen.pipeline.run import planning
from careen.pipeline.run.known_plans import known_plan
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import PlanChoices, Settings
from careen.pipeline.run.source import Examined, examine, open_source
from careen.plan.core.readings import Readings
from careen.report.terminal_output.progress import SilentProgress
from tests.support.images import file, layer, oci_layout
from tests.support.triage import bom, use

CHOICES = PlanChoices(Level.CLOSURE)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Session]:
    with session(Settings(tmp_path / "work", cache=tmp_path / "cache"), SilentProgress()) as opened:
        yield opened


@pytest.fixture
def examined(tmp_path: Path, run: Session) -> Iterator[Examined]:
    files = [file("etc/os-release", "ID=debian\n"), file("srv/one", "1"), file("srv/two", "2")]
    oci_layout(tmp_path / "image", [layer(*files)])
    time.sleep(0.3)
    with open_source(f"oci:{tmp_path / 'image'}", run) as opened:
        yield examine(opened, run)


@pytest.fixture
def seen(examined: Examined) -> RuntimeBom:
    return bom({"/srv/one": use(Use.OPENED)}, image=examined.image.ref)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[PlanChoices]:
    """The choices of the plans that were made, and not read from the cache."""
    made: list[PlanChoices] = []

    def noted(examined: Examined, seen: RuntimeBom, choices: PlanChoices, digest: str = "") -> Plan:
        made.append(choices)
        return make_plan(examined, seen, choices, digest)

    monkeypatch.setattr(module, "make_plan", noted)
    return made


def test_a_plan_is_made_once(
    examined: Examined, seen: RuntimeBom, run: Session, made: list[PlanChoices]
) -> None:
    first = known_plan(examined, seen, CHOICES, run)
    assert known_plan(examined, seen, CHOICES, run) == first
    assert made == [CHOICES]


def test_other_inputs_are_planned_anew(
    examined: Examined, seen: RuntimeBom, run: Session, made: list[PlanChoices]
) -> None:
    others = [
        CHOICES,
        PlanChoices(Level.PACKAGE),
        replace(CHOICES, keep=("/srv/two",)),
        replace(CHOICES, remove=("/srv/two",)),
        replace(CHOICES, keep_symbols=True),
        replace(CHOICES, rules=replace(CHOICES.rules, rules=CHOICES.rules.rules[1:])),
    ]
    plans = [known_plan(examined, seen, choices, run) for choices in others]
    assert made == others
    assert plans[2] != plans[0]
    known_plan(examined, replace(seen, files=()), CHOICES, run)
    assert len(made) == len(others) + 1


def test_a_damaged_entry_is_planned_anew(
    examined: Examined, seen: RuntimeBom, run: Session, made: list[PlanChoices]
) -> None:
    plan = known_plan(examined, seen, CHOICES, run)
    cache = run.known.cache
    assert cache is not None
    for entry in cache.directory.iterdir():
        entry.write_bytes(b"damaged")
    assert known_plan(examined, seen, CHOICES, run) == plan
    assert made == [CHOICES, CHOICES]


@pytest.mark.parametrize("cached", [True, False])
def test_readers_are_given_a_store_only_if_there_is_one(
    examined: Examined, seen: RuntimeBom, monkeypatch: pytest.MonkeyPatch, cached: bool
) -> None:
    """Each file's digest is its key there, and costs a look at all its bytes."""
    given: list[object] = []

    def noted(values: object, *rest: Any) -> Readings:
        given.append(values)
        return Readings(None, *rest)

    monkeypatch.setattr(planning, "Readings", noted)
    make_plan(examined if cached else replace(examined, remembered=None), seen, CHOICES)
    assert [values is not None for values in given] == [cached]


def test_without_a_cache_each_plan_is_made(
    examined: Examined, seen: RuntimeBom, tmp_path: Path, made: list[PlanChoices]
) -> None:
    with session(Settings(tmp_path / "other"), SilentProgress()) as opened:
        known_plan(examined, seen, CHOICES, opened)
        known_plan(examined, seen, CHOICES, opened)
    assert made == [CHOICES, CHOICES]


class Heard(SilentProgress):
    """Progress whose notes are kept."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.mark.parametrize("given", [True, False])
def test_a_cache_that_the_user_named_and_that_cannot_be_used_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: bool
) -> None:
    (file := tmp_path / "file").touch()
    monkeypatch.setenv("CAREEN_CACHE", str(file))
    heard = Heard()
    with session(Settings(tmp_path / "work", cache=file if given else None), heard):
        pass
    told = f"CAREEN_CACHE={file}: Not a directory, so nothing is stored there"
    assert heard.notes == ([told] if given else [])
