"""When an RBOM is too thin to plan by, whatever the rules: no start was watched, or only another
version of the image was.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from careen.errors import EvidenceError
from careen.model.plan import Level
from careen.model.rbom import RunKind, RuntimeBom
from careen.pipeline.run.planning import make_plan, second_hand
from careen.pipeline.run.settings import PlanChoices
from careen.pipeline.run.source import Examined
from tests.support.triage import IMAGE, bom


def of(kind: RunKind) -> RuntimeBom:
    seen = bom({})
    return replace(seen, runs=tuple(replace(run, kind=kind) for run in seen.runs))


def plan(seen: RuntimeBom, level: Level) -> None:
    make_plan(
        cast("Examined", SimpleNamespace(image=SimpleNamespace(ref=IMAGE))),
        seen,
        PlanChoices(level),
    )


@pytest.mark.parametrize("level", list(Level))
def test_a_container_that_ran_already_never_showed_its_start(level: Level) -> None:
    with pytest.raises(
        EvidenceError,
        match=(
            "so its start was not observed: profile the image too, and merge both with"
            " `careen profile --merge`"
        ),
    ):
        plan(of(RunKind.ATTACHED), level)


@pytest.mark.parametrize("kind", [RunKind.CARRIED, RunKind.EXPLORATION])
def test_observed_rests_on_a_workload_of_this_very_image(kind: RunKind) -> None:
    with pytest.raises(
        EvidenceError,
        match=(
            "level 'observed' needs a workload that was watched from its start on this very image"
        ),
    ):
        plan(of(kind), Level.OBSERVED)


def test_what_was_carried_over_is_said() -> None:
    assert second_hand(of(RunKind.WORKLOAD)) == ()
    assert second_hand(of(RunKind.CARRIED)) == (
        (
            "the RBOM is carried over from another version of the image: new files in this one"
            " were not observed"
        ),
    )
