"""What a failure after the promotion leaves: a result that is told, and the last good evidence."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import careen.pipeline.attest
import careen.pipeline.ci
import careen.pipeline.integrating.inputs
import careen.pipeline.integrating.work
from careen.errors import ToolError
from careen.evidence.directory.manifest import Manifest
from careen.model.history import Named
from careen.model.integration import Decision, Mode, Outcome, Step
from careen.oci.reference import RegistryImage
from careen.pipeline.ci import _Case, _decided, _kept, _made, _rested
from careen.pipeline.findings.finding_policy import Heard
from careen.pipeline.integrating.decide import Inputs, new_fixes
from careen.pipeline.integrating.evidence_files import files_of
from careen.pipeline.integrating.state import read_state, write_state
from careen.pipeline.integrating.stored import PREVIOUS
from careen.pipeline.integrating.work import Done
from careen.pipeline.run.settings import Destination
from careen.report.integration.words import passed, verdict
from tests.support.scan_reports import REPORT
from tests.unit.pipeline.integrating.test_configuration import REQUEST
from tests.unit.pipeline.integrating.test_state import STORED

PLACE = "docker://r.example/a:1"
ATTESTED = "docker://r.example/a@sha256:m"


def rested(folder: Path) -> Outcome:
    """Run nothing, with a key that the last run did not have."""
    evidence = folder / "evidence"
    evidence.mkdir(exist_ok=True)
    (evidence / "manifest.json").write_text("{}")
    stored = replace(STORED, attested=(), files=files_of(evidence))
    write_state(folder, stored)
    request = replace(
        REQUEST,
        mode=Mode.HARDEN,
        patch=None,
        destination=Destination(outputs=(RegistryImage("r.example/a:1"),)),
        folder=folder,
        evidence=evidence,
        key="cosign.key",
    )
    session = cast("Any", SimpleNamespace(stage=lambda _: nullcontext()))
    inputs = Inputs("sha256:a", ("base", "app"), "c", "d")
    case = _Case(request, stored, inputs, "p", evidence, Heard(), session, 0.0)
    return _rested(case, stored, Decision(Step.CHECK, ("the same",)), None)


def test_a_key_that_came_later_attests_what_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def attest(wanted: Any, _: object) -> SimpleNamespace:
        asked.append((wanted.directory, wanted.key, wanted.image))
        (wanted.directory / "manifest.json").write_text('{"more": 1}')
        return SimpleNamespace(attached=ATTESTED)

    monkeypatch.setattr(careen.pipeline.attest, "attest", attest)
    found = rested(tmp_path)
    assert asked == [(tmp_path / "evidence", "cosign.key", PLACE)]
    assert (found.status, found.attested) == (0, (ATTESTED,))
    stored = read_state(tmp_path)
    assert stored is not None
    assert (stored.attested, stored.files) == ((ATTESTED,), files_of(tmp_path / "evidence"))


def test_what_is_not_attested_is_promoted_and_stays_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def attest(wanted: Any, _: object) -> SimpleNamespace:
        (wanted.directory / "manifest.json").write_text('{"more": 1}')
        msg = "cosign: wrong key"
        raise ToolError(msg)

    monkeypatch.setattr(careen.pipeline.attest, "attest", attest)
    found = rested(tmp_path)
    assert not passed(found)
    assert found.status == ToolError.exit_status
    assert (found.result_digest, found.places) == ("sha256:r", (PLACE,))
    assert verdict(found) == (
        f"web: failed, and the result is promoted ({PLACE}): not attested: cosign: wrong key"
    )
    stored = read_state(tmp_path)
    assert stored is not None
    assert (stored.attested, stored.files) == ((), files_of(tmp_path / "evidence"))


def test_a_failure_after_the_promotion_names_what_is_promoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = cast("Any", SimpleNamespace(ref=SimpleNamespace(config_digest="sha256:new")))
    done = Done("hardened and verified", index, (PLACE,), ())

    def digest_at(*_: object) -> str:
        msg = "the registry does not answer"
        raise ToolError(msg)

    monkeypatch.setattr(careen.pipeline.integrating.work, "work", lambda *_: done)
    monkeypatch.setattr(careen.pipeline.integrating.inputs, "digest_at", digest_at)
    request = replace(
        REQUEST, mode=Mode.HARDEN, patch=None, folder=tmp_path, evidence=tmp_path / "evidence"
    )
    session = cast("Any", SimpleNamespace(stage=lambda _: nullcontext()))
    inputs = Inputs("sha256:a", ("base", "app"), "c", "d")
    case = _Case(request, None, inputs, "p", request.evidence, Heard(), session, 0.0)
    found = _made(case, Decision(Step.WHOLE, ("asked for",)))
    assert (found.result_digest, found.places) == ("sha256:new", (PLACE,))
    assert verdict(found) == (
        f"web: failed, and the result is promoted ({PLACE}): the registry does not answer"
    )
    assert read_state(tmp_path) is None


def test_what_another_run_pushed_meanwhile_is_not_stored_as_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = cast("Any", SimpleNamespace(ref=SimpleNamespace(config_digest="sha256:new")))
    pushed = f"{PLACE}@sha256:m"
    monkeypatch.setattr(
        careen.pipeline.integrating.inputs, "digest_at", lambda *_: "sha256:of another run"
    )
    request = replace(
        REQUEST,
        mode=Mode.HARDEN,
        patch=None,
        database=None,
        folder=tmp_path,
        evidence=tmp_path / "evidence",
    )
    session = cast("Any", SimpleNamespace(stage=lambda _: nullcontext()))
    inputs = Inputs("sha256:a", ("base", "app"), "c", "")
    case = _Case(request, None, inputs, "p", request.evidence, Heard(), session, 0.0)
    done = Done("hardened and verified", index, (pushed, "web:1"), ())
    _kept(case, Decision(Step.WHOLE, ("new",)), done)
    stored = read_state(tmp_path)
    assert stored is not None
    assert stored.places == {pushed: "sha256:m", "web:1": "sha256:of another run"}


@pytest.mark.parametrize(("advisories", "tried"), [("d", True), ("newer", False)])
def test_a_fix_that_became_known_meanwhile_was_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, advisories: str, *, tried: bool
) -> None:
    first = REPORT.findings[0]
    report = replace(
        REPORT, findings=(replace(first, finding=replace(first.finding, fixed=("9",))),)
    )
    index = cast("Any", SimpleNamespace(ref=SimpleNamespace(config_digest="sha256:new")))
    monkeypatch.setattr(careen.pipeline.ci, "open_store", lambda _: nullcontext())
    monkeypatch.setattr(careen.pipeline.ci, "report_again", lambda *_: report)
    monkeypatch.setattr(careen.pipeline.ci, "feeds_of", lambda _: advisories)
    request = replace(
        REQUEST, folder=tmp_path, evidence=tmp_path / "evidence", database=tmp_path / "db"
    )
    session = cast("Any", SimpleNamespace(stage=lambda _: nullcontext()))
    inputs = Inputs("sha256:a", ("base", "app"), "c", "d")
    case = _Case(request, None, inputs, "p", request.evidence, Heard(), session, 0.0)
    _kept(case, Decision(Step.WHOLE, ("new",)), Done("hardened and verified", index, (), ()))
    stored = read_state(tmp_path)
    assert stored is not None
    assert new_fixes(stored.fixable, report) == (() if tried else (report.findings[0].finding,))


def test_doing_it_again_keeps_the_evidence_of_the_last_good_run(tmp_path: Path) -> None:
    request = replace(REQUEST, folder=tmp_path, evidence=tmp_path / "evidence", again=True)
    for name, result in ((PREVIOUS, STORED.result), ("evidence", "sha256:of a run that failed")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "plan.json").write_text(result)
        manifest = Manifest("1", Named("web:1", "sha256:a"), Named("a:1", result), (), "", "", {})
        (tmp_path / name / "manifest.json").write_bytes(manifest.written())
    stored = replace(STORED, files=files_of(tmp_path / PREVIOUS))
    inputs = Inputs("sha256:a", ("base", "app"), "c", "d")
    decision, evidence, _ = _decided(request, stored, inputs, cast("Any", None))
    assert (decision.step, evidence) == (Step.WHOLE, tmp_path / PREVIOUS)
