"""An incident over images with a made-up harden: order, waves, limits, resumption, roll-back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from careen.errors import ConfigError, InputError, VerificationError
from careen.model.incident import Incident, Standing
from careen.pipeline.incidents import roll_back as roll_back_module
from careen.pipeline.incidents.affected import Affected, Exposure
from careen.pipeline.incidents.open import open_incident
from careen.pipeline.incidents.roll_back import roll_back
from careen.pipeline.incidents.run import Limits, run_incident
from careen.pipeline.incidents.state import incident_file, read_incident
from careen.pipeline.watching.image_list import load_list
from careen.pipeline.watching.lock import only_pass
from careen.pipeline.watching.state import read_state
from careen.registries.skopeo import Skopeo
from careen.report.terminal_output.progress import SilentProgress
from tests.support.watch_scene import FIXED, OPEN, Scene, watch_scene

pytestmark = pytest.mark.slow

CVE = "CVE-2026-1"
NOW = "2026-01-02T00:00:00Z"
BOTH = Exposure(
    (
        Affected("docker.io/library/job:1-hardened", "present", None),
        Affected("web:1-hardened", "executed", listens=True),
        Affected("other:1", "executed", listens=False),
    ),
    unknown=3,
)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with watch_scene(tmp_path, monkeypatch) as opened:
        opened.run()
        opened.advise(FIXED)
        yield opened


def opened(scene: Scene, exposure: Exposure = BOTH) -> Incident:
    request = scene.request()
    return open_incident(CVE, exposure, request.images, request.state, NOW)


ALL = Limits()


def run(
    scene: Scene, incident: Incident, limits: Limits = ALL, *, dry_run: bool = False
) -> Incident:
    request = replace(scene.request(), dry_run=dry_run)
    return run_incident(incident, request, limits, SilentProgress())


def standings(incident: Incident) -> list[tuple[str, Standing]]:
    return [(image.tag, image.standing) for image in incident.images]


def test_what_executes_comes_first_and_what_nothing_rebuilds_is_named(scene: Scene) -> None:
    incident = opened(scene)
    assert [(image.tag, image.use, image.wave) for image in incident.images] == [
        ("web:1-hardened", "executed", 1),
        ("job:1-hardened", "present", 2),
    ]
    assert (incident.unlisted, incident.unknown) == (("other:1",), 3)
    assert read_incident(scene.folder / "state", CVE) == incident
    with pytest.raises(InputError, match="is open already"):
        opened(scene)


def test_a_source_counts_only_if_its_result_is_not_clean(scene: Scene) -> None:
    found = opened(
        scene,
        Exposure(
            (Affected("web:1", "loaded", None), Affected("job:1", "loaded", None)),
            clean=("job:1-hardened",),
        ),
    )
    assert [image.tag for image in found.images] == ["web:1-hardened"]
    assert found.unlisted == ()


def test_all_are_fixed_and_a_second_run_does_nothing(scene: Scene) -> None:
    scene.version = "2.0"
    done = run(scene, opened(scene))
    assert [image.standing for image in done.images] == [Standing.FIXED, Standing.FIXED]
    assert [(image.before, image.after) for image in done.images] == [
        ("sha256:1", "sha256:3"),
        ("sha256:2", "sha256:4"),
    ]
    assert done.status == 0
    assert run(scene, read_incident(scene.folder / "state", CVE)) == done
    assert len(scene.made) == 4


def test_a_failure_stops_before_the_next_image_and_the_next_run_goes_on(scene: Scene) -> None:
    scene.version = "2.0"
    scene.fails["web:1-hardened"] = VerificationError("GET /health answers 500")
    done = run(scene, opened(scene))
    assert standings(done) == [
        ("web:1-hardened", Standing.FAILED),
        ("job:1-hardened", Standing.WAITING),
    ]
    assert done.images[0].detail == "GET /health answers 500"
    assert done.images[0].after == "sha256:1"  # the earlier result still serves
    assert done.status == 3
    more = run(scene, done, Limits(failures=2))
    assert standings(more)[1] == ("job:1-hardened", Standing.FIXED)
    assert read_incident(scene.folder / "state", CVE) == more


def test_a_run_tries_a_failed_image_again_at_once(scene: Scene) -> None:
    scene.version = "2.0"
    scene.fails["web:1-hardened"] = VerificationError("GET /health answers 500")
    failed = run(scene, opened(scene))
    del scene.fails["web:1-hardened"]
    assert run(scene, failed).images[0].standing is Standing.FIXED


def test_a_wave_is_the_last_one_if_asked_for(scene: Scene) -> None:
    scene.version = "2.0"
    done = run(scene, opened(scene), Limits(wave=1))
    assert [each for _, each in standings(done)] == [Standing.FIXED, Standing.WAITING]


def test_what_has_no_fix_is_left_with_its_reason(scene: Scene) -> None:
    scene.advise(FIXED, OPEN)
    request = scene.request()
    incident = open_incident("CVE-2026-2", BOTH, request.images, request.state, NOW)
    done = run(scene, incident)
    assert [image.standing for image in done.images] == [Standing.LEFT, Standing.LEFT]
    assert done.images[0].detail.startswith("CVE-2026-2 is still in loader 1.5")


def test_a_dry_run_writes_nothing(scene: Scene) -> None:
    incident = opened(scene)
    made = len(scene.made)
    done = run(scene, incident, dry_run=True)
    assert [image.detail for image in done.images] == ["would harden", "would harden"]
    assert len(scene.made) == made
    assert read_incident(scene.folder / "state", CVE) == incident


def test_an_image_that_a_pass_works_on_is_a_failure_that_is_tried_again(scene: Scene) -> None:
    incident = opened(scene)
    with only_pass(scene.folder / "state", NOW):
        done = run(scene, incident)
    assert done.images[0].standing is Standing.FAILED
    assert "another pass is running" in done.images[0].detail


def test_a_roll_back_gives_back_the_earlier_result(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.version = "2.0"
    request = scene.request()
    earlier = read_state(request.state, request.images[0].key, "web:1-hardened")
    done = run(scene, opened(scene), Limits(wave=1))
    moved: list[tuple[str, ...]] = []

    class Docker:
        def call(self, *words: str, doing: str) -> None:
            assert doing
            moved.append(words)

    monkeypatch.setattr(roll_back_module, "DOCKER", Docker())
    back = roll_back(done, request.images, request.state, NOW, Skopeo(None))
    assert moved == [("tag", "sha256:1", "web:1-hardened")]
    assert [each for _, each in standings(back)] == [Standing.ROLLED_BACK, Standing.WAITING]
    assert read_state(request.state, request.images[0].key, "web:1-hardened") == earlier
    assert read_incident(request.state, CVE) == back


@pytest.mark.parametrize("name", ["", "../x", "CVE 1", "CVE-1/2", "CVE-2021-\n1", "ĆVE-1"])
def test_no_file_outside_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not an identifier"):
        incident_file(tmp_path, name)


def test_a_damaged_file_is_named(scene: Scene) -> None:
    opened(scene)
    file = incident_file(scene.folder / "state", CVE)
    document = json.loads(file.read_text())
    document["images"][0]["standing"] = "done"
    file.write_text(json.dumps(document))
    with pytest.raises(ConfigError, match=r"images\[0\].standing: unknown: 'done'"):
        read_incident(scene.folder / "state", CVE)
    file.write_text(file.read_text()[:100])
    with pytest.raises(ConfigError, match=file.name):
        read_incident(scene.folder / "state", CVE)


def test_an_image_that_the_list_no_longer_has_is_told(scene: Scene) -> None:
    incident = opened(scene)
    (scene.folder / "images.toml").write_text(
        '[[image]]\nsource = "job:1"\ntag = "job:1-hardened"\nconfig = "careen.toml"\n'
    )
    assert len(load_list(scene.folder / "images.toml")) == 1
    done = run(scene, incident)
    assert done.images[0].detail == "no entry of the list makes this tag any more"
