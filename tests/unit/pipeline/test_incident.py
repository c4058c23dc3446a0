"""An incident with a made-up update of each image: order, waves, limits, resumption, roll-back."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.errors import ConfigError, InputError, ToolError
from careen.model.findings.triage import Tier
from careen.model.incident import Fix, Incident, IncidentImage, Remedy, Standing
from careen.model.integration import Decision, Mode, Outcome, Step
from careen.model.patching import Blocked, BlockReason, PatchPlan, Reach
from careen.model.rbom import ImageRef
from careen.patch.store import write_patch_plan
from careen.pipeline.incidents import roll_back as roll_back_module
from careen.pipeline.incidents.affected import Affected, Exposure, in_waves
from careen.pipeline.incidents.open import open_incident
from careen.pipeline.incidents.removals import keep_removals, removals_of
from careen.pipeline.incidents.roll_back import roll_back
from careen.pipeline.incidents.run import Limits, run_incident
from careen.pipeline.incidents.size import size_of
from careen.pipeline.incidents.state import incident_file, only_incident, read_incident
from careen.pipeline.incidents.stated import ROLLED_BACK
from careen.pipeline.incidents.update import Images, Known
from careen.pipeline.integrating.state import Stored, write_state
from careen.pipeline.watching.image_list import Watched, load_list
from careen.pipeline.watching.lock import only_pass

CVE = "CVE-2026-1"
NOW = "2026-01-02T00:00:00Z"
ALL = Limits()
LIST = "".join(
    f'[[image]]\nsource = "{name}:1"\ntag = "{name}:1-hardened"\nconfig = "careen.toml"\n'
    for name in ("web", "job")
)


def found(*identifiers: str, tier: Tier = Tier.LOADED) -> Any:
    """A report with one finding of each identifier."""
    findings = [
        SimpleNamespace(
            tier=tier,
            finding=SimpleNamespace(name="loader", version="1.5", identifiers=("GHSA-1", each)),
        )
        for each in identifiers
    ]
    return SimpleNamespace(findings=findings, suppressed=())


@dataclass
class Scene:
    """`answers` are the outcomes by tag, or errors; the others are fixed. `means` is what a name
    means now. With `killed` the run ends right after the next promotion.
    """

    state: Path
    listed: tuple[Watched, ...]
    answers: dict[str, Outcome | Exception] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    means: dict[str, str] = field(default_factory=dict)
    killed: bool = False
    fixes: dict[str, Remedy] = field(default_factory=dict)
    removed: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def known(self, watched: Watched, image: IncidentImage) -> Known:
        remedy = self.fixes.get(watched.tag, Remedy(Fix.UPGRADE, "on offer"))
        if image.refused and remedy.fix is Fix.REMOVE:
            fix = Fix.UPGRADE if remedy.upgrades else Fix.NONE
            remedy = Remedy(fix, f"not removed: {image.refused}")
        return Known(remedy, "affected", b"{}\n")

    def remove(self, watched: Watched, globs: tuple[str, ...]) -> None:
        self.removed[watched.tag] = globs

    @property
    def images(self) -> Images:
        return Images(self.update, self.names, self.known, self.remove)

    def update(self, watched: Watched, *, fixes: tuple[str, ...] = ()) -> Outcome:
        self.done.append(" ".join((watched.tag, *fixes)))
        answer = self.answers.get(watched.tag, outcome())
        if isinstance(answer, Exception):
            raise answer
        if not answer.failure:
            self.means[watched.tag] = "sha256:new"
        if self.killed:
            raise KeyboardInterrupt
        return answer

    def names(self, watched: Watched) -> Mapping[str, str]:
        found = self.means.get(watched.tag)
        return {} if found is None else {watched.tag: found}

    @property
    def by_tag(self) -> Mapping[str, Watched]:
        return {each.tag: each for each in self.listed}

    def both(self) -> Exposure:
        web, job = self.listed
        return Exposure(
            (
                Affected(job.tag, "present", None, job),
                Affected(web.tag, "executed", listens=True, watched=web),
                Affected("other:1", "executed", listens=False),
            ),
            ("lost:1",),
            unknown=3,
        )

    def open(self, exposure: Exposure | None = None) -> Incident:
        return open_incident(CVE, exposure or self.both(), self.images, self.state, NOW)

    def run(self, incident: Incident, failures: int = 1, wave: int | None = None) -> Incident:
        return self.run_with(incident, self.images, Limits(failures, wave))

    def run_with(self, incident: Incident, images: Images, limits: Limits = ALL) -> Incident:
        return run_incident(incident, self.by_tag, images, limits, self.state, lambda _: None)


def outcome(report: Any = None, *, failure: str = "", status: int = 0) -> Outcome:
    decision = Decision(Step.WHOLE, ("advisories",))
    given = cast("Any", found() if report is None else report)
    return Outcome(
        "web",
        Mode.HARDEN,
        decision,
        "web:1",
        "sha256:in",
        "" if failure else "sha256:new",
        (),
        given,
        None,
        failure=failure,
        status=status,
        seconds=1.5,
    )


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    (tmp_path / "images.toml").write_text(LIST)
    (tmp_path / "careen.toml").write_text("")
    listed = load_list(tmp_path / "images.toml")
    return Scene(tmp_path / "state", listed, means={each.tag: "sha256:old" for each in listed})


def standings(incident: Incident) -> list[Standing]:
    return [image.standing for image in incident.images]


def test_what_executes_comes_first_and_what_nothing_rebuilds_is_named(scene: Scene) -> None:
    incident = scene.open()
    assert [(image.tag, image.use, image.wave) for image in incident.images] == [
        ("web:1-hardened", "executed", 1),
        ("job:1-hardened", "present", 2),
    ]
    assert (incident.unlisted, incident.unanswered, incident.unknown) == (
        ("other:1",),
        ("lost:1",),
        3,
    )
    assert read_incident(scene.state, CVE) == incident
    with pytest.raises(InputError, match="is open already"):
        scene.open()


def test_what_is_not_known_comes_before_what_is_only_there(scene: Scene) -> None:
    web, job = scene.listed
    exposure = Exposure(
        (
            Affected(web.tag, "present", listens=True, watched=web),
            Affected(job.tag, "not known", None, job),
        )
    )
    assert [image.tag for image in scene.open(exposure).images] == [
        "job:1-hardened",
        "web:1-hardened",
    ]


@pytest.mark.parametrize(("count", "second"), [(1, 0), (2, 1), (12, 2), (100, 10)])
def test_waves_are_one_a_tenth_and_the_rest(count: int, second: int, scene: Scene) -> None:
    listed = [replace(scene.listed[0], tag=f"web:{i}") for i in range(count)]
    images = in_waves([Affected(each.tag, "loaded", None, each) for each in listed])
    waves = [image.wave for image in images]
    assert (waves.count(1), waves.count(2), waves.count(3)) == (1, second, count - 1 - second)
    assert waves == sorted(waves)


def test_all_are_fixed_and_a_second_run_does_nothing(scene: Scene) -> None:
    done = scene.run(scene.open())
    assert standings(done) == [Standing.FIXED, Standing.FIXED]
    assert done.images[0].before == {"web:1-hardened": "sha256:old"}
    assert done.images[0].after == {"web:1-hardened": "sha256:new"}
    assert done.status == 0
    again = read_incident(scene.state, CVE)
    assert again == done
    assert scene.run(again) == done
    assert scene.done == ["web:1-hardened", "job:1-hardened"]


def test_a_failure_stops_the_run_and_the_next_one_goes_on(scene: Scene) -> None:
    scene.answers["web:1-hardened"] = outcome(failure="GET /health answers 500", status=3)
    done = scene.run(scene.open())
    assert standings(done) == [Standing.FAILED, Standing.WAITING]
    assert done.images[0].detail == "GET /health answers 500"
    assert done.status == 3
    more = scene.run(done, failures=2)
    assert standings(more) == [Standing.FAILED, Standing.FIXED]
    assert read_incident(scene.state, CVE) == more
    del scene.answers["web:1-hardened"]
    assert scene.run(more).status == 0


def test_what_a_name_meant_before_outlives_a_killed_run(scene: Scene) -> None:
    scene.killed = True
    with pytest.raises(KeyboardInterrupt):
        scene.run(scene.open())
    scene.killed = False
    done = scene.run(read_incident(scene.state, CVE), wave=1)
    assert (done.images[0].before, done.images[0].after) == (
        {"web:1-hardened": "sha256:old"},
        {"web:1-hardened": "sha256:new"},
    )


def test_an_exception_is_no_fix(scene: Scene) -> None:
    excused = SimpleNamespace(
        by=".careenignore:3", reason="not reachable", triaged=found(CVE).findings[0]
    )
    report = SimpleNamespace(findings=(), suppressed=(excused,))
    scene.answers["web:1-hardened"] = outcome(report)
    done = scene.run(scene.open())
    assert standings(done)[0] is Standing.LEFT
    assert done.images[0].detail == "not counted, by .careenignore:3: not reachable"


def test_an_error_is_a_failure(scene: Scene) -> None:
    scene.answers["web:1-hardened"] = ToolError("the registry does not answer")
    done = scene.run(scene.open(), failures=2)
    assert (done.images[0].detail, done.images[0].status) == ("the registry does not answer", 1)
    assert standings(done)[1] is Standing.FIXED


def test_a_wave_is_the_last_one_if_asked_for(scene: Scene) -> None:
    assert standings(scene.run(scene.open(), wave=1)) == [Standing.FIXED, Standing.WAITING]


def test_what_is_still_there_is_left_with_its_reason(scene: Scene) -> None:
    scene.answers["web:1-hardened"] = outcome(found(CVE.lower(), "CVE-2026-9"))
    done = scene.run(scene.open())
    assert standings(done) == [Standing.LEFT, Standing.FIXED]
    assert done.status == 3
    assert done.images[0].detail == "still in loader 1.5: advisories"


@pytest.mark.parametrize(
    ("barrier", "again"),
    [
        (BlockReason.UNAVAILABLE, True),
        (BlockReason.BREAKS, True),
        (BlockReason.REBUILD, False),
        (None, True),
    ],
)
def test_a_left_image_is_patched_again_if_that_may_help(
    scene: Scene, tmp_path: Path, barrier: BlockReason | None, *, again: bool
) -> None:
    if barrier is not None:
        blocked = Blocked("pkg:pypi/loader@1.5", "loader", "1.5", (CVE,), barrier, "so it is")
        image = ImageRef("web:1", None, "sha256:" + "1" * 64, (), "linux/amd64")
        plan = PatchPlan(image, Reach.SECURITY, (), (blocked,), (), ())
        (tmp_path / "plan.json").write_bytes(write_patch_plan(plan))
    left = replace(outcome(found(CVE)), evidence=str(tmp_path))
    scene.answers["web:1-hardened"] = left
    first = scene.run(scene.open(), wave=1)
    assert standings(first)[0] is Standing.LEFT
    scene.run(first, wave=1)
    assert scene.done == ["web:1-hardened", "web:1-hardened" + (f" {CVE}" if again else "")]


def test_what_nothing_can_fix_is_looked_at_and_left(scene: Scene) -> None:
    scene.fixes["web:1-hardened"] = Remedy(Fix.NONE, "loader 1.5: needs a rebuild", upgrades=False)
    scene.answers["web:1-hardened"] = outcome(found(CVE))
    opened = scene.open()
    assert (opened.images[0].fix, opened.images[0].vex) == (Fix.NONE, "affected")
    folder = incident_file(scene.state, CVE).with_suffix("")
    assert [each.name for each in folder.glob("*.*")] == [f"{scene.listed[0].key}.openvex"]
    done = scene.run(opened)
    assert done.images[0].detail == "still in loader 1.5: needs a rebuild"
    scene.run(done)
    assert f"web:1-hardened {CVE}" not in scene.done


def test_what_an_update_says_is_blocked_is_the_reason(scene: Scene) -> None:
    blocked = Blocked("pkg:a", "loader", "1.5", (CVE,), BlockReason.HELD, "by apt-mark")
    scene.answers["web:1-hardened"] = replace(outcome(found(CVE)), blocked=(blocked,))
    done = scene.run(scene.open())
    assert done.images[0].detail == "still in loader 1.5: held (by apt-mark)"


REMOVAL = Remedy(Fix.REMOVE, "nothing was seen to use /x.jar", ("/x.jar",))


def test_a_removal_is_for_later_runs_too(scene: Scene) -> None:
    scene.fixes["web:1-hardened"] = REMOVAL
    done = scene.run(scene.open())
    assert (standings(done)[0], done.images[0].fix) == (Standing.FIXED, Fix.REMOVE)
    assert scene.removed == {"web:1-hardened": ("/x.jar",), "job:1-hardened": ()}


def test_a_killed_removal_is_not_taken_back(scene: Scene) -> None:
    scene.fixes["web:1-hardened"] = REMOVAL
    scene.killed = True
    with pytest.raises(KeyboardInterrupt):
        scene.run(scene.open())
    scene.killed = False
    scene.fixes["web:1-hardened"] = Remedy(Fix.NOT_KNOWN, "its last result does not have it")
    done = scene.run(read_incident(scene.state, CVE), wave=1)
    assert (standings(done)[0], done.images[0].fix) == (Standing.FIXED, Fix.REMOVE)
    assert scene.removed == {"web:1-hardened": ("/x.jar",)}


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        (lambda: outcome(failure="GET / answers 500", status=3), "without its files: GET / an"),
        (lambda: outcome(found(CVE)), "a file that is kept needs its files"),
    ],
)
def test_a_removal_that_breaks_the_tests_gives_way_to_an_upgrade(
    scene: Scene, answer: Any, refused: str
) -> None:
    scene.fixes["web:1-hardened"] = REMOVAL
    answers = iter((answer(), outcome()))
    scene.answers = cast("Any", Taken(answers))
    done = scene.run(scene.open(), wave=1)
    assert (standings(done), done.images[0].fix) == (
        [Standing.FIXED, Standing.WAITING],
        Fix.UPGRADE,
    )
    assert done.images[0].refused.startswith(refused)
    assert done.images[0].seconds == 3.0
    assert scene.removed == {"web:1-hardened": ()}


class Taken:
    """Answers in their order, whatever the image."""

    def __init__(self, answers: Iterator[Outcome]) -> None:
        self.answers = answers

    def get(self, *_: object) -> Outcome:
        return next(self.answers)


def test_a_failure_of_another_kind_does_not_refuse_a_removal(scene: Scene) -> None:
    scene.fixes["web:1-hardened"] = REMOVAL
    scene.answers["web:1-hardened"] = outcome(failure="docker does not answer", status=1)
    done = scene.run(scene.open())
    assert (standings(done)[0], done.images[0].refused) == (Standing.FAILED, "")


def test_without_a_database_nothing_is_called_fixed(scene: Scene) -> None:
    scene.answers["web:1-hardened"] = replace(outcome(), report=None)
    done = scene.run(scene.open())
    assert standings(done)[0] is Standing.FAILED
    assert done.status == 1


def test_a_fix_that_no_test_proved_says_so(scene: Scene) -> None:
    scene.answers["web:1-hardened"] = replace(outcome(), done="hardened, and not tested")
    scene.answers["job:1-hardened"] = replace(outcome(), done="hardened and verified")
    done = scene.run(scene.open())
    assert standings(done) == [Standing.FIXED, Standing.FIXED]
    assert [image.detail for image in done.images] == ["hardened, and not tested", ""]


def test_a_crossed_threshold_is_a_failure(scene: Scene) -> None:
    scene.answers["web:1-hardened"] = outcome(status=2)
    done = scene.run(scene.open())
    assert (standings(done)[0], done.status) == (Standing.FAILED, 2)


def test_an_image_that_the_list_no_longer_has_is_told(scene: Scene) -> None:
    incident = scene.open()
    scene.listed = scene.listed[1:]
    done = scene.run(incident)
    assert done.images[0].detail == "no entry of the list makes this tag any more"


def test_a_dry_run_tells_the_size(scene: Scene) -> None:
    incident = scene.open()
    stored = Stored("harden", "", "", "", (), "", "", "", NOW, milliseconds=95_000)
    write_state(scene.state / scene.listed[0].key, stored)
    listed = {each.tag: each for each in scene.listed}
    assert size_of(incident, listed, scene.state, Limits()).splitlines() == [
        "CVE-2026-1: 2 images to fix (wave 1: 1, wave 2: 1)",
        "the last runs of 1 of them took 95 s, one after the other",
        "how long 1 of them take is not known",
        "fixes: upgrade: 2",
        "1  web:1-hardened  executed  upgrade: on offer",
        "2  job:1-hardened  present  upgrade: on offer",
    ]
    assert scene.done == []
    nothing = replace(incident.images[0], fix=Fix.NONE)
    said = size_of(incident.with_image(0, nothing), listed, scene.state, Limits()).splitlines()
    assert said[1:4] == [
        "how long 1 of them take is not known",
        "1 of them are looked at, and nothing is run",
        "fixes: upgrade: 1, none: 1",
    ]


def test_two_runs_at_once_are_refused(scene: Scene) -> None:
    scene.open()
    with (
        only_incident(scene.state, CVE),
        pytest.raises(ToolError, match="is running"),
        only_incident(scene.state, CVE),
    ):
        pass


class Moves:
    """A session whose store and registries move names in `means`."""

    def __init__(self, means: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.means = means
        self.skopeo = None
        self.progress = SimpleNamespace(note=lambda _: None)
        self.store = SimpleNamespace(client=self)
        monkeypatch.setattr(roll_back_module, "digest_at", lambda place, _: self.means[place])
        monkeypatch.setattr(roll_back_module, "retag", self.retag)

    def call(self, *words: str, doing: str) -> None:
        assert words[0] == "tag"
        assert doing
        self.means[words[2]] = words[1]

    def retag(self, image: object, digest: str, _skopeo: object) -> None:
        self.means[str(image)] = digest

    def roll_back(self, scene: Scene, incident: Incident) -> tuple[Incident, bool]:
        return roll_back(incident, scene.by_tag, scene.state, cast("Any", self))


REGISTRY = "docker://registry.example/web:1"


def test_a_roll_back_moves_all_names_of_what_was_promoted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.answers["job:1-hardened"] = outcome(found(CVE))
    done = scene.run(scene.open())
    assert standings(done) == [Standing.FIXED, Standing.LEFT]
    first = replace(
        done.images[0],
        before={**done.images[0].before, REGISTRY: "sha256:r"},
        after={**done.images[0].after, REGISTRY: "sha256:s"},
    )
    moves = Moves({**scene.means, REGISTRY: "sha256:s"}, monkeypatch)
    back, whole = moves.roll_back(scene, replace(done, images=(first, done.images[1])))
    assert whole
    assert moves.means == {
        "web:1-hardened": "sha256:old",
        "job:1-hardened": "sha256:old",
        REGISTRY: "sha256:r",
    }
    assert standings(back) == [Standing.ROLLED_BACK, Standing.ROLLED_BACK]
    assert {each.vex for each in back.images} == {ROLLED_BACK}
    assert not list(incident_file(scene.state, CVE).with_suffix("").glob("*.openvex"))
    assert read_incident(scene.state, CVE) == back
    assert moves.roll_back(scene, back) == (back, True)


def test_what_was_promoted_since_is_not_overwritten(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = scene.run(scene.open(), wave=1)
    moves = Moves({**scene.means, "web:1-hardened": "sha256:newer"}, monkeypatch)
    back, whole = moves.roll_back(scene, done)
    assert not whole
    assert moves.means["web:1-hardened"] == "sha256:newer"
    assert standings(back)[0] is Standing.FIXED
    assert "web:1-hardened means another image by now" in back.images[0].detail


def test_a_roll_back_tells_what_a_run_that_was_cut_off_may_have_moved(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = scene.run(scene.open(), wave=1)
    cut = done.with_image(0, replace(done.images[0], standing=Standing.WAITING, after={}))
    folder = scene.state / scene.listed[0].key
    keep_removals(folder, CVE, ("/x.jar",))
    back, whole = Moves(dict(scene.means), monkeypatch).roll_back(scene, cut)
    assert not whole
    assert "did not write down" in back.images[0].detail
    assert removals_of(folder) == {}


def test_a_roll_back_ends_the_removals_of_what_was_not_promoted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = scene.run(scene.open(), wave=1)
    first = done.images[0]
    failed = replace(first, standing=Standing.FAILED, after=first.before)
    folder = scene.state / scene.listed[0].key
    keep_removals(folder, CVE, ("/x.jar",))
    moves = Moves(dict(first.before), monkeypatch)
    back, whole = moves.roll_back(scene, done.with_image(0, failed))
    assert (whole, standings(back)[0]) == (True, Standing.FAILED)
    assert removals_of(folder) == {}


def test_a_first_result_is_not_rolled_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    del scene.means["web:1-hardened"]
    done = scene.run(scene.open(), wave=1)
    back, whole = Moves(dict(scene.means), monkeypatch).roll_back(scene, done)
    assert (whole, standings(back)[0]) == (False, Standing.FIXED)
    assert "meant no image before the incident" in back.images[0].detail


def test_an_image_that_is_worked_on_is_not_rolled_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = scene.run(scene.open(), wave=1)
    with only_pass(scene.state / scene.listed[0].key, NOW):
        back, whole = Moves(dict(scene.means), monkeypatch).roll_back(scene, done)
    assert not whole
    assert "is running" in back.images[0].detail


def test_a_run_of_no_incident_leaves_nothing(scene: Scene) -> None:
    with pytest.raises(InputError, match="no incident"), only_incident(scene.state, CVE):
        pass
    assert not scene.state.exists()


@pytest.mark.parametrize("name", ["", "../x", "CVE 1", "CVE-1/2", "CVE-2021-\n1", "ĆVE-1"])
def test_no_file_outside_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not an identifier"):
        incident_file(tmp_path, name)


def test_a_damaged_file_is_named(scene: Scene) -> None:
    scene.open()
    file = incident_file(scene.state, CVE)
    document = json.loads(file.read_text())
    document["images"][0]["standing"] = "done"
    file.write_text(json.dumps(document))
    with pytest.raises(ConfigError, match=r"images\[0\].standing: unknown: 'done'"):
        read_incident(scene.state, CVE)
    file.write_text(file.read_text()[:100])
    with pytest.raises(ConfigError, match=file.name):
        read_incident(scene.state, CVE)


def test_none_was_opened(scene: Scene) -> None:
    with pytest.raises(InputError, match="no incident 'CVE-2026-7'"):
        read_incident(scene.state, "CVE-2026-7")
