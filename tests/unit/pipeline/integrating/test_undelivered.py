"""A result that could not be delivered is told from any other failure after the work."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import careen.pipeline.ci
import careen.pipeline.integrating.inputs
from careen.errors import ToolError
from careen.model.integration import Decision, Mode, Outcome, Step
from careen.oci.reference import RegistryImage
from careen.pipeline.ci import _Case, _worked
from careen.pipeline.findings.finding_policy import Heard
from careen.pipeline.integrating import work
from careen.pipeline.integrating.decide import Inputs
from careen.pipeline.integrating.work import Done
from careen.pipeline.run.settings import Destination
from tests.unit.pipeline.integrating.test_configuration import REQUEST
from tests.unit.pipeline.integrating.test_delivery import Scene
from tests.unit.pipeline.integrating.test_state import STORED

LOCAL = Destination("web:2")
REMOTE = Destination(outputs=(RegistryImage("r.example/web:2"),))


def failing(*_: object) -> None:
    msg = "the registry does not answer"
    raise ToolError(msg)


def made(folder: Path, patch: pytest.MonkeyPatch) -> Outcome:
    """Do the work for docker's store, from where the result is pushed."""
    index = cast("Any", SimpleNamespace(ref=SimpleNamespace(config_digest=STORED.result)))
    patch.setattr(work, "work", lambda *_: Done("hardened", index, ("web:2",), ()))
    patch.setattr(careen.pipeline.integrating.inputs, "digest_at", lambda *_: "sha256:i")
    wanted = replace(REQUEST, mode=Mode.HARDEN, patch=None, destination=REMOTE, first=LOCAL)
    request = replace(wanted, folder=folder, evidence=folder / "evidence")
    (folder / "evidence").mkdir()
    session = cast("Any", SimpleNamespace(stage=lambda _: nullcontext()))
    inputs = Inputs("sha256:a", ("base", "app"), "c", "d")
    case = _Case(request, None, inputs, "p", request.evidence, Heard(), session, 0.0)
    return _worked(case, Decision(Step.WHOLE, ("asked for",)))


def test_a_new_result_that_cannot_be_pushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(careen.pipeline.ci, "whereabouts", failing)
    found = made(tmp_path, monkeypatch)
    assert (found.undelivered, found.failure) == (True, "the registry does not answer")
    assert (found.result_digest, found.places) == (STORED.result, ("web:2",))


def test_another_failure_after_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(careen.pipeline.ci, "files_of", failing)
    found = made(tmp_path, monkeypatch)
    assert (found.undelivered, found.failure) == (False, "the registry does not answer")
    assert found.result_digest == STORED.result


def test_a_stored_result_that_cannot_be_pushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(tmp_path, monkeypatch)
    scene.failure = ToolError("pushing it: denied")
    assert scene.run().undelivered
    scene.failure = None
    assert not scene.run().undelivered
