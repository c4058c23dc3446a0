"""What `harden --if-changed` compares beyond what `careen ci` has options for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.model.patching import PatchChoices
from careen.model.runs.drift import Missed
from careen.model.runs.workload import RunOptions, TestCommand, TestPlace, Workload
from careen.patch.policy import Policy
from careen.pipeline.hardening.fips_options import FipsOptions
from careen.pipeline.hardening.request import HardenRequest
from careen.pipeline.integrating import if_changed as module
from careen.pipeline.integrating.if_changed import Rerun
from careen.pipeline.integrating.inputs import configuration
from careen.pipeline.run.settings import Destination, PlanChoices
from careen.pipeline.upgrading.options import PatchOptions
from careen.plan.core.rules import load_rules

SESSION = cast("Any", SimpleNamespace())
TESTS = (TestCommand(TestPlace.HOST, "sh smoke.sh"),)


@pytest.fixture
def request_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HardenRequest:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "digest_at", lambda place, _: f"digest of {place}")
    Path("smoke.sh").write_text("true")
    return HardenRequest(
        "web:1",
        (Workload(tests=TESTS, run=RunOptions(env=("TOKEN", "A=b"))),),
        PlanChoices(rules=load_rules(()), like="web:0"),
        Destination(tag="web:1-hardened"),
        Path("out"),
        patch=PatchOptions(PatchChoices(keys=("key.gpg",))),
    )


def fingerprint(request: HardenRequest, *named: Path) -> str:
    seen = Rerun(request, named, {"engine": "docker"}).seen(SESSION)
    assert seen is not None
    return configuration(seen)


def written(name: str) -> Callable[[HardenRequest, pytest.MonkeyPatch], HardenRequest]:
    def change(request: HardenRequest, _: pytest.MonkeyPatch) -> HardenRequest:
        Path(name).write_text("changed")
        return request

    return change


def token(request: HardenRequest, patch: pytest.MonkeyPatch) -> HardenRequest:
    patch.setenv("TOKEN", "another")
    return request


def like(request: HardenRequest, patch: pytest.MonkeyPatch) -> HardenRequest:
    patch.setattr(module, "digest_at", lambda *_: "another digest")
    return request


def policy(request: HardenRequest, _: pytest.MonkeyPatch) -> HardenRequest:
    assert request.patch is not None
    return replace(request, patch=replace(request.patch, policy=Policy(expired=("numpy",))))


def events(request: HardenRequest, _: pytest.MonkeyPatch) -> HardenRequest:
    missed = cast("Missed", SimpleNamespace(path="/x"))
    return replace(request, choices=replace(request.choices, missed=(missed,)))


@pytest.mark.parametrize(
    "change",
    [
        written("smoke.sh"),
        written("rules.toml"),
        written("key.gpg"),
        token,
        like,
        policy,
        events,
        lambda request, _: replace(request, fips=FipsOptions()),
        lambda request, _: replace(request, patch=None),
        lambda request, _: replace(request, destination=Destination(tag="web:2")),
    ],
)
def test_a_change_is_seen(
    request_: HardenRequest,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[HardenRequest, pytest.MonkeyPatch], HardenRequest],
) -> None:
    named = Path("rules.toml")
    before = fingerprint(request_, named)
    assert fingerprint(request_, named) == before
    assert fingerprint(change(request_, monkeypatch), named) != before
