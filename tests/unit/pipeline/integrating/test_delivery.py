"""Where a result is, and how it comes to a name that another run asks for."""

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.errors import CareenError, InputError, ToolError
from careen.evidence.directory.history import read_history
from careen.evidence.directory.manifest import Manifest
from careen.model.history import Named
from careen.model.integration import Decision, Mode, Outcome, Step
from careen.oci.reference import OciLayout, RegistryImage
from careen.pipeline.ci import _Case, _worked
from careen.pipeline.findings.finding_policy import Heard
from careen.pipeline.integrating import delivery, inputs
from careen.pipeline.integrating.decide import EVERYWHERE, Inputs, Whereabouts
from careen.pipeline.integrating.delivery import whereabouts
from careen.pipeline.integrating.evidence_files import files_of
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.state import Stored, read_state, write_state
from careen.pipeline.integrating.stored import fault_of
from careen.pipeline.run.promote import Push
from careen.pipeline.run.settings import Destination
from careen.report.integration.words import verdict
from tests.unit.pipeline.integrating.test_configuration import REQUEST
from tests.unit.pipeline.integrating.test_state import STORED

TAG, NAME = "r.example/web:2", "docker://r.example/web:2"
PUSHED = f"{NAME}@sha256:m"
LOCAL, REMOTE = Destination(TAG), Destination(outputs=(RegistryImage(TAG),))
SESSION = cast("Any", SimpleNamespace(stage=lambda _: nullcontext()))


class Places(dict[str, str]):
    """What places lead to now; those that are named `away` do not answer."""

    def __init__(self, *away: str, **found: str) -> None:
        super().__init__(**found)
        self.away = away

    def digest_at(self, place: str, _session: object) -> str:
        """As `digest_at`."""
        if place in self.away:
            msg = "no docker here"
            raise ToolError(msg)
        return self.get(place, "")


def looked(
    monkeypatch: pytest.MonkeyPatch, known: dict[str, str], there: Places, asked: Destination
) -> Whereabouts:
    monkeypatch.setattr(delivery, "digest_at", there.digest_at)
    return whereabouts(asked, replace(STORED, places=known), SESSION)


def test_only_names_that_are_asked_for_count(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {TAG: "sha256:i", PUSHED: "sha256:m"}
    # docker's store of this machine has another image of the name, or there is no docker.
    assert (
        looked(monkeypatch, known, Places(**{PUSHED: "sha256:m", TAG: "x"}), REMOTE) == EVERYWHERE
    )
    assert looked(monkeypatch, known, Places(TAG, **{PUSHED: "sha256:m"}), REMOTE) == EVERYWHERE


@pytest.mark.parametrize(
    ("known", "there", "asked", "found"),
    [
        ({TAG: "i"}, {TAG: "i"}, REMOTE, Whereabouts((NAME,), TAG)),
        ({PUSHED: "m"}, {PUSHED: "m"}, LOCAL, Whereabouts((TAG,), PUSHED)),
        ({TAG: "i", PUSHED: "m"}, {TAG: "i"}, REMOTE, Whereabouts((NAME,), TAG)),
        ({TAG: "i"}, {TAG: "other"}, REMOTE, Whereabouts(wrong=f"the result {TAG} is gone")),
        ({TAG: "i"}, {}, LOCAL, Whereabouts(wrong=f"the result {TAG} is gone")),
        ({PUSHED: "m"}, {}, REMOTE, Whereabouts(wrong=f"the result {PUSHED} is gone")),
    ],
)
def test_a_name_without_the_result_gets_it_from_a_place_that_has_it(
    monkeypatch: pytest.MonkeyPatch,
    known: dict[str, str],
    there: dict[str, str],
    asked: Destination,
    found: Whereabouts,
) -> None:
    assert looked(monkeypatch, known, Places(**there), asked) == found


def test_a_name_that_means_another_image_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    known, there = {TAG: "i", PUSHED: "m"}, Places(**{TAG: "i", PUSHED: "other"})
    assert "another image than the one" in looked(monkeypatch, known, there, REMOTE).wrong
    away = Places(TAG)
    assert looked(monkeypatch, {TAG: "i"}, away, REMOTE).wrong == f"the result {TAG} is gone"
    with pytest.raises(ToolError, match="no docker here"):
        looked(monkeypatch, {TAG: "i"}, away, LOCAL)


class Scene:
    """A stored result in docker's store, and a run that asks for it in the registry."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.evidence = folder, folder / "evidence"
        self.there = Places(**{TAG: "sha256:i"})
        self.config = STORED.result
        self.failure: CareenError | None = None
        self.promoted: list[Destination] = []
        self.attached: list[str] = []
        self.notes: list[str] = []
        self.evidence.mkdir()
        manifest = Manifest(
            "1", Named("web:1", "sha256:a"), Named(TAG, STORED.result), (TAG,), "", "", {}
        )
        (self.evidence / "manifest.json").write_bytes(manifest.written())
        stored = replace(
            STORED, places=dict(self.there), attested=(), files=files_of(self.evidence)
        )
        write_state(folder, stored)
        self.stored: Stored = stored
        for module in (delivery, inputs):
            patch.setattr(module, "digest_at", self.there.digest_at)
        patch.setattr(delivery, "check_destination", lambda *_: None)
        patch.setattr(delivery, "open_source", self.opened)
        patch.setattr(delivery, "promote", self.promote)
        patch.setenv("CAREEN_HISTORY", str(folder / "history"))

    def opened(self, place: str, _session: object) -> Any:
        assert place == TAG
        return nullcontext(SimpleNamespace(ref=SimpleNamespace(config_digest=self.config)))

    def promote(
        self, _image: object, _prepared: None, going: Destination, _: object, pushing: Push
    ) -> Any:
        if self.failure is not None:
            raise self.failure
        going.require()
        self.promoted.append(going)
        self.attached = [each.name for each in pushing.attachments]
        self.there[PUSHED] = "sha256:m"
        return (PUSHED,)

    def run(self, asked: Destination = REMOTE) -> Outcome:
        request: CiRequest = replace(
            REQUEST,
            name="web",
            mode=Mode.HARDEN,
            patch=None,
            destination=asked,
            folder=self.folder,
            evidence=self.evidence,
        )
        stored = read_state(self.folder)
        assert stored is not None
        at = whereabouts(asked, stored, SESSION)
        inputs = Inputs("sha256:a", ("base", "app"), "c", "")
        session = cast(
            "Any",
            SimpleNamespace(
                stage=lambda _: nullcontext(), progress=SimpleNamespace(note=self.notes.append)
            ),
        )
        case = _Case(request, stored, inputs, "p", self.evidence, Heard(), session, 0.0, at)
        return _worked(case, Decision(Step.CHECK, ("the same", at.way)))


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, monkeypatch)


def test_a_result_is_pushed_without_work_and_both_places_are_known(scene: Scene) -> None:
    found = scene.run()
    assert (found.status, found.places, found.result_digest) == (0, (PUSHED,), STORED.result)
    assert scene.promoted == [REMOTE]
    stored = read_state(scene.folder)
    assert stored is not None
    assert stored.places == {TAG: "sha256:i", PUSHED: "sha256:m"}
    assert stored.files == files_of(scene.evidence)
    manifest = json.loads((scene.evidence / "manifest.json").read_text())
    assert manifest["promoted"] == [TAG, PUSHED]
    (history,) = (scene.folder / "history").iterdir()
    (event,) = read_history(history.read_bytes(), str(history)).events
    assert (event.kind, event.promoted) == ("promoted", (TAG, PUSHED))
    assert scene.run().places == (PUSHED,)
    assert scene.run(LOCAL).places == (TAG,)
    assert scene.promoted == [REMOTE]


def test_a_push_that_fails_leaves_the_result_where_it_is(scene: Scene) -> None:
    scene.failure = ToolError("pushing it: denied")
    found = scene.run()
    assert (found.status, found.result_digest) == (ToolError.exit_status, STORED.result)
    assert verdict(found) == f"web: failed, and the result is promoted ({TAG}): pushing it: denied"
    assert read_state(scene.folder) == scene.stored
    scene.failure = None
    assert scene.run().places == (PUSHED,)


def test_a_run_that_is_killed_after_a_push_is_made_up_for_without_another(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "note_promotion", killed)
        with pytest.raises(KeyboardInterrupt):
            scene.run()
    stored = read_state(scene.folder)
    assert stored is not None
    assert (PUSHED in stored.places, stored.files) == (True, files_of(scene.evidence))
    assert scene.run().places == (PUSHED,)
    assert len(scene.promoted) == 1


def test_an_image_that_is_not_the_result_is_not_pushed(scene: Scene) -> None:
    scene.config = "sha256:other"
    found = scene.run()
    assert "another image than a moment ago" in found.failure
    assert scene.promoted == []


def test_a_signed_manifest_stays_as_it_was_signed(scene: Scene) -> None:
    (scene.evidence / "attestations").mkdir()
    (scene.evidence / "attestations" / "manifest.sigstore.json").write_text("{}")
    write_state(scene.folder, replace(scene.stored, files=files_of(scene.evidence)))
    before = (scene.evidence / "manifest.json").read_bytes()
    assert scene.run().places == (PUSHED,)
    assert (scene.evidence / "manifest.json").read_bytes() == before


def test_only_what_is_missing_is_written(scene: Scene) -> None:
    both = Destination(TAG, (RegistryImage(TAG), OciLayout(Path("out"), "web")))
    scene.run(both)
    assert scene.promoted == [Destination(None, both.outputs)]


def test_a_destination_that_cannot_be_written_is_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        msg = "is the name of the original"
        raise InputError(msg)

    monkeypatch.setattr(delivery, "check_destination", refused)
    assert "is the name of the original" in scene.run().failure


def test_what_was_attached_is_attached_in_a_registry_alone(scene: Scene) -> None:
    (scene.evidence / "sbom.cdx.json").write_text("{}")
    (scene.evidence / "plan.json").write_text("{}")
    write_state(scene.folder, replace(scene.stored, files=files_of(scene.evidence)))
    assert scene.run(replace(REMOTE, attach=True)).places == (PUSHED,)
    assert scene.attached == ["sbom.cdx.json"]
    layout = OciLayout(Path("out"), "web")
    scene.there[str(layout)] = ""
    found = scene.run(Destination(outputs=(RegistryImage(TAG), layout), attach=True))
    assert (found.failure, scene.attached) == ("", [])
    assert scene.promoted[-1] == Destination(outputs=(layout,))


@pytest.mark.parametrize("text", ["", '{"format": "careen.man', "of another result"])
def test_nothing_is_pushed_beside_a_manifest_that_is_not_the_results(
    scene: Scene, text: str
) -> None:
    path = scene.evidence / "manifest.json"
    path.write_bytes(
        path.read_bytes().replace(STORED.result.encode(), b"sha256:other")
        if text == "of another result"
        else text.encode()
    )
    assert fault_of(scene.evidence, scene.stored).startswith(
        f"the evidence of the last run was changed: {path}"
    )
    assert str(path) in scene.run().failure
    assert scene.promoted == []
    path.unlink()
    assert fault_of(scene.evidence, scene.stored).endswith(f"{path} is gone")


def test_a_place_is_known_whatever_fails_after_the_push(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = OciLayout(Path("out"), "web")
    asked = Destination(outputs=(RegistryImage(TAG), layout))

    def digest_at(place: str, session: object) -> str:
        if place == PUSHED and PUSHED in scene.there:
            pytest.fail("the digest is in the name")
        if place == str(layout):
            msg = "no answer"
            raise ToolError(msg)
        return scene.there.digest_at(place, session)

    def promote(*_: object) -> tuple[str, ...]:
        scene.there[PUSHED] = "sha256:m"
        return PUSHED, str(layout)

    def note_promotion(*_: object, **__: object) -> bool:
        msg = "no space left"
        raise InputError(msg)

    for module in (delivery, inputs):
        monkeypatch.setattr(module, "digest_at", digest_at)
    monkeypatch.setattr(delivery, "promote", promote)
    monkeypatch.setattr(delivery, "note_promotion", note_promotion)
    assert scene.run(asked).failure == ""
    stored = read_state(scene.folder)
    assert stored is not None
    assert stored.places == {TAG: "sha256:i", PUSHED: "sha256:m"}
    assert scene.notes == [
        f"{layout}: the next run gives the result this name again: no answer",
        f"the manifest does not state {PUSHED}, {layout}: no space left",
    ]


def test_a_run_that_is_killed_before_its_state_is_written_loses_nothing(scene: Scene) -> None:
    before = (scene.evidence / "manifest.json").read_bytes()
    scene.run()
    assert (scene.evidence / "manifest.json").read_bytes() != before
    write_state(scene.folder, scene.stored)  # as it was before the promotion
    assert fault_of(scene.evidence, scene.stored) == ""
    assert scene.run().places == (PUSHED,)
